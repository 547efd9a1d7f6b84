"""Versions and the price ledger: written together, once, and never forked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.errors import StoreUnavailableError
from shared.domain.items import Item, content
from shared.domain.ledger import broken
from shared.stores import clients
from shared.stores.items import ItemStore
from shared.stores.ledger import LedgerStore
from shared.stores.table import Put, Table, pack
from tests.conftest import TABLE
from tests.shared.stores.faults import cancelled, refusing

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def lamp(amount: str | None = None, currency: str = "EUR", title: str = "Lamp", item_id: str = "lamp") -> Item:
    price = {"amount": amount, "currency": currency} if amount else None
    return Item.model_validate({"item_id": item_id, "title": title, "price": price})


def edited(items: ItemStore, wanted: Item | None, now: datetime = NOW) -> Item | None:
    return items.edit({"lamp": lambda _: wanted}, now)["lamp"]


def amounts(table: Table, item_id: str = "lamp") -> list[tuple[str, Decimal | None]]:
    """The item's ledger, which must be whole."""
    entries = LedgerStore(table).read(item_id)
    assert broken(entries, ItemStore(table).with_end(item_id)[1]) is None
    return [(entry.currency, entry.amount) for entry in entries]


def version(table: Table, item_id: str = "lamp") -> int | None:
    return ItemStore(table).get([item_id])[item_id].version


def test_a_version_rises_by_one_with_each_change_and_the_ledger_with_each_price(table: Table) -> None:
    items = ItemStore(table)
    steps: list[tuple[Item, int, int]] = [
        (lamp(), 1, 0),
        (lamp("9.90"), 2, 1),
        (lamp("9.90"), 2, 1),
        (lamp("9.90", title="New"), 3, 1),
        (lamp("8.90", title="New"), 4, 2),
        (lamp("8.90", "USD", title="New"), 5, 4),
        (lamp(title="New"), 6, 5),
    ]
    for item, wanted, entries in steps:
        assert edited(items, item) == item.model_copy(update={"version": wanted})
        assert version(table) == wanted
        assert len(amounts(table)) == entries
    assert amounts(table)[-3:] == [("EUR", None), ("USD", Decimal("8.90")), ("USD", None)]


def test_a_deleted_item_keeps_its_ledger_and_its_version_goes_on(table: Table) -> None:
    items = ItemStore(table)
    edited(items, lamp("9.90"))
    for _ in range(2):
        assert edited(items, None, NOW + timedelta(days=1)) is None
        assert items.get(["lamp"]) == {}
        assert items.page(10) == ([], None)
        assert list(items.all()) == []
        assert amounts(table) == [("EUR", Decimal("9.90")), ("EUR", None)]
    assert edited(items, lamp("9.90"), NOW + timedelta(days=2)) == lamp("9.90").model_copy(update={"version": 3})
    assert len(amounts(table)) == 3


def test_deleting_what_never_was_writes_nothing(table: Table) -> None:
    assert edited(ItemStore(table), None) is None
    assert clients.dynamodb().scan(TableName=TABLE)["Items"] == []


def test_an_item_from_before_versions_and_ledger_is_taken_on(table: Table) -> None:
    old = {"pk": "ITEM#lamp", "sk": "ITEM", "item_id": "lamp", "shelf": "3", "body": content(lamp("9.90"))}
    clients.dynamodb().put_item(TableName=TABLE, Item=pack(old))
    items = ItemStore(table)
    assert items.get(["lamp"]) == {"lamp": lamp("9.90").model_copy(update={"version": 1})}
    assert amounts(table) == []
    for _ in range(2):
        assert edited(items, lamp("9.90")) == lamp("9.90").model_copy(update={"version": 2})
        assert amounts(table) == [("EUR", Decimal("9.90"))]


def after(first: Callable[[], object], wanted: Item) -> Callable[[Item | None], Item]:
    """An edit during whose first call somebody else does something."""
    others = iter([first])

    def edit(_: Item | None) -> Item:
        for act in others:
            act()
        return wanted

    return edit


@pytest.mark.parametrize("before", [None, lamp("10"), lamp()])
@pytest.mark.parametrize("other", [lamp("11"), lamp(title="Other"), None])
def test_two_writers_at_once_do_not_fork_the_chain(table: Table, before: Item | None, other: Item | None) -> None:
    items = ItemStore(table)
    edited(items, before)
    edit = after(lambda: edited(items, other), lamp("12"))
    assert items.edit({"lamp": edit}, NOW)["lamp"] == items.get(["lamp"])["lamp"]
    assert amounts(table)[-1] == ("EUR", Decimal(12))


def test_one_item_that_somebody_else_changes_does_not_cost_the_others_their_transaction(table: Table) -> None:
    items = ItemStore(table)
    names = [f"item-{n:03d}" for n in range(120)]
    edits: dict[str, Any] = {each: lambda _, each=each: lamp("5", item_id=each) for each in names}
    edits["item-007"] = after(lambda: items.put([lamp("6", item_id="item-007")]), lamp("5", item_id="item-007"))
    items.edit(edits, NOW)
    assert {version(table, each) for each in names if each != "item-007"} == {1}
    assert version(table, "item-007") == 2
    assert amounts(table, "item-007") == [("EUR", Decimal(6)), ("EUR", Decimal(5))]


def test_a_conflict_of_transactions_is_tried_again(table: Table) -> None:
    with cancelled(clients.dynamodb(), ["TransactionConflict", "None"], times=2):
        edited(ItemStore(table), lamp("9.90"))
    assert amounts(table) == [("EUR", Decimal("9.90"))]


def test_a_transaction_that_stays_refused_is_our_failure_and_leaves_nothing_by_halves(table: Table) -> None:
    items = ItemStore(table)
    many = [lamp("5", item_id=f"item-{n:03d}") for n in range(150)]
    with refusing(clients.dynamodb(), "TransactWriteItems", after=1), pytest.raises(StoreUnavailableError):
        items.put(many)
    for each in many:
        stored = items.get([each.item_id])
        assert len(amounts(table, each.item_id)) == len(stored)
    items.put(many)
    assert {len(amounts(table, each.item_id)) for each in many} == {1}


def test_a_cancellation_for_a_fault_of_ours_is_not_taken_for_a_busy_table(table: Table) -> None:
    fault = clients.dynamodb().exceptions.TransactionCanceledException
    with cancelled(clients.dynamodb(), ["ValidationError", "None"]), pytest.raises(fault):
        edited(ItemStore(table), lamp("9.90"))


def test_those_who_are_always_too_late_are_told_so(table: Table) -> None:
    items = ItemStore(table)
    turns = iter(range(100))

    def edit(_: Item | None) -> Item:
        edited(items, lamp(title=f"Other {next(turns)}"))
        return lamp("9.90")

    with pytest.raises(StoreUnavailableError):
        items.edit({"lamp": edit}, NOW)


def test_a_changed_entry_in_the_table_is_found(table: Table) -> None:
    items = ItemStore(table)
    for amount in ("10", "8", "12"):
        edited(items, lamp(amount))
    key = pack({"pk": "LEDGER#lamp", "sk": "PRICE#0000000002"})
    stored = clients.dynamodb().get_item(TableName=TABLE, Key=key)["Item"]["body"]["S"]
    clients.dynamodb().put_item(TableName=TABLE, Item=key | pack({"body": stored.replace('"8"', '"7"')}))
    assert broken(LedgerStore(table).read("lamp"), items.with_end("lamp")[1]) == 2


def test_no_write_goes_over_an_entry(table: Table) -> None:
    """Even if the item's own record is lost and somebody starts anew, the old entries stand."""
    items = ItemStore(table)
    edited(items, lamp("10"))
    clients.dynamodb().delete_item(TableName=TABLE, Key=pack({"pk": "ITEM#lamp", "sk": "ITEM"}))
    with pytest.raises(StoreUnavailableError):
        edited(items, lamp("1"))
    assert [entry.amount for entry in LedgerStore(table).read("lamp")] == [Decimal(10)]


def test_what_is_written_beside_an_item_is_written_with_it_or_not_at_all(table: Table) -> None:
    items = ItemStore(table)
    asked: list[int] = []

    def edit(_: Item | None) -> Item:
        asked.append(len(asked))
        if len(asked) > 2:
            raise LookupError
        return lamp("8.00")

    note = Put({"pk": "NOTE#1", "sk": "NOTE"}, "attribute_not_exists(pk)")
    items.edit({"lamp": lambda _: lamp("9.00")}, NOW, lambda _: (note,))
    assert table.get("NOTE#1", "NOTE")
    with pytest.raises(LookupError):
        items.edit({"lamp": edit}, NOW, lambda _: (note,))
    assert asked == [0, 1, 2]
    assert amounts(table) == [("EUR", Decimal("9.00"))]
    items.edit({"lamp": lambda _: lamp("9.00")}, NOW, lambda _: (Put({"pk": "NOTE#2", "sk": "NOTE"}),))
    assert table.get("NOTE#2", "NOTE") is None  # nothing changes, so nothing is written


def test_the_latest_entries_of_a_ledger_are_its_end(table: Table) -> None:
    for n in range(6):
        edited(ItemStore(table), lamp(f"{10 + n}.00"), NOW + n * timedelta(days=1))
    ledger = LedgerStore(table)
    assert ledger.latest("lamp", 2) == ledger.read("lamp")[-2:]
    assert ledger.latest("lamp", 50) == ledger.read("lamp")
    assert broken(ledger.latest("lamp", 2), ItemStore(table).with_end("lamp")[1], tail=True) is None
    assert broken(ledger.latest("lamp", 2), ItemStore(table).with_end("lamp")[1]) == 1


@pytest.mark.parametrize("seq", [4, 5, 6])
def test_of_the_latest_entries_one_that_was_touched_is_found(table: Table, seq: int) -> None:
    for n in range(6):
        edited(ItemStore(table), lamp(f"{10 + n}.00"), NOW + n * timedelta(days=1))
    record = table.get("LEDGER#lamp", f"PRICE#{seq:010d}")
    assert record
    table.put(record | {"body": record["body"].replace(".00", ".50")})
    assert broken(LedgerStore(table).latest("lamp", 3), ItemStore(table).with_end("lamp")[1], tail=True) == seq
