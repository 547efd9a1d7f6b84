"""Price experiments: drawn by item and block, one price for all, inside limits, set back; the owner goes first."""

import inspect
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain import experiment_parts, experiments
from shared.domain.errors import StoreUnavailableError
from shared.domain.experiments import Experiment
from shared.domain.items import Item
from shared.domain.ledger import broken
from shared.domain.price_limits import Limits
from shared.stores import experimenting
from shared.stores.experimenting import Experimenting, Night
from shared.stores.experiments import ExperimentStore
from shared.stores.items import Edit, ItemStore
from shared.stores.ledger import LedgerStore
from shared.stores.price_limits import PriceLimitsStore
from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.prices.ledgers import item

URL = "/v1/prices/experiments/spring"
START = datetime.now(UTC).date() + timedelta(days=2)
BODY: dict[str, Any] = {
    "category": "light",
    "arms": ["-2", "0", "2"],
    "start": START.isoformat(),
    "end": (START + timedelta(days=42)).isoformat(),
}
NAMES = [f"lamp {n}" for n in range(12)]
PERSONAL = {"customer", "customer_id", "anonymous_id", "user", "session", "session_id", "caller", "person", "shopper"}


def night_of(day: int) -> datetime:
    """The nightly run, so many days after the start."""
    return datetime.combine(START + timedelta(days=day), time(4, 30), UTC)


def turn(table: Table, day: int) -> Night:
    return Experimenting(table).night(ItemStore(table).all, night_of(day))


def prices(table: Table) -> dict[str, Decimal]:
    found = ItemStore(table).get(NAMES)
    return {name: each.price.amount for name, each in found.items() if each.price}


def edit(table: Table, name: str, day: float, **changes: Any) -> None:
    """The owner changes an item."""

    def changed(old: Item | None) -> Item | None:
        return old and old.model_copy(update=changes)

    ItemStore(table).edit({name: changed}, night_of(0) + timedelta(days=day))


def eur(amount: str) -> Any:
    return item(amount).price


def _always(wanted: Item) -> Edit:
    return lambda _: wanted


@pytest.fixture
def shop(api: Api, table: Table) -> Api:
    """A dozen lamps at 10 euros for a year, and an experiment that begins in two days."""
    cost = {"amount": "6.00", "currency": "EUR"}
    made = {name: item("10.00", name, category="light", cost=cost) for name in NAMES}
    ItemStore(table).edit({name: _always(each) for name, each in made.items()}, night_of(-365))
    assert api.server.put(URL, BODY).status == 200
    return api


def test_an_experiment_is_planned_changed_and_listed_with_versions(shop: Api) -> None:
    found = shop.server.get(URL)
    assert (found.headers["etag"], found.json()["arms"], found.json()["block_days"]) == ('"1"', ["-2", "0", "2"], 7)
    assert shop.server.put(URL, BODY).json()["version"] == 1
    other = BODY | {"name": "Spring"}
    assert shop.server.call("PUT", URL, other, headers={"if-match": '"4"'}).status == 409
    assert shop.server.call("PUT", URL, other, headers={"if-match": '"1"'}).json()["version"] == 2
    (listed,) = shop.server.get("/v1/prices/experiments").json()["experiments"]
    assert (listed["experiment_id"], listed["name"]) == ("spring", "Spring")
    assert shop.server.get(f"{URL}/results").json()["note"] == "No night has looked at it yet."
    assert shop.server.get("/v1/prices/experiments/none/results").status == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"arms": ["-2", "2"]}, "body"),
        ({"arms": ["0", "0"]}, "body"),
        ({"arms": ["0"]}, "arms"),
        ({"arms": ["-5", "0", "5"]}, "arms"),
        ({"category": None}, "body"),
        ({"item_ids": ["lamp 1"]}, "body"),
        ({"category": None, "item_ids": ["lamp 1", "none"]}, "item_ids.1"),
        ({"block_days": 6}, "block_days"),
        ({"end": (START + timedelta(days=43)).isoformat()}, "body"),
        ({"end": (START + timedelta(days=14)).isoformat()}, "body"),
        ({"settle_days": 7}, "body"),
        ({"start": (START - timedelta(days=7)).isoformat()}, "start"),
        ({"customer_id": "ann"}, "customer_id"),
    ],
)
def test_what_could_not_be_run_is_refused(shop: Api, changes: Any, field: str) -> None:
    told = shop.server.put("/v1/prices/experiments/other", BODY | changes)
    assert told.status == 400
    assert told.json()["errors"][0]["field"] == field


def test_a_larger_step_lets_arms_lie_further_apart(shop: Api) -> None:
    wide = BODY | {"arms": ["-5", "0", "5"]}
    assert "over the weekly step of 5.0%" in shop.server.put(URL, wide).json()["errors"][0]["message"]
    shop.server.put("/v1/prices/limits/category:light", {"maximum_weekly_step": "0.11"})
    assert shop.server.put(URL, wide).status == 200


def test_nothing_takes_a_person_and_every_shopper_sees_one_price(shop: Api, table: Table) -> None:
    functions = [
        each
        for module in (experiments, experiment_parts, experimenting)
        for _, holder in [("", module), *inspect.getmembers(module, inspect.isclass)]
        for _, each in inspect.getmembers(holder, inspect.isfunction)
        if each.__module__ == module.__name__
    ]
    assert len(functions) > 15
    assert {name for each in functions for name in inspect.signature(each).parameters} & PERSONAL == set()
    assert set(inspect.signature(Experiment.arm).parameters) == {"self", "item_id", "block"}
    assert set(Experiment.model_fields) & PERSONAL == set()
    turn(table, 0)
    (moved, *_) = [name for name, price in prices(table).items() if price != Decimal("10.00")]
    url = f"/v1/prices/{moved.replace(' ', '%20')}"
    asked = [shop.browser.get(f"{url}?customer_id={who}").json()["price"] for who in ("ann", "bob")]
    assert asked == [shop.server.get(url).json()["price"]] * 2
    quoted = [
        shop.browser.post("/v1/quotes", {"lines": [{"item_id": moved}], "session_id": who}).json()["total"]
        for who in ("s1", "s2")
    ]
    assert quoted == asked


def test_each_item_goes_through_all_arms_in_each_cycle_and_the_same_ones_again() -> None:
    made = Experiment.model_validate(BODY | {"experiment_id": "spring"})
    drawn = {name: [made.arm(name, block) for block in range(6)] for name in map(str, range(600))}
    assert {name: [made.arm(name, block) for block in range(6)] for name in drawn} == drawn
    assert all(sorted(arms[:3]) == sorted(arms[3:]) == [0, 1, 2] for arms in drawn.values())
    orders = Counter(tuple(arms[:3]) for arms in drawn.values())
    assert len(orders) == 6
    assert all(60 <= count <= 140 for count in orders.values())
    agree = sum(arms[:3] == arms[3:] for arms in drawn.values())
    assert 60 <= agree <= 140
    other = made.model_copy(update={"experiment_id": "autumn"})
    assert any(other.arm(name, 0) != arms[0] for name, arms in drawn.items())


@pytest.mark.usefixtures("shop")
def test_prices_turn_by_block_and_go_back_at_the_end(table: Table) -> None:
    assert (turn(table, -1).busy, set(prices(table).values())) == ({}, {Decimal("10.00")})
    seen: dict[str, set[Decimal]] = {name: set() for name in NAMES}
    for day in (0, 1, 7, 14, 21, 28, 34, 35):
        assert set(turn(table, day).busy) == set(NAMES)
        for name, price in prices(table).items():
            seen[name].add(price)
    arms = {Decimal("9.80"), Decimal("10.00"), Decimal("10.20")}
    assert all(each == arms for each in seen.values())
    parts = ExperimentStore(table).parts("spring")
    assert all([each.block for each in part.turns] == list(range(6)) for part in parts.values())
    assert turn(table, 42).busy == {}
    assert set(prices(table).values()) == {Decimal("10.00")}
    for name in NAMES:
        entries = LedgerStore(table).read(name)
        assert broken(entries, ItemStore(table).with_end(name)[1]) is None
        assert {each.amount for each in entries} == arms
        assert len(entries) <= 8
    assert {part.over.why for part in ExperimentStore(table).parts("spring").values() if part.over} == {"finished"}


@pytest.mark.usefixtures("shop")
def test_a_drawing_that_is_not_balanced_would_be_seen(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Experiment, "arm", lambda *_: 2)
    for day in range(0, 42, 7):
        turn(table, day)
        assert set(prices(table).values()) == {Decimal("10.20")}


@pytest.mark.usefixtures("shop")
def test_the_same_night_twice_writes_nothing(table: Table) -> None:
    first = turn(table, 0)
    before = (prices(table), ExperimentStore(table).parts("spring"))
    assert turn(table, 0) == first
    assert (prices(table), ExperimentStore(table).parts("spring")) == before


def test_stopping_sets_every_price_back_and_the_id_is_used_up(shop: Api, table: Table) -> None:
    turn(table, 0)
    assert set(prices(table).values()) != {Decimal("10.00")}
    Experimenting(table).stop("spring", None, night_of(3))
    assert set(prices(table).values()) == {Decimal("10.00")}
    told = shop.server.call("DELETE", URL)
    assert (told.status, told.json()["stopped"] is not None) == (200, True)
    assert turn(table, 4).busy == {}
    assert shop.server.put(URL, BODY).status == 409
    assert shop.server.get(f"{URL}/results").json()["phase"] == "stopped"


@pytest.mark.usefixtures("shop")
def test_a_refused_write_leaves_the_price_and_stopping_goes_on_where_it_was(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(table, 0)
    moved = prices(table)

    def refuse(*_: Any) -> Any:
        raise StoreUnavailableError("The table refused.")

    with monkeypatch.context() as broken_table:
        broken_table.setattr(Table, "transact", refuse)
        with pytest.raises(StoreUnavailableError):
            Experimenting(table).stop("spring", None, night_of(3))
    assert prices(table) == moved
    turn(table, 4)
    assert set(prices(table).values()) == {Decimal("10.00")}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("again", [False, True])
def test_the_owners_edit_ends_an_items_part_and_is_kept(table: Table, again: bool) -> None:
    turn(table, 0)
    was = prices(table)["lamp 3"]
    edit(table, "lamp 3", 2.5, price=eur("11.00"))
    wanted = Decimal("11.00")
    if again:  # Back at its arm's price, it was at another one for some hours all the same.
        edit(table, "lamp 3", 2.8, price=eur(str(was)))
        wanted = was
    assert "lamp 3" not in turn(table, 3).busy
    part = ExperimentStore(table).parts("spring")["lamp 3"]
    assert part.over is not None
    assert (part.over.why, part.over.at) == ("edited", night_of(0) + timedelta(days=2.5))
    for day in (7, 42):
        turn(table, day)
        assert prices(table)["lamp 3"] == wanted


@pytest.mark.usefixtures("shop")
def test_an_edit_while_the_night_turns_is_not_overruled(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    turn(table, 0)
    advanced = experiment_parts.advanced
    edited: list[str] = []

    def late(part: Any, *rest: Any) -> Any:
        after = advanced(part, *rest)
        if part.item_id == "lamp 5" and not edited:
            edited.append(part.item_id)
            edit(table, "lamp 5", 7, price=eur("12.00"))
        return after

    monkeypatch.setattr(experimenting, "advanced", late)
    turn(table, 7)
    part = ExperimentStore(table).parts("spring")["lamp 5"]
    assert prices(table)["lamp 5"] == Decimal("12.00")
    assert part.over is not None
    assert part.over.why == "edited"


@pytest.mark.usefixtures("shop")
def test_what_limits_do_not_allow_is_not_set_and_is_told(table: Table) -> None:
    limits = PriceLimitsStore(table)
    limits.put("item:lamp 1", Limits(minimum=eur("9.90")), None)
    edit(table, "lamp 2", -30, price=None)
    edit(table, "lamp 4", -30, stock=0)
    edit(table, "lamp 6", -30, price=eur("0.10"), cost=None)
    left_out = turn(table, 0).left_out["spring"]
    assert set(left_out) == {"lamp 1", "lamp 2", "lamp 4", "lamp 6"}
    assert "9.90 EUR is the least that you set" in left_out["lamp 1"]
    assert "two arms are the same price" in left_out["lamp 6"]
    assert prices(table)["lamp 1"] == Decimal("10.00")
    limits.put("item:lamp 7", Limits(maximum=eur("10.10")), None)
    turn(table, 7)
    part = ExperimentStore(table).parts("spring")["lamp 7"]
    assert part.over is not None
    assert part.over.why == "limits"
    assert "10.10 EUR is the most that you set" in part.over.text
    assert prices(table)["lamp 7"] == Decimal("10.00")


def test_an_item_is_in_one_experiment_at_a_time(shop: Api, table: Table) -> None:
    assert shop.server.put("/v1/prices/experiments/two", BODY | {"category": None, "item_ids": NAMES[:2]}).status == 200
    told = turn(table, 0)
    assert set(told.busy.values()) == {"spring"}
    assert told.left_out["two"] == dict.fromkeys(NAMES[:2], "It is in the experiment spring.")


@pytest.mark.usefixtures("shop")
def test_an_item_that_is_deleted_is_gone(table: Table) -> None:
    turn(table, 0)
    ItemStore(table).delete(["lamp 0"])
    turn(table, 7)
    part = ExperimentStore(table).parts("spring")["lamp 0"]
    assert part.over is not None
    assert part.over.why == "gone"


def test_a_price_that_an_experiment_raised_and_lowered_is_no_reduction(
    shop: Api, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Article 6a: the lowest price of the 30 days before counts, and that was the arm below."""
    low_then_high = {0: 0, 1: 2, 2: 1}
    monkeypatch.setattr(Experiment, "arm", lambda _, __, block: low_then_high[block % 3])
    for day in (0, 7, 14):
        turn(table, day)
    assert prices(table)["lamp 1"] == Decimal("10.00")
    entries = [each.amount for each in LedgerStore(table).read("lamp 1")]
    assert entries == [Decimal(each) for each in ("10.00", "9.80", "10.20", "10.00")]
    told = _claimed(shop, monkeypatch, struck_through={"amount": "10.20", "currency": "EUR"})
    assert (told.status, told.json()["reason"]) == (422, "not_lower")


def _claimed(shop: Api, monkeypatch: pytest.MonkeyPatch, **said: Any) -> Any:
    monkeypatch.setattr(shop.apps["prices"], "now", lambda: night_of(14) + timedelta(hours=1))
    return shop.server.post("/v1/prices/lamp%201/claims", said)


def test_endings_hold_for_the_arms() -> None:
    made = Experiment.model_validate(BODY | {"experiment_id": "spring"})
    lamp: Item = item("99.99", category="light")
    limits = Limits(endings=(".99",), maximum_weekly_step=Decimal("0.05"))
    part = experiment_parts.enrolled(made, lamp, experiment_parts.Holding(limits, (), ()), night_of(0))
    assert not isinstance(part, str)
    assert part.prices == (Decimal("97.99"), Decimal("99.99"), Decimal("101.99"))
