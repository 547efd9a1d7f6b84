"""Days that nobody planned for, as the API answers them. What other tests have is not repeated here."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.budget import SAVING, Level, Standing
from shared.inference.card import BUY_AGAIN, FOR_YOU, SIMILAR
from shared.stores.budgets import BudgetStore
from shared.stores.table import Table
from tests.functions.recommend.artefact import artefact
from tests.functions.recommend.conftest import ITEMS, POPULAR, Shop, ids, model

TESTED = (FOR_YOU, BUY_AGAIN, SIMILAR)
"""What the model by hand has tables for."""
MODELLED: list[tuple[str, dict[str, Any]]] = [
    ("for-you", {"customer_id": "ann"}),
    ("for-you", {"items": ["lamp", "tea"]}),
    ("similar", {"item_id": "lamp"}),
    ("bought-together", {"item_id": "lamp"}),
    ("cart", {"items": ["lamp"]}),
    ("buy-again", {"customer_id": "ann"}),
]


@pytest.mark.parametrize(("surface", "request_"), MODELLED)
def test_items_removed_since_the_training_are_not_shown(modelled: Shop, surface: str, request_: dict[str, Any]) -> None:
    """Neither those that it would show, nor in the text of a reason that names one."""
    modelled.track("Order Completed", "lamp", "tea")
    before = modelled.ids(surface, **request_)
    gone = {"shade", "bulb", "lamp"}
    assert set(before) & gone or surface == "buy-again"
    for item in gone:
        assert modelled.api.server.call("DELETE", f"/v1/items/{item}").status == 200
    modelled.seconds += 600
    reply = modelled.ask(surface, **request_)
    assert set(ids(reply)).isdisjoint(gone)
    assert ids(reply)
    assert all(reason["text"] for each in reply["items"] for reason in each["reasons"])


@pytest.mark.parametrize(("surface", "request_"), MODELLED)
def test_a_catalogue_without_anything_that_the_model_knows(
    modelled: Shop, surface: str, request_: dict[str, Any]
) -> None:
    modelled.track("Order Completed", "lamp", "tea")
    for item in ITEMS:
        modelled.api.server.call("DELETE", f"/v1/items/{item}")
    modelled.stock("sofa", "desk")
    modelled.seconds += 600
    reply = modelled.ask(surface, **request_)
    assert set(ids(reply)) == {"sofa", "desk"}
    assert reply["served_by"] == "catalogue"


def test_a_customer_who_bought_everything_is_told_that_nothing_new_is_left(modelled: Shop) -> None:
    modelled.track("Order Completed", *ITEMS)
    reply = modelled.ask("for-you", customer_id="ann")
    assert ids(reply) == []
    assert set(modelled.ids("buy-again", customer_id="ann")) == set(ITEMS)
    assert len(modelled.ids("similar", customer_id="ann", item_id="lamp")) == len(ITEMS) - 1
    modelled.stock("sofa")
    modelled.seconds += 600
    assert modelled.ids("for-you", customer_id="ann") == ["sofa"]


def test_an_item_that_everyone_bought_is_shown_to_those_who_did_not(shop: Shop) -> None:
    shop.publish(artefact(ITEMS, {}, popular=["tea", *ITEMS], prior={"tea": 1.0}))
    for customer in ("ann", "bob", "eve"):
        shop.track("Order Completed", "tea", userId=customer)
    shop.project()
    assert "tea" not in shop.ids("for-you", customer_id="bob")
    assert shop.ids("for-you", customer_id="new")[0] == "tea"
    assert shop.ids("trending")[0] == "tea"


def test_events_at_one_moment_have_one_order_whatever_they_came_in(modelled: Shop) -> None:
    at = "2026-11-01T10:00:00Z"
    for customer, items in (("ann", ["lamp", "tea", "rug"]), ("bob", ["rug", "tea", "lamp"])):
        for item in items:
            modelled.track("Product Viewed", item, userId=customer, timestamp=at, messageId=f"of {item}")
    lists = [modelled.ask("for-you", customer_id=customer)["items"] for customer in ("ann", "bob")]
    assert lists[0]
    assert [(each["item"], each["score"]) for each in lists[0]] == [(each["item"], each["score"]) for each in lists[1]]


@pytest.mark.parametrize("surface", TESTED)
def test_a_model_that_the_gate_turned_down_everywhere_still_fills_lists(shop: Shop, surface: str) -> None:
    shop.publish(model(popularity_on=TESTED))
    start: dict[str, Any] = {"item_id": "lamp"} if surface == SIMILAR else {}
    reply = shop.ask(surface, customer_id="new", **start)
    assert ids(reply)[:2] == list(POPULAR[:2])
    assert (reply["served_by"], reply["note"]) == ("popularity", f"Popularity did better on {surface}.")


def test_rules_that_contradict_each_other_leave_a_list_that_keeps_them_all(modelled: Shop) -> None:
    """Pinned and hidden, boosted and buried at once, a quota of none: the list says nothing that a rule forbids."""
    effects: dict[str, dict[str, Any]] = {
        "pin": {"effect": {"kind": "pin", "item_ids": ["vase"], "position": 1}},
        "hide": {"filter": "item_id != 'vase'", "effect": {"kind": "filter"}},
        "up": {"filter": "item_id = 'shade'", "effect": {"kind": "boost", "factor": 4}},
        "down": {"filter": "item_id = 'shade'", "effect": {"kind": "bury", "factor": 0.25}},
    }
    plain = modelled.ids("similar", item_id="lamp")
    for rule_id, body in effects.items():
        reply = modelled.api.server.put(f"/v1/rules/{rule_id}", {"name": rule_id} | body)
        assert reply.status == 200, reply.text
    modelled.seconds += 60
    assert modelled.ids("similar", item_id="lamp") == [item for item in plain if item != "vase"]


def test_a_clock_that_is_set_back_keeps_nothing_old(modelled: Shop, table: Table) -> None:
    """What was read an hour later, by that clock, is read again: items, rules, the newest, and the budget."""
    assert "shade" in modelled.ids("similar", item_id="lamp")
    newest = modelled.ids("new")
    modelled.seconds -= 3600
    modelled.stock("sofa")
    modelled.api.server.call("DELETE", "/v1/items/shade")
    hide = {"name": "hide", "filter": "item_id != 'vase'", "effect": {"kind": "filter"}}
    assert modelled.api.server.put("/v1/rules/hide", hide).status == 200
    assert {"shade", "vase"}.isdisjoint(modelled.ids("similar", item_id="lamp"))
    assert modelled.ids("new")[0] == "sofa" != newest[0]
    standing = Standing(month="2026-11", budget=1, spent=1, level=Level.REDUCED, measured=datetime.now(UTC))
    BudgetStore(table).record(standing)
    modelled.seconds -= 3600
    assert modelled.ask("for-you", customer_id="ann")["note"] == SAVING
