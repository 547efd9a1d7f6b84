"""Figures of feedback: equal to the truth at once, however often it is sent, and whatever is taken back."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from statistics import fmean
from typing import Any

import pytest

from shared.domain.events import KNOWN, CustomerRef
from shared.domain.rights import Cut
from shared.stores import clients
from shared.stores.shoppers import ShopperStore
from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.feedback.test_feedback import listed, piece, post
from tests.shared.stores.faults import DOWN, cancelled, refusing

NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
TODAY = NOW.date()
SAID = ["The fit is great.", "Awful. The fit is bad.", "It came.", "I love the colour. The fit is terrible."]


def at(n: int, days: int, **fields: Any) -> dict[str, Any]:
    """Feedback of some days ago: its text, item, source and rating follow from its number."""
    said = {"time": (NOW - timedelta(days=days)).isoformat(), "item_id": f"i{n % 3}", "rating": 1 + n % 5}
    return piece(n, SAID[n % 4], **said | {"source": ["review", "survey"][n % 2]} | fields)


def summary(api: Api, query: str = "") -> dict[str, Any]:
    reply = api.server.get(f"/v1/feedback/summary?{query}")
    assert reply.status == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


def figures(found: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The truth: what there is to be told of feedback as it is listed."""
    pieces = list(found)
    labels = {label: sum(each["label"] == label for each in pieces) for label in ("positive", "neutral", "negative")}
    rated = [each["rating"] for each in pieces if each.get("rating")]
    told = len(pieces)
    return {
        "count": told,
        **labels,
        "abstained": sum(each["abstained"] for each in pieces),
        "mean_score": fmean(each["score"] for each in pieces) if told else None,
        "mean_rating": fmean(rated) if rated else None,
        "rated": len(rated),
        "net_sentiment": (labels["positive"] - labels["negative"]) / told if told else None,
    }


def assert_figures(told: dict[str, Any], found: Iterable[dict[str, Any]]) -> None:
    assert {name: told[name] for name in figures([])} == pytest.approx(figures(found), abs=1e-6)


def of_aspect(found: Iterable[dict[str, Any]], aspect: str) -> list[dict[str, Any]]:
    """As if only that had been said: the strongest of what is said of it."""
    return [
        each | {name: said[name] for name in ("label", "score", "abstained")}
        for each in found
        for said in [
            max((a for a in each["aspects"] if a["aspect"] == aspect), key=lambda a: abs(a["score"]), default=None)
        ]
        if said
    ]


@pytest.fixture
def found(api: Api) -> list[dict[str, Any]]:
    """Sixty pieces over 59 days."""
    post(api, *(at(n, n) for n in range(60)))
    return listed(api, "?limit=100")


def test_it_is_the_truth_in_all_and_by_source_aspect_and_category(api: Api, found: list[dict[str, Any]]) -> None:
    told = summary(api)
    assert told["total"]["count"] == 60
    assert_figures(told["total"], found)
    for group in told["sources"]:
        assert_figures(group, [each for each in found if each["source"] == group["name"]])
    assert "fit" in {group["name"] for group in told["aspects"]}
    for group in told["aspects"]:
        assert_figures(group, of_aspect(found, group["name"]))
    for group in told["categories"]:
        assert_figures(group, [each for each in found if group["name"] in each["categories"]])


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_every_point_is_the_truth_and_none_is_missing(api: Api, found: list[dict[str, Any]], period: str) -> None:
    first, last = TODAY - timedelta(days=40), TODAY - timedelta(days=5)
    told = summary(api, f"period={period}&since={first}&until={last}")
    starts = [date.fromisoformat(each["start"]) for each in told["points"]]
    assert starts[0] == first
    assert starts == [first, *(day for day in days_of(first, last)[1:] if begins(day, period))]
    for each, start, end in zip(told["points"], starts, [*starts[1:], last + timedelta(days=1)], strict=True):
        assert_figures(each, [one for one in found if start <= day_of(one) < end])
    assert_figures(told["total"], [one for one in found if first <= day_of(one) <= last])


def days_of(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def begins(day: date, period: str) -> bool:
    return {"day": True, "week": day.weekday() == 0, "month": day.day == 1}[period]


def day_of(one: dict[str, Any]) -> date:
    return datetime.fromisoformat(one["time"]).date()


@pytest.mark.parametrize("query", ["item_id=i1", "source=survey", "item_id=i2&source=review", "item_id=nothing"])
def test_of_an_item_or_a_source(api: Api, found: list[dict[str, Any]], query: str) -> None:
    wanted = dict(pair.split("=") for pair in query.split("&"))
    those = [each for each in found if all(each[name] == value for name, value in wanted.items())]
    assert_figures(summary(api, query)["total"], those)
    assert_figures(summary(api, f"{query}&aspect=fit")["total"], of_aspect(those, "fit"))


def test_whatever_comes_again_changes_nothing(api: Api) -> None:
    pieces = [at(n, n) for n in range(20)]
    post(api, *pieces)
    before = summary(api)
    assert before["total"]["count"] == 20
    for start, end in [(0, 7), (3, 12), (0, 20), (19, 20)]:
        post(api, *pieces[start:end])
    post(api, *(each | {"text": "Something else."} for each in pieces))
    assert summary(api) == before
    post(api, at(20, 1), *pieces)
    assert_figures(summary(api)["total"], listed(api))


def test_what_is_written_in_part_and_comes_again_counts_once(api: Api) -> None:
    pieces = [at(n, n) for n in range(60)]
    for after in (1, 1):
        with refusing(clients.dynamodb(), "TransactWriteItems", DOWN, after=after):
            assert post(api, *pieces).status == 503
        assert_figures(summary(api)["total"], listed(api, "?limit=100"))
    assert post(api, *pieces).json()["accepted"] == 60
    assert_figures(summary(api)["total"], listed(api, "?limit=100"))


def test_two_at_once_count_both(api: Api, table: Table) -> None:
    """Another writer is in the midst of the same sums: its transaction goes first, ours comes again."""
    with cancelled(clients.dynamodb(), ["None", "None", "TransactionConflict", "None"], times=2):
        assert post(api, at(1, 1)).status == 200
    with cancelled(clients.dynamodb(), ["TransactionConflict", "None", "None"]):
        assert post(api, at(2, 2)).status == 503
        assert api.server.call("DELETE", "/v1/feedback/f1").status == 503
    assert_figures(summary(api)["total"], listed(api))
    assert summary(api)["total"]["count"] == 1
    assert table.get("FEEDBACK#f2", "CLAIM") is None


def test_what_is_taken_back_counts_no_more_and_comes_off_once(api: Api) -> None:
    post(api, *(at(n, n, customer_id="ann") for n in range(6)))
    for n in (1, 4, 4):
        api.server.call("DELETE", f"/v1/feedback/f{n}")
    told = summary(api)
    assert told["total"]["count"] == 4
    assert_figures(told["total"], listed(api))
    for group in told["aspects"]:
        assert_figures(group, of_aspect(listed(api), group["name"]))
    post(api, *(at(n, n, customer_id="ann") for n in range(6)))
    assert summary(api) == told


def test_a_rating_without_a_text_has_no_label(api: Api) -> None:
    post(api, piece(1, None, rating=2, time=NOW.isoformat()), piece(2, "Great.", time=NOW.isoformat()))
    total = summary(api)["total"]
    assert (total["count"], total["positive"] + total["neutral"] + total["negative"]) == (2, 1)
    assert (total["rated"], total["mean_rating"], total["mean_score"], total["net_sentiment"]) == (1, 2.0, 1.0, 1.0)


def test_figures_stay_when_a_customer_is_erased(api: Api, table: Table) -> None:
    post(api, *(at(n, n, customer_id="ann") for n in range(6)))
    before = summary(api)
    ShopperStore(table).erase([CustomerRef(kind=KNOWN, id="ann")], Cut(datetime.now(UTC)))
    assert listed(api) == []
    assert summary(api) == before


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=2026-02-01&until=2026-01-01", "until"),
        ("since=2020-01-01&until=2026-01-01", "since"),
        ("period=day&since=2024-09-01&until=2026-01-01", "period"),
        ("period=hour", "query.period"),
        ("since=yesterday", "query.since"),
    ],
)
def test_what_cannot_be_summed_up_is_refused_by_name(api: Api, query: str, field: str) -> None:
    reply = api.server.get(f"/v1/feedback/summary?{query}")
    assert (reply.status, [each["field"] for each in reply.json()["errors"]]) == (400, [field])
