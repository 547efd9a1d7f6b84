"""What recommend tells CloudWatch: time and fallbacks by surface, the age of the model, and nothing of the shopper."""

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.recommend.served import AGE_SECONDS, Age
from shared.stores import clients
from tests.functions.recommend.conftest import A_MINUTE, NOW, Shop
from tests.shared.stores.faults import unreachable

Lines = list[dict[str, Any]]


def told(capsys: pytest.CaptureFixture[str], metric: str) -> Lines:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if f'"{metric}"' in line]


def test_a_list_is_counted_under_its_surface_in_the_stacks_namespace(
    modelled: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    modelled.ask("similar", item_id="lamp")
    (line,) = told(capsys, "Latency")
    by_surface, of_all = line["_aws"]["CloudWatchMetrics"]
    assert (by_surface["Namespace"], by_surface["Dimensions"]) == ("Regulars/regulars-test", [["surface"]])
    assert (of_all["Dimensions"], [each["Name"] for each in of_all["Metrics"]]) == ([[]], ["Fallbacks"])
    assert line["surface"] == "similar"
    assert 0 < line["Latency"][0] < 60_000
    assert line["Fallbacks"] == [0]


def test_a_simpler_method_is_counted_as_a_fallback(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    reply = shop.ask("for-you", customer_id="ann")
    assert reply["note"]
    assert [line["Fallbacks"] for line in told(capsys, "Latency")] == [[1]]


def test_a_list_from_memory_is_counted_as_a_fallback(modelled: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    modelled.ask("similar", item_id="lamp")
    assert [line["Fallbacks"] for line in told(capsys, "Latency")] == [[0]]
    modelled.seconds += A_MINUTE
    with unreachable(clients.dynamodb()):
        modelled.ask("similar", item_id="lamp")
    assert [line["Fallbacks"] for line in told(capsys, "Latency")] == [[1]]


def test_each_of_several_lists_is_counted(modelled: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    lists = [{"surface": "similar", "item_id": "lamp"}, {"surface": "popular"}]
    assert modelled.api.server.post("/v1/recommendations/lists", {"lists": lists}).status == 200
    assert [line["surface"] for line in told(capsys, "Latency")] == ["similar", "popular"]


def test_nothing_of_the_shopper_is_told(modelled: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    modelled.ask("for-you", customer_id="ann-the-canary", exclude=["rug"])
    (line,) = told(capsys, "Latency")
    assert set(line) == {"_aws", "level", "function", "correlation_id", "surface", "Latency", "Fallbacks"}
    assert "canary" not in json.dumps(line)


def test_the_age_of_the_model_is_told_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    seconds, created = 0.0, NOW - timedelta(hours=30)
    age = Age(lambda: seconds)
    age.tell(None, NOW)
    assert told(capsys, "ModelAge") == []
    age.tell(created, NOW)
    age.tell(created, NOW)
    assert [line["ModelAge"] for line in told(capsys, "ModelAge")] == [[30.0]]
    seconds = AGE_SECONDS
    age.tell(created, NOW + timedelta(hours=1))
    assert [line["ModelAge"] for line in told(capsys, "ModelAge")] == [[31.0]]


def test_the_function_tells_the_age_of_the_model_that_serves(
    modelled: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    modelled.ask("similar", item_id="lamp")
    modelled.ask("similar", item_id="lamp")
    assert len(told(capsys, "ModelAge")) == 1
