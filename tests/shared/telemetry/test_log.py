"""What a function writes: whose line it is, where an exception came from, and never what it said."""

import json
import sys
from typing import Any
from unittest.mock import patch

import pytest
from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import ClientError

from shared.domain.errors import NotDoneError
from shared.telemetry.log import FailedError, begin, logger, named, observed, where
from shared.telemetry.metrics import Metric, tell
from tests.gateway import Context

SECRET = "ann@example.com"
DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": f"not for {SECRET}"}}, "UpdateSchedule")


def lines(capsys: pytest.CaptureFixture[str], act: Any) -> list[dict[str, Any]]:
    capsys.readouterr()
    with patch.object(logger.registered_handler, "stream", sys.stdout):
        act()
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def failing() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise ValueError(SECRET) from error


def test_a_line_is_of_the_function_and_the_request_that_began_last(capsys: pytest.CaptureFixture[str]) -> None:
    def act() -> None:
        for id_ in ("r1", "r2"):
            begin("ingest", id_)
            logger.info("told", extra={"n": 1})

    told = lines(capsys, act)
    assert [(each["function"], each["correlation_id"], each["level"]) for each in told] == [
        ("ingest", "r1", "INFO"),
        ("ingest", "r2", "INFO"),
    ]
    assert set(told[0]) == {"level", "location", "message", "timestamp", "function", "correlation_id", "n"}


def test_a_request_is_known_by_the_gateways_id_and_any_other_work_by_lambdas(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @observed("x")
    def handler(_event: Any, _context: Any) -> None:
        logger.info("told")

    def act() -> None:
        handler({"requestContext": {"requestId": "of-the-gateway"}}, Context())
        handler({"Records": []}, Context())
        handler({}, None)

    assert [each["correlation_id"] for each in lines(capsys, act)] == ["of-the-gateway", "request-1", "unknown"]


def test_an_exception_is_told_by_types_and_places_all_the_way_down(capsys: pytest.CaptureFixture[str]) -> None:
    def act() -> None:
        try:
            failing()
        except ValueError:
            logger.exception("failed")

    (told,) = lines(capsys, act)
    assert SECRET not in json.dumps(told)
    assert told["exception_name"] == "ValueError"
    assert "test_log.py" in told["exception"]
    assert "from KeyError" in told["exception"]


def test_a_refusal_of_awss_names_the_call_and_the_code_and_not_the_words() -> None:
    assert named(DENIED) == "ClientError AccessDenied of UpdateSchedule"
    assert named(ValueError(SECRET)) == "ValueError"
    assert SECRET not in where(DENIED)


@pytest.mark.parametrize("error", [ValueError(SECRET), DENIED])
def test_what_escapes_is_told_without_its_words(capsys: pytest.CaptureFixture[str], error: Exception) -> None:
    @observed("x")
    def handler(_event: Any, _context: Any) -> None:
        raise error

    def act() -> None:
        with pytest.raises(FailedError, match=type(error).__name__) as failed:
            handler({}, Context())
        assert SECRET not in str(failed.value)

    (told,) = lines(capsys, act)
    assert (told["level"], told["message"]) == ("ERROR", "failed")
    assert SECRET not in json.dumps(told)


def test_an_exception_of_ours_keeps_its_words_and_loses_what_it_came_from() -> None:
    """`regulars train` shows them, and a stream's reader is asked again by them."""

    @observed("x")
    def handler(_event: Any, _context: Any) -> None:
        raise NotDoneError("17") from KeyError(SECRET)

    with pytest.raises(NotDoneError) as failed:
        handler({}, Context())
    assert failed.value.sequence == "17"
    assert failed.value.__cause__ is None


def test_metrics_of_one_line_are_counted_each_under_its_own_dimension(capsys: pytest.CaptureFixture[str]) -> None:
    begin("recommend", "r1")
    slow = Metric("Latency", MetricUnit.Milliseconds, 7, ("surface", "cart"))
    (told,) = lines(capsys, lambda: tell(slow, Metric("Fallbacks", MetricUnit.Count, 1), source="shopify"))
    directives = told["_aws"]["CloudWatchMetrics"]
    assert [(each["Dimensions"], each["Metrics"][0]["Name"]) for each in directives] == [
        ([["surface"]], "Latency"),
        ([[]], "Fallbacks"),
    ]
    assert (told["surface"], told["Latency"], told["Fallbacks"]) == ("cart", [7.0], [1.0])
    assert (told["level"], told["function"], told["correlation_id"]) == ("INFO", "recommend", "r1")
    assert told["source"] == "shopify"
