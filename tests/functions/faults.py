"""Bad days, on a clock of their own: what AWS answers to single attempts of a real client.

So its own time-outs and repetitions are at work, and how long all of that would take is known in no time.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import botocore.endpoint
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from moto.core.models import botocore_stubber

from shared.stores import clients

SLOW_SECONDS = 1.9
"""Just before the client would give up and try again."""
TOLERANCE = timedelta(minutes=5)
"""Between the clock that signs a request and AWS's own."""
JSON, XML = "application/x-amz-json-1.0", "application/xml"


class Clock:
    """Seconds that pass only where somebody would wait."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Promise:
    """What a task gave, and when it was done."""

    def __init__(self, clock: Clock, finish: float, outcome: Callable[[], Any]) -> None:
        self._clock, self._finish, self._outcome = clock, finish, outcome

    def done(self) -> bool:
        return self._finish <= self._clock.now

    def wait(self, seconds: float) -> None:
        self._clock.now = max(self._clock.now, min(self._finish, self._clock.now + seconds))

    def result(self, timeout: float = float("inf")) -> Any:
        self.wait(timeout)
        if not self.done():
            raise TimeoutError
        return self._outcome()


class Lanes:
    """A pool of threads: runs one task after the other, while the clock shows what they take side by side."""

    def __init__(self, clock: Clock, workers: int) -> None:
        self._clock = clock
        self._free = [0.0] * workers

    def __enter__(self) -> "Lanes":
        return self

    def __exit__(self, *_: object) -> None:
        self._clock.now = max(self._clock.now, *self._free)

    def submit(self, task: Callable[..., Any], *arguments: Any) -> Promise:
        began = self._clock.now
        lane = self._free.index(min(self._free))
        self._clock.now = max(began, self._free[lane])
        try:
            value = task(*arguments)
        except BaseException as error:  # whatever a thread may end with
            promise = Promise(self._clock, self._clock.now, partial(_raise, error))
        else:
            promise = Promise(self._clock, self._clock.now, lambda: value)
        self._free[lane], self._clock.now = self._clock.now, began
        return promise

    def map(self, task: Callable[..., Any], *arguments: Iterable[Any]) -> Iterator[Any]:
        promises = [self.submit(task, *each) for each in zip(*arguments, strict=False)]
        return (promise.result() for promise in promises)


def _raise(error: BaseException) -> None:
    raise error


class Attempt(NamedTuple):
    """One attempt at one call: what a fault may look at, and do."""

    clock: Clock
    client: Any
    operation: str
    request: Any
    kept: dict[str, AWSResponse | None]
    """Replies to transactions, by their tokens."""

    @property
    def number(self) -> int:
        return int(dict(self.request.headers)["amz-sdk-request"].split(b"attempt=")[1].split(b";")[0])

    @property
    def is_write(self) -> bool:
        return not self.operation.startswith(("Get", "BatchGet", "Query", "Scan", "Head", "List"))

    def made(self) -> AWSResponse | None:
        """What AWS does, and answers. A transaction that comes again is the same one, which moto does not know."""
        token = json.loads(self.request.body)["ClientRequestToken"] if self.operation == "TransactWriteItems" else ""
        if token not in self.kept:
            self.kept[token] = botocore_stubber("", self.request)
        return self.kept.pop(token) if not token else self.kept[token]

    def answer(self, status: int, body: dict[str, Any] | str) -> AWSResponse:
        kind, text = (XML, body) if isinstance(body, str) else (JSON, json.dumps(body))
        return AWSResponse(
            self.request.url, status, HTTPHeaders.from_dict({"content-type": kind}), MockRawResponse(text)
        )

    def refused(self, code: str, status: int = 400) -> AWSResponse:
        error = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
        match self.client.meta.service_model.resolved_protocol:
            case "rest-xml":
                return self.answer(status, error)
            case "query":
                return self.answer(status, f"<ErrorResponse>{error}</ErrorResponse>")
        return self.answer(status, {"__type": f"com.amazonaws#{code}", "message": "no"})


ASK_AWS = BotocoreStubber.__call__
Strike = Callable[[Attempt], AWSResponse | None]


def throttled(attempt: Attempt) -> AWSResponse:
    return attempt.refused(("ProvisionedThroughputExceededException", "ThrottlingException")[attempt.number % 2])


def failing(attempt: Attempt) -> AWSResponse:
    return attempt.refused("InternalServerError", 500)


def slow_down(attempt: Attempt) -> AWSResponse:
    return attempt.refused("SlowDown", 503)


def timed_out(attempt: Attempt) -> None:
    """No connection, or no first byte, for as long as the client waits for either."""
    config = attempt.client.meta.config
    if attempt.number % 2:
        attempt.clock.sleep(config.read_timeout)
        raise ReadTimeoutError(endpoint_url=attempt.request.url)
    attempt.clock.sleep(config.connect_timeout)
    raise ConnectTimeoutError(endpoint_url=attempt.request.url)


def slow(attempt: Attempt) -> None:
    attempt.clock.sleep(SLOW_SECONDS)


def half_done(attempt: Attempt) -> AWSResponse | None:
    """The last record of a batch is never processed, and somebody else is at work on all that a transaction takes."""
    body = json.loads(attempt.request.body)
    match attempt.operation:
        case "BatchWriteItem":
            return _without_last(attempt, body["RequestItems"])
        case "BatchGetItem":
            (table,) = body["RequestItems"]
            return attempt.answer(200, {"Responses": {table: []}, "UnprocessedKeys": body["RequestItems"]})
        case "TransactWriteItems":
            reasons = [{"Code": "TransactionConflict", "Message": "no"} for _ in body["TransactItems"]]
            reply = {"__type": "com.amazonaws#TransactionCanceledException", "CancellationReasons": reasons}
            return attempt.answer(400, reply | {"message": "no"})
    return None


def _without_last(attempt: Attempt, asked: dict[str, list[Any]]) -> AWSResponse:
    """All of the batch but its last record is written."""
    ((table, (*kept, last)),) = asked.items()
    if kept:
        attempt.request.body = json.dumps({"RequestItems": {table: kept}}).encode()
        botocore_stubber("", attempt.request)
    return attempt.answer(200, {"UnprocessedItems": {table: [last]}})


def hiccup(attempt: Attempt) -> AWSResponse | None:
    """The first attempt at each call fails: a read is refused, a write is done and its reply lost."""
    if attempt.number > 1:
        return attempt.made()
    if not attempt.is_write:
        return failing(attempt)
    attempt.made()
    attempt.clock.sleep(attempt.client.meta.config.read_timeout)
    raise ReadTimeoutError(endpoint_url=attempt.request.url)


def skewed(attempt: Attempt) -> AWSResponse | None:
    """AWS takes no request that was signed by a clock minutes away from its own."""
    signed = datetime.strptime(attempt.request.headers["X-Amz-Date"].decode(), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if abs(datetime.now(UTC) - signed) <= TOLERANCE:
        return None
    is_s3 = attempt.client.meta.service_model.service_name == "s3"
    return attempt.refused("RequestTimeTooSkewed", 403) if is_s3 else attempt.refused("InvalidSignatureException")


def no_memory(_: Attempt) -> None:
    raise MemoryError


@contextmanager
def struck(client: Any, strike: Strike, clock: Clock) -> Iterator[None]:
    """Let this happen to every attempt of every call of a client."""
    kept: dict[str, AWSResponse | None] = {}

    def hook(event_name: str, request: Any, **_: Any) -> AWSResponse | None:
        reply = strike(Attempt(clock, client, event_name.rpartition(".")[2], request, kept))
        request.is_answered = reply is not None
        return reply

    client.meta.events.register_first("before-send", hook)
    try:
        yield
    finally:
        client.meta.events.unregister("before-send", hook)


def unless_answered(event_name: str, request: Any, **_: Any) -> AWSResponse | None:
    """What stands in for AWS does nothing with a request that was answered before it: botocore asks all who listen."""
    return None if getattr(request, "is_answered", False) else ASK_AWS(botocore_stubber, event_name, request)


def waits_on(clock: Clock, modules: Iterable[Any], patch: Callable[[Any, str, Any], None]) -> None:
    """Let nobody really wait: the client and these modules sleep on this clock, and their threads run on its lanes."""
    patch(botocore.endpoint, "time", SimpleNamespace(sleep=clock.sleep, time=time.time))
    for module in modules:
        if hasattr(module, "sleep"):
            patch(module, "sleep", clock.sleep)
        if hasattr(module, "monotonic"):
            patch(module, "monotonic", clock)
        if hasattr(module, "ThreadPoolExecutor"):
            patch(module, "ThreadPoolExecutor", lambda workers, *_: Lanes(clock, workers))


CLIENTS = {
    "table": clients.dynamodb,
    "secrets": clients.ssm,
    "queue": clients.sqs,
    "bucket": clients.s3,
    "bucket for requests": clients.quick_s3,
}
