"""Rules that go by recent feedback on items: on every surface, told in figures to the shop and to nobody else."""

from datetime import datetime, timedelta
from typing import Any, get_args
from unittest.mock import patch

import pytest

from functions.recommend.opinions import FRESH_SECONDS
from functions.recommend.patience import SLOW
from functions.recommend.preview import WITHOUT_FEEDBACK
from shared.domain.errors import StoreUnavailableError
from shared.domain.items import Item
from shared.domain.opinions import RECENT, ItemSentiment
from shared.domain.rules import Surface
from shared.inference.facets import written
from shared.stores.opinions import CURRENT, PARTITION
from shared.stores.table import Table
from tests.bench import meter
from tests.functions.recommend.conftest import ITEMS, NOW, POPULAR, Shop, ids, model
from tests.gateway import Response

BADLY = "sentiment < -0.2 and feedback_count >= 5"
BURIED = {"name": "Looked after", "effect": {"kind": "bury", "factor": 0.0}, "filter": BADLY}
FIGURES = "recent feedback -0.45 over 12 in 60 days"


def said(item_id: str, score: float = -0.45, count: int = 12) -> ItemSentiment:
    return ItemSentiment(item_id=item_id, score=score, count=count, days=60)


def tell(shop: Shop, *sentiments: ItemSentiment, at: datetime = NOW) -> None:
    shop.sentiments.replace(sentiments, at)
    shop.seconds += FRESH_SECONDS


def put(shop: Shop, rule: dict[str, Any], rule_id: str = "r") -> Response:
    reply = shop.api.server.put(f"/v1/rules/{rule_id}", rule)
    assert reply.status == 200, reply.text
    shop.seconds += FRESH_SECONDS
    return reply


def by_rule(reply: Any, item_id: str) -> dict[str, Any]:
    (found,) = (each for each in reply["items"] if each["item"]["item_id"] == item_id)
    (reason,) = (reason for reason in found["reasons"] if reason["kind"] == "rule")
    return dict(reason)


@pytest.fixture
def buried(modelled: Shop) -> Shop:
    """The mug, else first, is buried by its feedback; the tea's is bad, too, but of few."""
    put(modelled, BURIED)
    tell(modelled, said("mug"), said("tea", -0.9, 4), said("vase", 0.8, 40))
    return modelled


def test_bad_feedback_buries_an_item_and_without_it_the_item_is_back(buried: Shop) -> None:
    assert buried.ids("trending") == [*POPULAR[1:], "mug"]
    tell(buried, said("tea", -0.9, 4), said("vase", 0.8, 40), at=NOW + timedelta(seconds=1))
    assert buried.ids("trending") == list(POPULAR)
    tell(buried, said("mug"), said("tea", -0.9, 5), at=NOW + timedelta(seconds=2))
    assert buried.ids("trending") == [*POPULAR[2:], "mug", "tea"]


@pytest.mark.parametrize("surface", get_args(Surface))
def test_such_a_rule_holds_on_every_surface(modelled: Shop, surface: str) -> None:
    modelled.stock(*ITEMS, kind="content" if surface == "next-article" else "product")
    modelled.track("Order Completed", "lamp", "rug", "tea")
    modelled.project()
    ask = {"surface": surface, "customer_id": "ann"} | ({"items": ["lamp"]} if surface in SEEDED else {})
    first = ids(modelled.api.server.post("/v1/recommendations", ask).json())[0]
    put(modelled, {"name": "Hidden", "effect": {"kind": "filter"}, "filter": f"not ({BADLY})"})
    tell(modelled, said(first))
    reply = modelled.api.server.post("/v1/recommendations", ask).json()
    assert first not in ids(reply)
    assert ids(reply)


SEEDED = {"similar", "bought-together", "cart"}


def test_the_shop_is_told_the_figures_and_a_shopper_only_what_the_rule_is_called(buried: Shop) -> None:
    told = by_rule(buried.ask("trending"), "mug")
    assert (told["text"], told["rule_id"], told["detail"]) == ("Looked after", "r", FIGURES)
    shown = by_rule(buried.ask("trending", by=buried.api.browser), "mug")
    assert shown == told | {"detail": None}
    lists = buried.api.browser.post("/v1/recommendations/lists", {"lists": [{"surface": "trending"}]})
    assert "feedback" not in lists.text
    assert "-0.45" not in lists.text


def test_the_figures_are_told_in_the_language_asked_for(buried: Shop) -> None:
    told = by_rule(buried.ask("trending", language="de-AT"), "mug")["detail"]
    assert told == "Rückmeldungen der letzten 60 Tage: -0.45 bei 12"


def test_each_kind_of_rule_tells_them(modelled: Shop) -> None:
    tell(modelled, said("bulb", 0.8, 30))
    liked = {"name": "Liked", "filter": "sentiment > 0.5"}
    for effect in ({"kind": "boost", "factor": 99.0}, {"kind": "pin", "item_ids": ["bulb", "rug"]},
                   {"kind": "floor", "least": 1}):  # fmt: skip
        modelled.stock("bulb", available_from=NOW - timedelta(days=1))
        put(modelled, liked | {"effect": effect})
        assert (
            by_rule(modelled.ask("trending", limit=3), "bulb")["detail"] == "recent feedback +0.80 over 30 in 60 days"
        )
    put(modelled, liked | {"effect": {"kind": "quota", "most": 0}})
    assert "bulb" not in modelled.ids("trending")


def test_a_rule_by_something_else_tells_no_figures(buried: Shop) -> None:
    put(buried, BURIED | {"filter": 'item_id = "mug"'})
    assert by_rule(buried.ask("trending"), "mug")["detail"] is None


# --- what is not known


@pytest.mark.parametrize("effect", [{"kind": "filter"}, {"kind": "boost", "factor": 9.0}])
def test_while_nothing_is_known_such_a_rule_does_not_hold_so_that_nothing_is_hidden(
    modelled: Shop, effect: dict[str, Any]
) -> None:
    put(modelled, {"name": "Liked", "effect": effect, "filter": "sentiment > 0"})
    reply = modelled.ask("trending")
    assert (ids(reply), "Liked" in str(reply)) == (list(POPULAR), False)


def test_what_was_summed_up_too_long_ago_counts_no_more(buried: Shop, table: Table) -> None:
    pointer = table.get(PARTITION, CURRENT)
    assert pointer is not None
    for age, first in ((RECENT - timedelta(hours=1), "tea"), (RECENT + timedelta(hours=1), "mug")):
        table.put(pointer | {"as_of": int((NOW - age).timestamp() * 1000)})
        buried.seconds += FRESH_SECONDS
        assert buried.ids("trending", limit=1) == [first]


def test_lists_do_without_while_feedback_cannot_be_read_and_a_preview_says_no(modelled: Shop) -> None:
    tell(modelled, said("mug"))
    put(modelled, BURIED)
    with refusing_opinions(modelled):
        reply = modelled.ask("trending", limit=1)
        assert (ids(reply), reply["note"] == SLOW) == (["mug"], False)
        body = {"rule": BURIED | {"rule_id": "r"}, "lists": [{"surface": "trending"}]}
        assert modelled.api.server.post("/v1/rules/preview", body).status == 503
    modelled.seconds += FRESH_SECONDS
    assert modelled.ids("trending", limit=1) == ["tea"]
    modelled.seconds += FRESH_SECONDS
    with refusing_opinions(modelled):
        assert modelled.ids("trending", limit=1) == ["tea"]  # from memory


def refusing_opinions(shop: Shop) -> Any:
    """Nothing else of the table is down."""
    return patch.object(shop.sentiments, "current", side_effect=StoreUnavailableError("no"))


def test_a_set_of_nonsense_is_none(buried: Shop, table: Table) -> None:
    for record in list(table.query_all(PARTITION)):
        if record["sk"] != CURRENT:
            table.put(record | {"body": "nonsense"})
        else:
            table.put(record | {"as_of": record["as_of"] + 1})
    put(buried, BURIED, "again")
    fresh = buried.api.apps["recommend"].OpinionBook(buried.sentiments)
    assert fresh.current() is None


# --- what it costs


def test_feedback_is_read_only_where_a_rule_that_holds_goes_by_it(modelled: Shop) -> None:
    tell(modelled, said("mug"))
    put(modelled, BURIED | {"surfaces": ["for-you"]})
    put(modelled, BURIED | {"enabled": False}, "off")
    put(modelled, BURIED | {"filter": "stock > 0"}, "by stock")
    assert PARTITION not in read_by(modelled, "trending")
    assert PARTITION in read_by(modelled, "for-you")
    assert PARTITION not in read_by(modelled, "for-you")  # remembered


def read_by(shop: Shop, surface: str) -> set[str]:
    with meter.metered() as units:
        shop.ask(surface)
    return {noun for _, noun in units}


# --- all items, by the last training


def test_what_passed_by_yesterdays_feedback_is_not_remembered_as_passing(shop: Shop) -> None:
    items = [Item(item_id=each, title=each) for each in ITEMS]
    shop.publish(model() | {"facets.json": written(items)})
    put(shop, {"name": "Only bad", "effect": {"kind": "filter"}, "filter": "sentiment < 0"})
    tell(shop, said("bulb"))
    assert shop.ids("trending") == ["bulb"]
    tell(shop, said("shade"), at=NOW + timedelta(seconds=1))
    assert shop.ids("trending") == ["shade"]


# --- previewed


def test_a_preview_tells_the_figures_of_what_it_moves(modelled: Shop) -> None:
    tell(modelled, said("mug"), said("vase", 0.25, 8))
    body = {"rule": BURIED | {"rule_id": "new"}, "lists": [{"surface": "trending", "limit": 3}]}
    reply = modelled.api.server.post("/v1/rules/preview", body).json()
    (found,) = reply["lists"]
    assert (reply["changed"], reply["note"]) == (1, None)
    assert (found["left"], found["entered"]) == (["mug"], ["lamp"])
    assert found["details"] == {"mug": FIGURES, "vase": "recent feedback +0.25 over 8 in 60 days"}


def test_a_preview_says_that_nothing_is_known(modelled: Shop) -> None:
    body = {"rule": BURIED | {"rule_id": "new"}, "lists": [{"surface": "trending", "limit": 3}]}
    reply = modelled.api.server.post("/v1/rules/preview", body).json()
    assert (reply["changed"], reply["note"]) == (0, WITHOUT_FEEDBACK)
    body["rule"] = BURIED | {"rule_id": "new", "filter": "stock > 3"}
    reply = modelled.api.server.post("/v1/rules/preview", body).json()
    assert (reply["note"], reply["lists"][0]["details"]) == (None, {})
