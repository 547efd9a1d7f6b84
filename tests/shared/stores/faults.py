"""A store that fails: what AWS answers when it refuses, put in the place of the answer of a real client."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

THROTTLED = ("ProvisionedThroughputExceededException", 400)
DOWN = ("InternalServerError", 500)


@contextmanager
def refusing(client: Any, operation: str = "*", error: tuple[str, int] = THROTTLED, after: int = 0) -> Iterator[None]:
    """Let `client` refuse all calls of an operation but the first `after`."""
    code, status = error
    reply = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    calls = iter(range(after))

    def answer(**_: Any) -> Any:
        return None if next(calls, None) is not None else (SimpleNamespace(status_code=status), reply)

    yield from _hooked(client, operation, answer)


@contextmanager
def cancelled(client: Any, reasons: list[str], times: int = 100) -> Iterator[None]:
    """Let DynamoDB cancel the first `times` transactions for these reasons."""
    reply = {
        "Error": {"Code": "TransactionCanceledException", "Message": "no"},
        "ResponseMetadata": {"HTTPStatusCode": 400},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    calls = iter(range(times))

    def answer(**_: Any) -> Any:
        return None if next(calls, None) is None else (SimpleNamespace(status_code=400), reply)

    yield from _hooked(client, "TransactWriteItems", answer)


@contextmanager
def unreachable(client: Any, operation: str = "*") -> Iterator[None]:
    """Let no call of an operation reach AWS."""

    def fail(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://nowhere.example")

    yield from _hooked(client, operation, fail)


@contextmanager
def unheard(client: Any, operation: str, error: Exception | None = None) -> Iterator[None]:
    """Let the first call of an operation be carried out and its reply be lost, or `error` be heard in its place."""
    lost = error or ReadTimeoutError(endpoint_url="https://nowhere.example")
    calls = iter(range(1))

    def lose(**_: Any) -> None:
        if next(calls, None) is not None:
            raise lost

    name = f"after-call.{client.meta.service_model.service_name}.{operation}"
    client.meta.events.register(name, lose)
    try:
        yield
    finally:
        client.meta.events.unregister(name, lose)


def _hooked(client: Any, operation: str, answer: Any) -> Iterator[None]:
    service = client.meta.service_model.service_name
    name = f"before-call.{service}" if operation == "*" else f"before-call.{service}.{operation}"
    # First in line, before moto's own hook at the socket.
    client.meta.events.register_first(name, answer)
    try:
        yield
    finally:
        client.meta.events.unregister(name, answer)
