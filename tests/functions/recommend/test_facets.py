"""Filters that few items pass: found by the model among all items, as they were at the last training."""

from typing import Any

import pytest

from functions.recommend.selection import MOST_CANDIDATES
from shared.domain.items import Item
from shared.inference.card import FACETS
from shared.inference.facets import written
from tests.functions.recommend.artefact import artefact
from tests.functions.recommend.conftest import Shop, ids

COUNT = MOST_CANDIDATES + 150
CROWD = [f"item-{n:03d}" for n in range(COUNT)]
"""The model ranks them in this order for everybody."""
RARE = {"filter": 'tag = "rare"'}
LAST, NEXT_TO_LAST = CROWD[-1], CROWD[-2]


def item(item_id: str, *tags: str, **fields: Any) -> Item:
    return Item.model_validate({"item_id": item_id, "title": item_id.title(), "tags": tags} | fields)


@pytest.fixture
def crowded(shop: Shop) -> Shop:
    """A shop where only the last two of the ranking are rare."""
    items = [item(each, *(["rare"] if each in (LAST, NEXT_TO_LAST) else [])) for each in CROWD]
    shop.items.put(items)
    shop.publish(crowd_model(written(items)))
    return shop


def crowd_model(facets: bytes | None, model_id: str = "m1") -> dict[str, bytes]:
    everything = ["start", *CROWD]
    prior = {each: 1 - n / COUNT for n, each in enumerate(CROWD)}
    return artefact(everything, {"start": {CROWD[0]: 120}}, prior=prior, model_id=model_id, facets=facets)


def rare(shop: Shop, **request: Any) -> Any:
    return shop.ask("for-you", items=["start"], **RARE | request)


def test_what_few_items_pass_is_found_by_the_model_behind_the_first_candidates(crowded: Shop) -> None:
    reply = rare(crowded, limit=2)
    assert (ids(reply), reply["served_by"], reply["note"]) == ([NEXT_TO_LAST, LAST], "model", None)


def test_without_facets_the_catalogue_gives_it_or_nothing_does(crowded: Shop) -> None:
    crowded.publish(crowd_model(None, "m2"), "m2")
    crowded.seconds += 60
    reply = rare(crowded, limit=2)
    assert (reply["served_by"], reply["note"] is None) == ("catalogue", False)


@pytest.mark.parametrize("facets", [b"", b"{}", written([item(LAST)])[:-5]], ids=["empty", "bare", "cut"])
def test_facets_that_are_damaged_are_as_none_and_the_log_says_so(
    crowded: Shop, facets: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    crowded.publish(crowd_model(facets, "m2"), "m2")
    crowded.seconds += 60
    assert rare(crowded, limit=2)["served_by"] == "catalogue"
    assert "facets not loaded" in caplog.text


def test_facets_that_are_gone_are_looked_for_again_after_a_while(crowded: Shop) -> None:
    files = crowd_model(written([item(LAST, "rare")]), "m2")
    crowded.publish({name: body for name, body in files.items() if name != FACETS}, "m2")
    crowded.seconds += 60
    assert rare(crowded, limit=1)["served_by"] == "catalogue"
    crowded.models._put_once(f"models/m2/{FACETS}", files[FACETS])
    assert rare(crowded, limit=1)["served_by"] == "catalogue"
    crowded.seconds += 60
    assert ids(rare(crowded, limit=1)) == [LAST]


def test_what_is_no_more_as_it_was_is_not_shown_and_what_has_become_so_is(crowded: Shop) -> None:
    rare(crowded)
    crowded.items.put([item(NEXT_TO_LAST), item(CROWD[0], "rare"), item(LAST, "rare", stock=0)])
    crowded.seconds += 60
    assert ids(rare(crowded)) == [CROWD[0]]


def test_an_owners_filter_goes_the_same_way(crowded: Shop) -> None:
    rule = {"name": "Rare", "filter": "tag = 'rare'", "effect": {"kind": "filter"}}
    assert crowded.api.server.put("/v1/rules/rare", rule).status == 200
    crowded.seconds += 60
    reply = crowded.ask("for-you", items=["start"], limit=2)
    assert (ids(reply), reply["served_by"]) == ([NEXT_TO_LAST, LAST], "model")


def test_a_list_without_a_filter_does_not_load_them(crowded: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    file = crowded.models.file

    def asking(model_id: str, name: str) -> bytes:
        asked.append(name)
        return file(model_id, name)

    monkeypatch.setattr(crowded.models, "file", asking)
    crowded.ask("for-you", items=["start"])
    assert FACETS not in asked
    rare(crowded)
    rare(crowded, limit=1)
    assert asked.count(FACETS) == 1
