"""A night: everybody who ordered has a value, written where it says something new, and nobody who was erased."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.budget import NOT_VALUED, Level, Standing
from shared.domain.events import ANONYMOUS, KNOWN, NOBODY, CustomerRef, Event
from shared.domain.money import Money
from shared.domain.value import CustomerValue, Lifecycle
from shared.domain.vocabulary import EventName
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.budgets import BudgetStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from shared.stores.values import ValueStore
from tests.conftest import BUCKET, Keys
from tests.gateway import Context as LambdaContext
from training import limits
from training.errors import OutOfRoom
from training.sales import purchases
from training.value import app
from training.value.likelihood import NotFittedError
from training.value.run import NO_ORDERS, Rooms, run
from training.value.values import KEPT


class Context(LambdaContext):
    """The process of many tests is larger than a function's."""

    memory_limit_in_mb = 100_000


NOW = datetime.now(UTC)
ANN, BOB = (CustomerRef(kind=KNOWN, id=name) for name in ("ann", "bob"))
PHONE = CustomerRef(kind=ANONYMOUS, id="phone")


def order(
    who: CustomerRef,
    days: float,
    paid: str | None = "20",
    name: str = "Order Completed",
    currency: str = "EUR",
    **more: Any,
) -> Event:
    number = f"{who.id}-{days}"
    told = {"order_id": number, "message_id": f"{number}-{name}", "items": ("lamp",)} | more
    if paid:
        told |= {"paid": Money.model_validate({"amount": paid, "currency": currency}), "currency": currency}
    return Event(customer=who, time=NOW - timedelta(days=days), name=name, **told)


def shop(customers: int = 30) -> list[Event]:
    """So many who order about every ten days, each a little later than the other."""
    people = [CustomerRef(kind=KNOWN, id=f"c{n}") for n in range(customers)]
    return [order(who, 1 + n / 10 + 10 * k) for n, who in enumerate(people) for k in range(1 + n % 6)]


class Kept(ValueStore):
    """Remembers what was written, since the table does not tell."""

    def __init__(self, table: Table, now: datetime = NOW) -> None:
        super().__init__(table, lambda: now)
        self.written: list[CustomerRef] = []

    def put_many(self, values: Mapping[CustomerRef, CustomerValue]) -> None:
        self.written += values
        super().put_many(values)


def nobody_erased(_: Iterable[CustomerRef]) -> Mapping[CustomerRef, datetime]:
    return {}


def night(events: list[Event], store: Kept, now: datetime = NOW, erased: Any = nobody_erased) -> dict[str, Any]:
    store.written.clear()
    return run(purchases(events), Rooms(store, erased), now)


def test_everybody_who_ordered_has_a_value(table: Table) -> None:
    store = Kept(table)
    done = night([*shop(), order(ANN, 2.0, "12.50"), order(ANN, 30.0, "7.50"), order(PHONE, 3.0, None)], store)
    assert (done["customers"], done["written"], done["pooled"]) == (32, 32, True)
    anns, phones = store.get(ANN), store.get(PHONE)
    assert anns is not None
    assert phones is not None
    assert (anns.orders, anns.average_order, anns.currency, anns.days_between_orders) == (2, 10.0, "EUR", 28.0)
    assert (phones.lifecycle, phones.average_order, phones.days_between_orders) == (Lifecycle.NEW, None, None)
    assert phones.expected_value is not None, "as an average customer's"
    for each in (anns, phones):
        assert each.expected_orders.low <= each.expected_orders.value <= each.expected_orders.high
        assert each.model_id == done["model_id"]


def test_what_customers_did_is_what_they_are_worth(table: Table) -> None:
    """Who orders more is expected to order more; who has long been silent, less."""
    store = Kept(table)
    often = [order(ANN, 1.0 + 7 * k) for k in range(12)]
    silent = [order(BOB, 300.0 + 7 * k) for k in range(12)]
    night([*shop(), *often, *silent], store)
    anns, bobs = store.get(ANN), store.get(BOB)
    assert anns is not None
    assert bobs is not None
    assert (anns.lifecycle, bobs.lifecycle) == (Lifecycle.LOYAL, Lifecycle.LAPSING)
    assert anns.expected_orders.value > 10 * bobs.expected_orders.value
    assert anns.expected_value is not None
    assert bobs.expected_value is not None
    assert anns.expected_value.value > 10 * bobs.expected_value.value


def test_only_what_says_something_new_is_written(table: Table) -> None:
    store, events = Kept(table), shop()
    assert night(events, store)["written"] == 30
    assert night(events, store)["written"] == 0
    again = night([*events, order(CustomerRef(kind=KNOWN, id="c3"), 0.01)], store)
    assert CustomerRef(kind=KNOWN, id="c3") in store.written
    assert again["written"] < 30
    late = NOW + KEPT
    assert night(events, Kept(table, late), late)["written"] == 30


def test_who_is_erased_meanwhile_is_not_written(table: Table) -> None:
    """The archive was read before; what they ordered after the erasure is a new history."""
    store, asked = Kept(table), NOW - timedelta(days=5)
    found = night([*shop(), order(ANN, 9.0), order(BOB, 2.0)], store, erased=lambda _: {ANN: asked, BOB: asked})
    assert found["written"] == 31
    assert (store.get(ANN), store.get(BOB) is not None) == (None, True)


def test_a_shop_without_orders_or_amounts(table: Table) -> None:
    store = Kept(table)
    assert night([], store) == {"model_id": None, "reason": NO_ORDERS}
    done = night([order(ANN, 3.0, None)], store)
    assert (done["customers"], done["pooled"], "p" in done["parameters"]) == (1, True, False)
    anns = store.get(ANN)
    assert anns is not None
    assert (anns.expected_value, anns.currency, anns.average_order) == (None, None, None)
    assert anns.expected_orders.value > 0


def test_one_order_of_one_day_is_enough_to_say_something(table: Table) -> None:
    """An hour after the shop has opened."""
    store = Kept(table)
    night([order(ANN, 1 / 24, "15")], store)
    anns = store.get(ANN)
    assert anns is not None
    assert anns.expected_value is not None
    assert (anns.lifecycle, anns.pooled) == (Lifecycle.NEW, True)
    assert anns.expected_value.value == pytest.approx(15 * anns.expected_orders.value, rel=0.2)


@pytest.mark.parametrize("customers", [60, 300])
def test_a_shop_whose_orders_all_come_to_the_same(table: Table, customers: int) -> None:
    """One thing at one price: how amounts vary cannot be learnt, and is no reason to value nobody."""
    store = Kept(table)
    done = night(shop(customers), store)
    assert done["written"] == customers
    each = store.get(CustomerRef(kind=KNOWN, id="c5"))
    assert each is not None
    assert each.expected_value is not None
    assert each.expected_value.value == pytest.approx(20 * each.expected_orders.value, rel=0.05)


def test_a_search_that_ends_nowhere_leaves_what_is_believed_of_other_shops(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any) -> Any:
        raise NotFittedError

    monkeypatch.setattr("training.value.bgnbd.maximise", lost)
    monkeypatch.setattr("training.value.gamma_gamma.maximise", lost)
    done = night([*shop(150), order(ANN, 3.0, "40")], Kept(table))
    assert (done["pooled"], done["written"]) == (True, 151)
    assert done["parameters"] == pytest.approx(
        dict(zip(["r", "alpha", "a", "b", "p", "q"], (0.5, 4, 0.5, 4, 2.5, 3.5), strict=True))
        | {"v": 20.0, "unsteady": 0.0},
        abs=0.2,
    )


def test_what_came_back_was_never_bought(table: Table) -> None:
    store = Kept(table)
    gone = order(ANN, 3.0, None, EventName.ORDER_CANCELLED, order_id="ann-4.0", items=())
    night([*shop(), order(ANN, 4.0), gone, order(BOB, 4.0)], store)
    assert (store.get(ANN), store.get(BOB) is not None) == (None, True)


def test_another_currency_is_not_added_up(table: Table) -> None:
    store = Kept(table)
    night([*shop(), order(ANN, 5.0, "9000", currency="JPY"), order(ANN, 3.0, "20")], store)
    anns = store.get(ANN)
    assert anns is not None
    assert (anns.orders, anns.average_order, anns.currency) == (2, 20.0, "EUR")


def test_what_was_kept_without_identity_is_nobodys(table: Table) -> None:
    store = Kept(table)
    assert night([order(CustomerRef(kind=NOBODY, id="x"), 3.0)], store)["model_id"] is None


@pytest.fixture
def function(table: Table, keys: Keys) -> Iterator[ValueStore]:
    assert keys
    caches = (app.settings, app.table, app.tombstones)
    for each in caches:
        each.cache_clear()
    yield ValueStore(table)
    for each in caches:
        each.cache_clear()


def test_the_function_reads_the_archive_and_honours_tombstones(function: ValueStore, table: Table) -> None:
    """Of an erased customer only what came since counts, though the archive has the rest still."""
    ArchiveStore(clients.s3(), BUCKET).append([*shop(), order(ANN, 9.0, "50"), order(ANN, 1.0, "10"), order(BOB, 9.0)])
    tombstones = TombstoneStore(table, lambda: SecretStore(clients.ssm()).get("/regulars-test/key-pepper"))
    for who in (ANN, BOB):
        tombstones.write(who, NOW - timedelta(days=5))
    done = app.handler({}, Context())
    assert done["customers"] == 31
    anns = function.get(ANN)
    assert anns is not None
    assert (anns.orders, anns.average_order) == (1, 10.0)
    assert function.get(BOB) is None
    told = function.summary()
    assert told is not None
    assert told.customers == 31


def test_a_budget_that_is_used_up_stops_it(function: ValueStore, table: Table) -> None:
    ArchiveStore(clients.s3(), BUCKET).append(shop())
    standing = Standing(month=f"{NOW:%Y-%m}", budget=1, spent=1, level=Level.REDUCED, measured=NOW)
    BudgetStore(table).record(standing)
    assert app.handler({}, Context()) == {"model_id": None, "reason": NOT_VALUED}
    assert function.summary() is None
    BudgetStore(table).record(standing.model_copy(update={"level": Level.WARNED}))
    assert app.handler({}, Context())["customers"] == 30


def test_a_function_that_is_too_small_says_so_in_words(function: ValueStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform would end it without any; and nobody is sent to a job that there is for trainings only."""
    ArchiveStore(clients.s3(), BUCKET).append(shop())
    monkeypatch.setattr(limits, "LOOKS_EVERY_SECONDS", 0.001)
    short = Context()
    short.memory_limit_in_mb = 1
    with pytest.raises(OutOfRoom, match=r"of the function's 1 MB are used\. What it has written stands"):
        app.handler({}, short)
    assert function.summary() is None
