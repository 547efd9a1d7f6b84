"""No line of a log holds anything of a shopper, whatever comes in; and a function that writes some is caught."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from functions.archive.app import handler as archive
from functions.fulfil.app import handler as fulfil
from functions.ingest import app as ingest
from shared.telemetry.log import FailedError, logger
from tests.canaries import ADDRESS, CUSTOMER, DEVICE, EMAIL, ORDER, PERSON, REVIEW, UNKNOWN_KEY, leaks, unstructured
from tests.conftest import Keys
from tests.functions.api import Api
from tests.gateway import Context

NOW = datetime.now(UTC)


@pytest.fixture
def api(keys: Keys) -> Api:
    return Api(keys)


def record(**changes: Any) -> dict[str, Any]:
    told = {"type": "track", "event": "Product Reviewed", "userId": CUSTOMER, "anonymousId": DEVICE}
    properties = {"product_id": "lamp", "review_body": REVIEW, "order_id": ORDER}
    return told | {"properties": properties, "context": {"ip": ADDRESS, "traits": PERSON}} | changes


def refused(api: Api) -> None:
    """Requests that are bad in every way, each with something of a shopper in it."""
    future = (NOW + timedelta(days=2)).isoformat()
    bad = [record(), record(timestamp=future), record(timestamp=EMAIL), record(properties=REVIEW), EMAIL]
    assert api.server.post("/v1/batch", {"batch": bad}).status == 207
    assert api.server.call("POST", "/v1/batch", f'{{"batch": "{EMAIL}').status == 400
    assert api.server.get(f"/v1/nothing/{EMAIL}").status == 404
    assert api.caller(UNKNOWN_KEY).get(f"/v1/customers/{CUSTOMER}/events").status == 401
    assert api.browser.post("/v1/recommendations", {"surface": EMAIL, "customer_id": CUSTOMER}).status == 400
    assert api.server.post("/v1/erasures", {"customer_id": CUSTOMER, "why": EMAIL}).status in {202, 400}
    said = {"source": "review", "text": f"{REVIEW} {EMAIL}", "customer_id": CUSTOMER, "order_id": ORDER}
    feedback = {"feedback": [said, said | {"rating": EMAIL}, said | {EMAIL: REVIEW}, REVIEW]}
    assert api.server.post("/v1/feedback", feedback).status == 207
    assert api.server.post("/v1/sentiment", {"texts": [REVIEW, "", EMAIL * 2_000]}).status == 207
    assert api.server.call("DELETE", f"/v1/feedback/{CUSTOMER}").status == 404


def told(capsys: pytest.CaptureFixture[str], act: Callable[[], object]) -> list[str]:
    """The lines of the log. The logger writes where standard output was when it was made."""
    capsys.readouterr()
    with patch.object(logger.registered_handler, "stream", sys.stdout):
        act()
    return capsys.readouterr().out.splitlines()


def test_what_is_refused_is_told_without_what_it_carried(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, lambda: refused(api))
    answered = [json.loads(line)["status"] for line in lines if '"answered"' in line]
    assert answered[:4] == [400, 404, 401, 400]
    assert leaks(lines) == []
    assert unstructured(lines) == []


def test_a_function_that_logs_what_came_in_is_caught(
    api: Api, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scan itself, on a leak that is planted."""
    take_in: Any = vars(ingest)["take_in"]

    def careless(found: Any, *rest: Any) -> Any:
        logger.info("taking in", extra={"events": str(found.accepted)})
        return take_in(found, *rest)

    monkeypatch.setattr(ingest, "take_in", careless)
    lines = told(capsys, lambda: refused(api))
    assert {word for word in (CUSTOMER, REVIEW, ORDER) if any(word in leak for leak in leaks(lines))} == {
        CUSTOMER,
        REVIEW,
        ORDER,
    }


@pytest.mark.parametrize("line", ["taken in", '{"level": "INFO", "function": "ingest"}', '["level"]'])
def test_a_line_without_its_function_level_and_request_is_caught(line: str) -> None:
    assert unstructured([line]) == [line]


def fails(reason: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise reason

    return fail


def test_an_exception_that_quotes_a_shopper_is_told_by_its_type_and_place(
    api: Api, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "take_in", fails(KeyError(f"no {EMAIL} of {CUSTOMER}")))
    replies: list[Any] = []
    lines = told(capsys, lambda: replies.append(api.server.post("/v1/track", record(type=None))))
    assert replies[0].status == 500
    (unhandled,) = (json.loads(line) for line in lines if '"unhandled"' in line)
    assert unhandled["exception_name"] == "KeyError"
    assert "test_leaks.py" in unhandled["exception"]
    assert unhandled["correlation_id"] == replies[0].json()["instance"]
    assert leaks(lines) == leaks([replies[0].text]) == []


def test_what_escapes_a_function_says_nothing_either(keys: Keys, capsys: pytest.CaptureFixture[str]) -> None:
    """Lambda writes it into the log, and hands it to whoever invoked the function."""
    assert keys
    body = json.dumps({"job_id": {"of": EMAIL}, "kind": CUSTOMER})
    failures: list[FailedError] = []

    def act() -> None:
        with pytest.raises(FailedError, match="ValidationError") as failed:
            fulfil({"Records": [{"body": body}]}, Context())
        failures.append(failed.value)

    lines = told(capsys, act)
    (failure,) = failures
    assert failure.__cause__ is None
    assert failure.__suppress_context__
    assert lines
    assert leaks([*lines, str(failure)]) == []
    assert unstructured(lines) == []


def test_a_record_that_is_set_aside_is_told_without_what_is_in_it(
    keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keys
    image = {"pk": {"S": f"CUSTOMER#user:{CUSTOMER}"}, "sk": {"S": "EVENT#x"}, "time": {"S": EMAIL}}
    bad = {"eventName": "INSERT", "dynamodb": {"Keys": image, "NewImage": image, "SequenceNumber": "1"}}
    lines = told(capsys, lambda: archive({"Records": [bad]}, Context()))
    assert any("a record is set aside" in line for line in lines)
    assert leaks(lines) == []
    assert unstructured(lines) == []
