"""The owner's rules: stored under a version, applied in a fixed order, told as reasons, previewed before they hold."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.recommend.recommend import NOTHING_MATCHES
from functions.recommend.rulebook import FRESH_SECONDS
from functions.recommend.ruling import Ruling
from shared.domain.errors import StoreUnavailableError
from shared.domain.items import Item
from shared.domain.rules import MOST_RULES, Rule, in_order
from shared.stores import clients
from shared.stores.rules import MOST_VERSIONS, RuleStore
from shared.stores.table import Table
from tests.functions.recommend.conftest import ITEMS, NOW, POPULAR, Shop, ids
from tests.gateway import Response
from tests.shared.stores.faults import refusing

ONLY_LAMP = 'item_id = "lamp"'


def put(shop: Shop, rule_id: str, effect: dict[str, Any], **fields: Any) -> Response:
    body = {"name": rule_id.title(), "effect": effect} | fields
    reply = shop.api.server.put(f"/v1/rules/{rule_id}", body)
    assert reply.status == 200, reply.text
    shop.seconds += FRESH_SECONDS
    return reply


def boost(factor: float) -> dict[str, Any]:
    return {"kind": "boost", "factor": factor}


def reasons(reply: Any, item_id: str) -> list[dict[str, Any]]:
    (found,) = (each for each in reply["items"] if each["item"]["item_id"] == item_id)
    return [reason for reason in found["reasons"] if reason["kind"] == "rule"]


# --- each kind


def test_a_boost_multiplies_the_score_and_its_part_is_exact(modelled: Shop) -> None:
    plain = {each["item"]["item_id"]: each["score"] for each in modelled.ask("trending")["items"]}
    put(modelled, "lamps", boost(10), filter=ONLY_LAMP)
    reply = modelled.ask("trending")
    assert ids(reply)[0] == "lamp"
    (reason,) = reasons(reply, "lamp")
    assert (reason["text"], reason["rule_id"]) == ("Lamps", "lamps")
    assert reason["contribution"] == pytest.approx(9 * plain["lamp"])
    assert reply["items"][0]["score"] == pytest.approx(10 * plain["lamp"])
    assert reasons(reply, "mug") == []


def test_burying_puts_last_and_takes_exactly_that_away(modelled: Shop) -> None:
    put(modelled, "no mugs", {"kind": "bury", "factor": 0}, filter='item_id = "mug"')
    reply = modelled.ask("trending")
    assert ids(reply) == [*POPULAR[1:], "mug"]
    assert (reply["items"][-1]["score"], reasons(reply, "mug")[0]["contribution"]) == (0, -1)


def test_two_boosts_and_the_reasons_add_up_to_the_score(modelled: Shop) -> None:
    modelled.track("Order Completed", "lamp")
    put(modelled, "a", boost(2), filter='title contains "b"')
    put(modelled, "b", {"kind": "bury", "factor": 0.5}, filter='item_id in ("bulb", "shade")')
    for each in modelled.ask("for-you", customer_id="ann")["items"]:
        told = sum(reason["contribution"] for reason in each["reasons"]) + each["other_terms"]
        assert told == pytest.approx(each["score"], abs=1e-5)


def test_a_pin_stands_in_its_place_and_says_so(modelled: Shop) -> None:
    put(modelled, "ours", {"kind": "pin", "item_ids": ["bulb", "rug"], "position": 2})
    reply = modelled.ask("trending", limit=4)
    assert ids(reply) == ["mug", "bulb", "rug", "tea"]
    assert reasons(reply, "bulb")[0] == {
        "kind": "rule",
        "text": "Ours",
        "contribution": 0,
        "item_id": None,
        "rule_id": "ours",
        "detail": None,
    }


def test_a_pin_that_cannot_be_had_or_is_excluded_leaves_its_place(modelled: Shop) -> None:
    modelled.stock("bulb", stock=0)
    put(modelled, "ours", {"kind": "pin", "item_ids": ["bulb", "gone", "rug", "shade"]})
    assert modelled.ids("trending", limit=3) == ["rug", "shade", "mug"]
    assert modelled.ids("trending", limit=2, exclude=["rug"]) == ["shade", "mug"]
    assert modelled.ids("trending", limit=2, filter='item_id != "rug"') == ["shade", "mug"]


def test_a_filter_hides_what_it_does_not_hold_for(modelled: Shop) -> None:
    price = {"amount": "10.00", "currency": "EUR"}
    modelled.stock("tea", price=price, cost={"amount": "9.00", "currency": "EUR"})
    modelled.stock("vase", price=price, cost={"amount": "2.00", "currency": "EUR"})
    put(modelled, "earning", {"kind": "filter"}, filter="margin >= 5")
    reply = modelled.ask("trending")
    assert ids(reply) == ["vase"]
    assert "cost" not in reply["items"][0]["item"]
    again = modelled.ask("trending")  # from memory
    assert (ids(again), "cost" in str(again)) == (["vase"], False)


def test_filters_that_leave_nothing_are_an_empty_list_with_a_note(modelled: Shop) -> None:
    put(modelled, "a", {"kind": "filter"}, filter=ONLY_LAMP)
    put(modelled, "b", {"kind": "filter"}, filter='item_id = "mug"')
    reply = modelled.ask("trending")
    assert (reply["items"], reply["note"]) == ([], NOTHING_MATCHES)


def test_a_quota_bounds_a_kind_or_each_value_of_a_field(modelled: Shop) -> None:
    modelled.stock("mug", "tea", "vase", category="Kitchen")
    modelled.stock("lamp", "shade", category="Lights")
    put(modelled, "one each", {"kind": "quota", "most": 1, "per": "category"})
    assert modelled.ids("trending") == ["mug", "lamp", "rug", "bulb"]
    put(modelled, "one each", {"kind": "quota", "most": 2}, filter='category = "Kitchen"')
    assert modelled.ids("trending") == ["mug", "tea", "lamp", "rug", "shade", "bulb"]


def test_a_floor_gives_new_items_the_last_places(modelled: Shop) -> None:
    modelled.stock(*ITEMS, available_from=NOW - timedelta(days=200))
    modelled.stock("fresh", "fresher", available_from=NOW - timedelta(days=1))
    assert modelled.ids("trending", limit=3) == ["mug", "tea", "vase"]
    put(modelled, "newcomers", {"kind": "floor", "least": 2, "days": 30})
    reply = modelled.ask("trending", limit=3)
    assert ids(reply)[0] == "mug"
    assert set(ids(reply)[1:]) == {"fresh", "fresher"}
    assert reasons(reply, "fresh")[0]["rule_id"] == "newcomers"
    put(modelled, "newcomers", {"kind": "floor", "least": 2, "days": 30}, filter='item_id = "fresh"')
    assert modelled.ids("trending", limit=3) == ["mug", "tea", "fresh"]


def test_a_floor_is_content_where_enough_are_new(modelled: Shop) -> None:
    before = modelled.ids("trending", limit=3)
    put(modelled, "newcomers", {"kind": "floor", "least": 2, "days": 30})
    assert modelled.ids("trending", limit=3) == before


# --- where and when


def test_a_rule_holds_on_its_surfaces_in_its_window_while_enabled(modelled: Shop) -> None:
    hour = timedelta(hours=1)
    for fields, holds in (
        ({"surfaces": ["trending"]}, True),
        ({"surfaces": ["for-you"]}, False),
        ({"enabled": False}, False),
        ({"starts": (NOW - hour).isoformat(), "ends": (NOW + hour).isoformat()}, True),
        ({"starts": (NOW + hour).isoformat()}, False),
        ({"ends": (NOW - hour).isoformat()}, False),
    ):
        put(modelled, "ours", {"kind": "pin", "item_ids": ["bulb"]}, **fields)
        assert (modelled.ids("trending", limit=1) == ["bulb"]) is holds, fields


def test_a_rule_holds_within_half_a_minute_and_ends_as_soon(modelled: Shop) -> None:
    assert modelled.ids("trending", limit=1) == ["mug"]
    modelled.api.server.put("/v1/rules/r", {"name": "R", "effect": {"kind": "pin", "item_ids": ["bulb"]}})
    modelled.seconds += FRESH_SECONDS
    assert modelled.ids("trending", limit=1) == ["bulb"]
    assert modelled.api.server.call("DELETE", "/v1/rules/r").status == 200
    assert modelled.ids("trending", limit=1) == ["bulb"]
    modelled.seconds += FRESH_SECONDS
    assert modelled.ids("trending", limit=1) == ["mug"]


def test_without_reading_rules_again_the_list_does_not_change(modelled: Shop) -> None:
    """What the reading is for: while the table gives no rules, the ones in memory stay."""
    put(modelled, "r", {"kind": "pin", "item_ids": ["bulb"]})
    assert modelled.ids("trending", limit=1) == ["bulb"]
    modelled.api.server.call("DELETE", "/v1/rules/r")
    modelled.seconds += FRESH_SECONDS
    with refusing(clients.dynamodb(), "Query"):
        assert modelled.ids("trending", limit=1) == ["bulb"]
    assert modelled.ids("trending", limit=1) == ["mug"]


# --- contradictions


def test_two_pins_for_one_place_stand_by_priority_then_id(modelled: Shop) -> None:
    put(modelled, "b", {"kind": "pin", "item_ids": ["rug"]})
    put(modelled, "a", {"kind": "pin", "item_ids": ["bulb"]})
    assert modelled.ids("trending", limit=3) == ["bulb", "rug", "mug"]
    put(modelled, "b", {"kind": "pin", "item_ids": ["rug"]}, priority=1)
    assert modelled.ids("trending", limit=3) == ["rug", "bulb", "mug"]


def test_a_filter_wins_over_a_pin_and_a_pin_over_burying_and_quotas(modelled: Shop) -> None:
    put(modelled, "pin", {"kind": "pin", "item_ids": ["bulb"]})
    put(modelled, "bury", {"kind": "bury", "factor": 0}, filter='item_id = "bulb"')
    put(modelled, "quota", {"kind": "quota", "most": 0}, filter='item_id = "bulb"')
    assert modelled.ids("trending", limit=1) == ["bulb"]
    put(modelled, "hide", {"kind": "filter"}, filter='item_id != "bulb"', priority=-1000)
    assert "bulb" not in modelled.ids("trending")


EFFECTS = st.one_of(
    st.builds(lambda n, items: {"kind": "pin", "item_ids": items, "position": n}, st.integers(1, 8),
              st.lists(st.sampled_from(ITEMS), min_size=1, max_size=3)),
    st.builds(lambda factor: {"kind": "boost", "factor": factor}, st.floats(1.5, 50)),
    st.builds(lambda factor: {"kind": "bury", "factor": factor}, st.floats(0, 0.9)),
    st.builds(lambda most: {"kind": "quota", "most": most}, st.integers(0, 4)),
    st.builds(lambda least: {"kind": "floor", "least": least}, st.integers(1, 4)),
)  # fmt: skip
FILTERS = st.sampled_from([f'item_id in ("{a}", "{b}")' for a in ITEMS for b in ITEMS])
RULES = st.lists(
    st.builds(
        lambda effect, filter_, priority: {"name": "x", "effect": effect, "filter": filter_, "priority": priority},
        EFFECTS,
        FILTERS,
        st.integers(-2, 2),
    ),
    max_size=6,
)


@given(RULES, st.integers(1, 8), st.randoms())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_rules_the_list_is_sound_and_does_not_depend_on_their_order(
    modelled: Shop, monkeypatch: pytest.MonkeyPatch, rules: list[dict[str, Any]], limit: int, chance: Any
) -> None:
    made = [Rule.model_validate(rule | {"rule_id": f"r{n}"}) for n, rule in enumerate(rules)]
    lists = []
    for _ in range(2):
        chance.shuffle(made)
        monkeypatch.setattr(modelled.api.apps["recommend"].rulebook(), "rules", lambda: made)
        reply = modelled.ask("trending", limit=limit)
        shown = ids(reply)
        assert len(shown) == len(set(shown)) <= limit
        assert set(shown) <= set(ITEMS)
        for each in reply["items"]:
            told = sum(reason["contribution"] for reason in each["reasons"]) + each["other_terms"]
            assert told == pytest.approx(each["score"], abs=1e-6)
        lists.append(shown)
    assert lists[0] == lists[1]


def test_a_ruling_goes_by_priority_whatever_the_order_of_the_rules() -> None:
    rules = [
        Rule.model_validate({"rule_id": i, "name": i, "priority": p, "effect": {"kind": "pin", "item_ids": [i]}})
        for i, p in (("a", 0), ("b", 5), ("c", 0))
    ]
    assert [pin.rule.rule_id for pin in Ruling(rules, "trending", NOW).pins] == ["b", "a", "c"]
    assert in_order(reversed(rules)) == in_order(rules)


# --- stored


def test_a_rule_is_put_got_listed_and_deleted_under_its_version(modelled: Shop) -> None:
    server = modelled.api.server
    first = put(modelled, "a", boost(2), filter=ONLY_LAMP)
    assert (first.json()["version"], first.headers["etag"]) == (1, '"1"')
    body = first.json() | {"name": "New"}
    del body["rule_id"]
    assert server.call("PUT", "/v1/rules/a", body, headers={"if-match": '"1"'}).json()["version"] == 2
    assert server.call("PUT", "/v1/rules/a", body, headers={"if-match": '"1"'}).status == 409
    assert server.put("/v1/rules/a", body).status == 409  # the body itself names version 1
    assert server.get("/v1/rules/a").json()["name"] == "New"
    assert [each["rule_id"] for each in server.get("/v1/rules").json()["rules"]] == ["a"]
    assert server.call("DELETE", "/v1/rules/a", headers={"if-match": '"1"'}).status == 409
    assert server.call("DELETE", "/v1/rules/a", headers={"if-match": '"2"'}).status == 200
    assert server.get("/v1/rules").json() == {"rules": []}
    assert server.get("/v1/rules/a").status == server.call("DELETE", "/v1/rules/a").status == 404
    assert put(modelled, "a", boost(2), filter=ONLY_LAMP, version=0).json()["version"] == 4


def test_what_a_rule_was_can_be_read_and_put_again(modelled: Shop) -> None:
    server = modelled.api.server
    assert server.get("/v1/rules/a/versions").status == 404
    put(modelled, "a", boost(2), filter=ONLY_LAMP)
    put(modelled, "a%231", boost(9), filter=ONLY_LAMP)
    put(modelled, "a%231", boost(8), filter=ONLY_LAMP)
    assert server.get("/v1/rules/a/versions").json() == {"versions": []}
    put(modelled, "a", boost(3), filter=ONLY_LAMP)
    assert server.call("DELETE", "/v1/rules/a").status == 200
    found = server.get("/v1/rules/a/versions").json()["versions"]
    assert [(each["rule"]["version"], each["rule"]["effect"]["factor"]) for each in found] == [(2, 3), (1, 2)]
    assert found[1]["until"] <= found[0]["until"] <= datetime.now(UTC).isoformat()
    first = {name: value for name, value in found[1]["rule"].items() if name != "rule_id"}
    again = server.call("PUT", "/v1/rules/a", first, headers={"if-match": '"0"'})
    assert (again.json()["version"], again.json()["effect"]["factor"]) == (4, 2)
    assert [each["rule"]["version"] for each in server.get("/v1/rules/a/versions").json()["versions"]] == [2, 1]


def test_a_write_that_comes_to_nothing_leaves_no_past(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RuleStore(table)
    rule = Rule.model_validate({"rule_id": "a", "name": "A", "effect": {"kind": "pin", "item_ids": ["x"]}})
    other = rule.model_copy(update={"name": "B"})
    store.put(rule, NOW)
    with monkeypatch.context() as broken:
        broken.setattr(table, "put_if", Mock(side_effect=StoreUnavailableError("down")))
        with pytest.raises(StoreUnavailableError):
            store.put(other, NOW)
    assert store.versions("a") == []
    store.put(other, NOW + timedelta(days=1))
    (past,) = store.versions("a")
    assert (past.rule.version, past.until) == (1, NOW + timedelta(days=1))


def test_no_rule_is_replaced_that_could_not_be_put_beside(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RuleStore(table)
    rule = Rule.model_validate({"rule_id": "a", "name": "A", "effect": {"kind": "pin", "item_ids": ["x"]}})
    store.put(rule, NOW)
    monkeypatch.setattr(table, "put", Mock(side_effect=StoreUnavailableError("down")))
    with pytest.raises(StoreUnavailableError):
        store.put(rule.model_copy(update={"name": "B"}), NOW)
    with pytest.raises(StoreUnavailableError):
        store.delete("a", None, NOW)
    assert store.get("a").name == "A"


def test_a_hundred_versions_are_read_and_each_is_kept_for_a_year(table: Table) -> None:
    store = RuleStore(table)
    rule = Rule.model_validate({"rule_id": "a", "name": "A", "effect": {"kind": "pin", "item_ids": ["x"]}})
    for n in range(MOST_VERSIONS + 3):
        store.put(rule.model_copy(update={"name": f"N{n}"}), NOW)
    found = store.versions("a")
    assert [each.rule.name for each in found] == [f"N{n}" for n in reversed(range(2, MOST_VERSIONS + 2))]
    (last,) = table.query("RULE#a", "VERSION#", 1, newest_first=True)
    assert last["expires_at"] == int((NOW + timedelta(days=365)).timestamp())
    store.delete("a", None, NOW)
    assert (table.get("RULES", "RULE#a") or {})["expires_at"] == last["expires_at"]


def test_a_rule_that_says_the_same_again_is_no_new_version(table: Table) -> None:
    store = RuleStore(table)
    rule = Rule.model_validate({"rule_id": "a", "name": "A", "effect": {"kind": "pin", "item_ids": ["x"]}})
    assert (store.put(rule, NOW).version, store.put(rule, NOW).version, store.versions("a")) == (1, 1, [])
    store.delete("a", None, NOW)
    assert store.put(rule, NOW).version == 3


def test_of_two_writers_at_once_one_is_told(table: Table) -> None:
    from shared.domain.errors import ConflictError  # noqa: PLC0415

    store = RuleStore(table)
    rule = Rule.model_validate({"rule_id": "a", "name": "A", "effect": {"kind": "pin", "item_ids": ["x"]}})
    store.put(rule, NOW)
    read = table.get
    stale = read("RULES", "RULE#a")
    store.put(rule.model_copy(update={"name": "B"}), NOW)
    table.get = lambda *_, **__: stale  # type: ignore[method-assign]
    with pytest.raises(ConflictError):
        store.put(rule.model_copy(update={"name": "C"}), NOW)


def test_there_are_not_more_rules_than_a_list_can_apply(table: Table) -> None:
    from shared.domain.errors import InvalidInputError  # noqa: PLC0415

    store = RuleStore(table)
    effect = {"kind": "pin", "item_ids": ["x"]}
    for n in range(MOST_RULES):
        store.put(Rule.model_validate({"rule_id": f"r{n}", "name": "A", "effect": effect}), NOW)
    with pytest.raises(InvalidInputError):
        store.put(Rule.model_validate({"rule_id": "one more", "name": "A", "effect": effect}), NOW)
    store.put(Rule.model_validate({"rule_id": "r7", "name": "B", "effect": effect}), NOW)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"effect": {"kind": "push"}}, "effect"),
        ({"effect": boost(1)}, "effect.boost.factor"),
        ({"effect": boost(2)}, ""),
        ({"effect": {"kind": "filter"}}, ""),
        ({"effect": boost(2), "filter": "prise > 3"}, "filter"),
        ({"effect": {"kind": "pin", "item_ids": []}}, "effect.pin.item_ids"),
        ({"effect": {"kind": "quota", "most": 1, "per": "price"}}, "effect.quota.per"),
        ({"effect": {"kind": "pin", "item_ids": ["x"]}, "surfaces": ["front"]}, "surfaces.0"),
        ({"effect": {"kind": "pin", "item_ids": ["x"]}, "starts": NOW.isoformat(), "ends": NOW.isoformat()}, ""),
        ({"effect": {"kind": "pin", "item_ids": ["x"]}, "code": "x"}, "code"),
    ],
)
def test_a_bad_rule_is_a_problem_that_names_the_field(shop: Shop, body: dict[str, Any], field: str) -> None:
    reply = shop.api.server.put("/v1/rules/r", {"name": "R"} | body)
    assert reply.status == 400
    assert field in [error["field"] for error in reply.json()["errors"]] or field == ""
    assert reply.json()["errors"]


# --- previewed


def test_a_preview_says_what_changes_for_whom_and_changes_nothing(modelled: Shop) -> None:
    modelled.track("Product Added", "lamp")
    rule = {"rule_id": "r", "name": "R", "effect": {"kind": "pin", "item_ids": ["rug"]}, "surfaces": ["for-you"]}
    wanted = [
        {"surface": "for-you", "customer_id": "ann", "limit": 2},
        {"surface": "for-you", "customer_id": "bob", "limit": 3},
        {"surface": "trending", "limit": 2},
    ]
    reply = modelled.api.server.post("/v1/rules/preview", {"rule": rule, "lists": wanted})
    assert reply.status == 200, reply.text
    assert reply.json()["changed"] == 2
    ann, bob, trending = reply.json()["lists"]
    assert (ann["without"], ann["with_rule"]) == (["shade", "bulb"], ["rug", "shade"])
    assert (ann["entered"], ann["left"], ann["moved"]) == (["rug"], ["bulb"], [])
    assert (bob["customer_id"], bob["with_rule"]) == ("bob", ["rug", "mug", "tea"])
    assert trending["without"] == trending["with_rule"] == ["mug", "tea"]
    assert modelled.ids("trending", limit=1) == ["mug"]
    assert modelled.api.server.get("/v1/rules").json() == {"rules": []}


def test_a_preview_of_a_stored_rule_compares_with_its_absence(modelled: Shop) -> None:
    put(modelled, "r", {"kind": "bury", "factor": 0}, filter='item_id = "mug"')
    rule = {"rule_id": "r", "name": "R", "effect": {"kind": "bury", "factor": 0}, "filter": 'item_id = "tea"'}
    body = {"rule": rule, "lists": [{"surface": "trending", "limit": 7}]}
    (found,) = modelled.api.server.post("/v1/rules/preview", body).json()["lists"]
    assert (found["without"], found["with_rule"][-1]) == (list(POPULAR), "tea")
    assert found["moved"]


def test_margin_is_known_only_where_both_are_in_one_currency() -> None:
    rule = Rule.model_validate(
        {"rule_id": "r", "name": "R", "effect": {"kind": "filter"}, "filter": "has margin and margin > 1"}
    )
    ruling = Ruling([rule], "trending", NOW)
    item = {"item_id": "a", "title": "A", "price": {"amount": "9.00", "currency": "EUR"}}
    assert ruling.allows(Item.model_validate(item | {"cost": {"amount": "2.00", "currency": "EUR"}}))
    assert not ruling.allows(Item.model_validate(item | {"cost": {"amount": "2.00", "currency": "USD"}}))
    assert not ruling.allows(Item.model_validate(item))
