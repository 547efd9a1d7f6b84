"""The owner's word on suggested prices: once, at the price that was looked at, inside today's limits."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.errors import ConflictError, RefusedError
from shared.domain.ledger import broken
from shared.domain.money import Money
from shared.domain.suggestions import Elasticity, Estimate, Suggestion, SuggestionStatus, suggestion_id
from shared.stores.items import ItemStore
from shared.stores.ledger import LedgerStore
from shared.stores.repricing import Repricing
from shared.stores.suggestions import SuggestionStore
from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.prices.ledgers import DAY, NOW, priced
from tests.gateway import Response

URL = "/v1/prices/suggestions"
NEAR = Estimate(value=1, low=0, high=2)


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def made(item_id: str = "lamp", current: str = "10.00", suggested: str = "10.40", **more: Any) -> Suggestion:
    fields: dict[str, Any] = {
        "suggestion_id": suggestion_id(item_id, eur(current), eur(suggested), NOW.date()),
        "item_id": item_id,
        "title": item_id.title(),
        "category": "light",
        "created": NOW - timedelta(hours=1),
        "expires": NOW + 6 * DAY,
        "current": eur(current),
        "suggested": eur(suggested),
        "units": NEAR,
        "revenue": NEAR,
        "profit": NEAR,
        "elasticity": Elasticity(value=-2, low=-3, high=-1, weeks=9, prices=2, own_share=0.4),
        "reasons": (),
        "model_id": "demand-1",
    }
    return Suggestion.model_validate(fields | more)


def suggest(table: Table, *suggestions: Suggestion) -> None:
    SuggestionStore(table).replace(suggestions, NOW)


@pytest.fixture
def shop(api: Api, table: Table) -> Api:
    """A lamp at 10 euros for two months, and a suggestion of 10.40."""
    priced(table, (60, "10.00"), category="light", cost={"amount": "4.00", "currency": "EUR"})
    suggest(table, made())
    return api


def say(api: Api, word: str, item_id: str = "lamp", **said: Any) -> Response:
    return api.server.post(f"{URL}/{item_id}/{word}", said)


def price(table: Table) -> str:
    item = ItemStore(table).get(["lamp"])["lamp"]
    return str(item.price and item.price.amount)


def ledger(table: Table) -> list[str]:
    """The lamp's prices, whose chain must be whole."""
    entries = LedgerStore(table).read("lamp")
    assert broken(entries, ItemStore(table).with_end("lamp")[1]) is None
    return [str(entry.amount) for entry in entries]


def status(api: Api) -> list[str]:
    """Of the lamp's suggestion, under every status that lists it."""
    return [each for each in SuggestionStatus if api.server.get(f"{URL}?status={each}").json()["suggestions"]]


def test_an_approved_price_is_the_shops_from_then_on(shop: Api, table: Table) -> None:
    (open_,) = shop.server.get(URL).json()["suggestions"]
    assert open_["suggested"] == {"amount": "10.40", "currency": "EUR"}
    told = say(shop, "approve", suggestion_id=open_["suggestion_id"])
    assert (told.status, told.json()["status"], told.json()["by_autopilot"]) == (200, "approved", False)
    assert shop.browser.get("/v1/prices/lamp").json()["price"] == open_["suggested"]
    assert (ledger(table), status(shop)) == (["10.00", "10.40"], ["approved"])


def test_an_approval_that_comes_twice_is_one(shop: Api, table: Table) -> None:
    first = say(shop, "approve").json()
    assert [say(shop, "approve").json() for _ in range(2)] == [first, first]
    assert ledger(table) == ["10.00", "10.40"]
    shop.server.call("PATCH", "/v1/items/lamp", {"price": {"amount": "10.00"}})
    assert say(shop, "approve").status == 200  # what was done is not done again
    assert price(table) == "10.00"


def in_between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """`act` happens after all has been looked at, and before the first transaction is sent."""
    transact = Table.transact

    def overtaken(table: Table, writes: Any) -> Any:
        monkeypatch.setattr(Table, "transact", transact)
        act()
        return transact(table, writes)

    monkeypatch.setattr(Table, "transact", overtaken)


def test_of_two_approvals_at_once_one_changes_the_price(
    shop: Api, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_between(monkeypatch, lambda: Repricing(table).approve("lamp", None, NOW))
    assert say(shop, "approve").status == 200
    assert (price(table), ledger(table)) == ("10.40", ["10.00", "10.40"])


def test_an_approval_and_a_rejection_at_once_are_one_of_them(
    shop: Api, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = made().suggestion_id
    in_between(monkeypatch, lambda: SuggestionStore(table).decide("lamp", found, SuggestionStatus.REJECTED, NOW))
    assert say(shop, "approve").status == 409
    assert (price(table), status(shop)) == ("10.00", ["rejected"])


@pytest.mark.parametrize(
    ("change", "code", "after"),
    [
        ({"price": {"amount": "9.00"}}, 409, "9.00"),
        ({"price": None}, 409, "None"),
        ({"cost": {"amount": "10.30"}}, 200, "10.40"),
        ({"cost": {"amount": "10.41"}}, 422, "10.00"),
        ({"title": "Old lamp"}, 200, "10.40"),
        ({"price": {"amount": "10.40"}}, 200, "10.40"),
    ],
)
@pytest.mark.parametrize("by_autopilot", [False, True])
def test_an_approval_while_the_owner_edits_the_item_overrules_nobody(
    shop: Api,
    table: Table,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
    code: int,
    after: str,
    by_autopilot: bool,
) -> None:
    shop.server.put("/v1/prices/limits/all", {"autopilot": True})
    in_between(monkeypatch, lambda: shop.server.call("PATCH", "/v1/items/lamp", change))
    if by_autopilot:
        wrong = {409: ConflictError, 422: RefusedError}.get(code)
        if wrong:
            with pytest.raises(wrong):
                Repricing(table).approve("lamp", None, NOW, by_autopilot=True)
        else:
            assert Repricing(table).approve("lamp", None, NOW, by_autopilot=True).by_autopilot
    else:
        assert say(shop, "approve").status == code
    assert price(table) == after
    ledger(table)
    item = shop.server.get("/v1/items/lamp").json()
    assert item["title"] == change.get("title", "Lamp")
    assert status(shop) == (["approved"] if code == 200 else ["open"])


def test_without_its_condition_an_approval_would_overrule_the_rejection(
    shop: Api, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = SuggestionStore.approval

    def careless(*what: Any, **how: Any) -> Any:
        after, write = approval(*what, **how)
        return after, write._replace(condition="", values={})

    monkeypatch.setattr(SuggestionStore, "approval", careless)
    found = made().suggestion_id
    in_between(monkeypatch, lambda: SuggestionStore(table).decide("lamp", found, SuggestionStatus.REJECTED, NOW))
    assert say(shop, "approve").status == 200
    assert price(table) == "10.40"


@pytest.mark.parametrize(
    ("limits", "word"),
    [
        ({"maximum": {"amount": "10.30", "currency": "EUR"}}, "maximum"),
        ({"minimum_margin": "2"}, "cost"),
        ({"maximum_weekly_step": "0.03"}, "week"),
        ({"endings": [".99"]}, "ending"),
        ({"competitors": {"above": "0.02"}}, "competitors"),
    ],
)
def test_what_todays_limits_do_not_allow_is_refused(shop: Api, table: Table, limits: Any, word: str) -> None:
    rows = [
        {"item_id": "lamp", "competitor": name, "price": {"amount": "10.00", "currency": "EUR"}} for name in ("B", "C")
    ]
    assert shop.server.put("/v1/competitor-prices", {"prices": rows}).status == 200
    assert shop.server.put("/v1/prices/limits/item:lamp", limits).status == 200
    told = say(shop, "approve")
    assert (told.status, told.json()["reason"]) == (422, "limits")
    assert word in told.json()["detail"]
    assert (price(table), status(shop)) == ("10.00", ["open"])
    shop.server.call("DELETE", "/v1/prices/limits/item:lamp")
    assert say(shop, "approve").status == 200


def test_two_steps_in_a_week_are_not_two_times_the_step(shop: Api, table: Table) -> None:
    assert say(shop, "approve").status == 200
    suggest(table, made(current="10.40", suggested="10.80"))
    told = say(shop, "approve")
    assert (told.status, "week" in told.json()["detail"]) == (422, True)
    assert price(table) == "10.40"


def test_a_step_is_measured_by_all_of_the_week_however_often_the_price_changed(shop: Api, table: Table) -> None:
    hourly = [(5 - n / 24, "10.01" if n % 2 else "10.00") for n in range(61)]
    priced(table, (6, "9.80"), *hourly, category="light")
    told = say(shop, "approve")
    assert (told.status, "10.29" in told.json()["detail"]) == (422, True)


def test_limits_in_another_currency_than_the_price_are_named(shop: Api) -> None:
    shop.server.put("/v1/prices/limits/all", {"minimum": {"amount": "1.00", "currency": "USD"}})
    told = say(shop, "approve")
    assert (told.status, told.json()["reason"]) == (422, "minimum")


def test_autopilot_needs_the_owners_leave_at_that_moment(shop: Api, table: Table) -> None:
    for limits in ({}, {"autopilot": True}, {"autopilot": False}):
        shop.server.put("/v1/prices/limits/category:light", limits)
        if limits.get("autopilot"):
            continue
        with pytest.raises(RefusedError, match="Autopilot"):
            Repricing(table).approve("lamp", None, NOW, by_autopilot=True)
    assert price(table) == "10.00"


def test_what_was_rejected_snoozed_or_expired(shop: Api, table: Table) -> None:
    until = (NOW + 3 * DAY).date().isoformat()
    assert say(shop, "snooze", until=until).json()["snoozed_until"] == until
    assert status(shop) == ["snoozed"]
    assert say(shop, "reject").json()["status"] == "rejected"
    assert say(shop, "reject").status == 200
    for word in ("approve", "snooze"):
        assert say(shop, word).status == 409
    assert (price(table), status(shop)) == ("10.00", ["rejected"])
    suggest(table, made(suggested="10.20", expires=NOW - timedelta(minutes=1)))
    table.write_many(deletes=[("SUGGESTION#lamp", "SUGGESTION")])
    suggest(table, made(suggested="10.20", expires=NOW - timedelta(minutes=1)))
    assert say(shop, "approve").status == 409
    assert price(table) == "10.00"


def test_a_snoozed_one_may_be_approved(shop: Api, table: Table) -> None:
    week = [datetime.now(UTC) + 7 * DAY]
    found = say(shop, "snooze").json()["snoozed_until"]
    week.append(datetime.now(UTC) + 7 * DAY)
    assert found in [each.date().isoformat() for each in week]  # midnight may come in between
    assert say(shop, "approve").json()["status"] == "approved"
    assert price(table) == "10.40"


@pytest.mark.parametrize("until", ["2020-01-01", NOW.date().isoformat(), (NOW + 95 * DAY).date().isoformat(), "soon"])
def test_a_snooze_has_an_end_that_is_to_come(shop: Api, until: str) -> None:
    reply = say(shop, "snooze", until=until)
    assert (reply.status, reply.json()["errors"][0]["field"]) == (400, "until")


@pytest.mark.parametrize("word", ["approve", "reject", "snooze"])
def test_another_suggestion_than_the_one_that_was_read_is_a_conflict(shop: Api, table: Table, word: str) -> None:
    assert say(shop, word, suggestion_id="sug_of_yesterday").status == 409
    assert say(shop, word, item_id="vase").status == 404
    assert price(table) == "10.00"


def test_a_deleted_item_has_no_price_to_change(shop: Api) -> None:
    shop.server.call("DELETE", "/v1/items/lamp")
    assert say(shop, "approve").status == 404


def test_a_price_that_is_the_suggested_one_already_is_approved_without_a_change(shop: Api, table: Table) -> None:
    shop.server.call("PATCH", "/v1/items/lamp", {"price": {"amount": "10.40"}})
    assert say(shop, "approve").json()["status"] == "approved"
    assert ledger(table) == ["10.00", "10.40"]


def test_open_ones_are_paged_and_filtered(api: Api, table: Table) -> None:
    some = [made(f"i{n}", category=("light", "rug")[n % 2], profit=Estimate(value=n, low=0, high=9)) for n in range(5)]
    suggest(table, *some)
    first = api.server.get(f"{URL}?limit=3").json()
    assert [each["item_id"] for each in first["suggestions"]] == ["i4", "i3", "i2"]
    rest = api.server.get(f"{URL}?limit=3&cursor={first['next_cursor']}").json()
    assert [each["item_id"] for each in rest["suggestions"]] == ["i1", "i0"]
    rugs = api.server.get(f"{URL}?category=rug").json()["suggestions"]
    assert {each["category"] for each in rugs} == {"rug"}
    assert api.server.get(f"{URL}?status=gone").json()["errors"][0]["field"] == "query.status"


def test_an_item_with_a_slash_in_its_id_is_approved(api: Api, table: Table) -> None:
    priced(table, (60, "10.00"), item_id="a/b")
    suggest(table, made("a/b"))
    assert say(api, "approve", "a%2Fb").json()["status"] == "approved"


def test_yen_have_no_decimals(api: Api, table: Table) -> None:
    yen = [Money(amount=Decimal(amount), currency="JPY") for amount in ("1000", "1040")]
    priced(table, (60, "1000"), currency="JPY")
    suggest(table, made(current="1000", suggested="1040").model_copy(update={"current": yen[0], "suggested": yen[1]}))
    assert say(api, "approve").status == 200
    assert api.browser.get("/v1/prices/lamp").json()["price"] == {"amount": "1040", "currency": "JPY"}


def test_a_clearance_ends_with_its_day_in_utc(shop: Api, table: Table) -> None:
    suggest(table, made(suggested="9.60"))
    shop.server.call("PATCH", "/v1/items/lamp", {"cost": {"amount": "9.90", "currency": "EUR"}})
    today = datetime.now(UTC).date()

    def until(day: date) -> int:
        clearance = {"until": day.isoformat(), "floor": "0.5"}
        assert shop.server.put("/v1/prices/limits/item:lamp", {"clearance": clearance}).status == 200
        return say(shop, "approve").status

    assert until(today - DAY) == 422
    assert price(table) == "10.00"
    assert until(today) == 200
    assert price(table) == "9.60"
