"""Competitors' prices: taken in by rows, and no nonsense of a feed among them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain import competitors as domain
from shared.domain.competitors import CompetitorPrice, amounts
from shared.domain.money import Money
from shared.stores.competitors import CompetitorStore
from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.prices.ledgers import DAY, NOW, priced
from tests.gateway import Response

URL = "/v1/competitor-prices"
OWN = Money(amount=Decimal(10), currency="EUR")


def row(amount: str | None = "9.00", competitor: str = "Shop B", currency: str = "EUR", **more: Any) -> dict[str, Any]:
    price = {"amount": amount, "currency": currency} if amount else None
    return {"item_id": "lamp", "competitor": competitor, "price": price} | more


def put(api: Api, *rows: Any) -> Response:
    return api.server.put(URL, {"prices": list(rows)})


def known(api: Api) -> dict[str, str | None]:
    prices = api.server.get(f"{URL}/lamp").json()["prices"]
    return {each["competitor"]: each["price"] and each["price"]["amount"] for each in prices}


@pytest.fixture
def shop(api: Api, table: Table) -> Api:
    priced(table, (60, "10.00"))
    return api


def test_prices_are_kept_by_competitor_and_the_latest_counts(shop: Api) -> None:
    first = put(shop, row("9.00"), row("11.00", "Shop C"), row("8.00", seen=str(NOW - DAY)))
    assert (first.status, first.json()) == (200, {"accepted": 3, "rejected": []})
    assert known(shop) == {"Shop B": "9.00", "Shop C": "11.00"}
    put(shop, row("8.50"), row("7.00", "Shop C", seen=str(NOW - DAY)))
    assert known(shop) == {"Shop B": "8.50", "Shop C": "11.00"}
    put(shop, row(None))
    assert known(shop) == {"Shop B": None, "Shop C": "11.00"}
    assert shop.server.get(f"{URL}/gone").json() == {"item_id": "gone", "prices": []}


def test_a_feed_that_comes_twice_or_in_another_order_is_the_same(shop: Api, table: Table) -> None:
    rows = [row(f"{9 + n}.00", f"Shop {n % 3}", seen=str(NOW - n * DAY)) for n in range(6)]
    put(shop, *rows)
    record = table.get("COMPETITORS#lamp", "PRICES")
    put(shop, *rows)
    put(shop, *reversed(rows))
    assert table.get("COMPETITORS#lamp", "PRICES") == record


NONSENSE = [
    (row("0"), "price.amount"),
    (row("-1"), "price.amount"),
    (row("NaN"), "price.amount"),
    (row("1E+400"), "price.amount"),
    (row("900.00"), "price.amount"),
    (row("0.09"), "price.amount"),
    (row("<span>9.00</span>"), "price.amount"),
    (row("9,00 EUR"), "price.amount"),
    (row() | {"price": 9.0}, "price"),
    (row() | {"price": {"amount": 9.0, "currency": "EUR"}}, "price.amount"),
    (row(currency="USD"), "price.currency"),
    (row(competitor="<b>Shop</b>"), "competitor"),
    (row(competitor="Shop &lt;b&gt;"), "competitor"),
    (row(competitor="Shop\u0000"), "competitor"),
    (row(competitor="x" * 101), "competitor"),
    (row(competitor=""), "competitor"),
    (row(url="javascript:alert(1)"), "url"),
    (row(url="https://b.example/<script>"), "url"),
    (row(seen=str(NOW + timedelta(hours=2))), "seen"),
    (row(seen=str(NOW - 400 * DAY)), "seen"),
    (row(seen="2026-03-29T02:30:00"), "seen"),
    (row(item_id="gone"), "item_id"),
    (row(stock=3), "stock"),
    ({}, "item_id"),
    ("<html>502 Bad Gateway</html>", ""),
    (None, ""),
]


@pytest.mark.parametrize(("bad", "field"), NONSENSE)
def test_nonsense_is_named_and_costs_the_good_rows_nothing(shop: Api, bad: Any, field: str) -> None:
    reply = put(shop, row("9.00"), bad)
    assert reply.status == 207
    ((index, named, message),) = [(e["index"], e["field"], e["message"]) for e in reply.json()["rejected"]]
    assert (index, named, reply.json()["accepted"]) == (1, field, 1)
    assert message
    assert known(shop) == {"Shop B": "9.00"}
    alone = put(shop, bad)
    assert (alone.status, alone.json()["errors"][0]["field"]) == (400, f"prices.0.{field}")


def test_a_whole_feed_that_is_html_is_no_feed(shop: Api) -> None:
    assert shop.server.call("PUT", URL, "<html><body>Too many requests</body></html>").status == 400
    assert shop.server.put(URL, {"prices": "<table>"}).status == 400
    assert known(shop) == {}


def test_without_the_look_for_absurd_values_they_would_be_kept(shop: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert put(shop, row("900.00")).status == 400
    monkeypatch.setattr(domain, "_absurd", lambda *_: None)
    assert put(shop, row("900.00")).status == 200


def test_an_item_without_a_price_has_nothing_to_compare_with(api: Api, table: Table) -> None:
    priced(table, (1, None))
    assert put(api, row()).json()["errors"][0]["field"] == "prices.0.item_id"


def test_of_one_item_fifty_competitors_are_kept(shop: Api) -> None:
    assert put(shop, *(row("9.00", f"Shop {n}") for n in range(50))).status == 200
    reply = put(shop, row("8.00", "Shop 51"))
    assert (reply.status, reply.json()["errors"][0]["field"]) == (400, "prices.0.competitor")
    assert put(shop, row("8.00", "Shop 7")).status == 200
    assert len(known(shop)) == 50


def test_two_feeds_at_once_lose_nothing(shop: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    read = CompetitorStore._read

    def overtaken(store: CompetitorStore, *what: Any, **how: Any) -> Any:
        before = read(store, *what, **how)
        monkeypatch.setattr(CompetitorStore, "_read", read)
        assert put(shop, row("11.00", "Shop C")).status == 200
        return before

    monkeypatch.setattr(CompetitorStore, "_read", overtaken)
    assert put(shop, row("9.00")).status == 200
    assert known(shop) == {"Shop B": "9.00", "Shop C": "11.00"}


def test_what_counts_is_recent_of_the_same_currency_and_not_absurd_now() -> None:
    def seen(amount: str, days: float, currency: str = "EUR") -> CompetitorPrice:
        return CompetitorPrice.model_validate(row(amount, currency=currency, seen=NOW - days * DAY))

    prices = [seen("9.00", 1), seen("8.00", 13.9), seen("7.00", 14.1), seen("9.50", 1, "USD"), seen("200.00", 1)]
    assert amounts(prices, OWN, 14, NOW) == [Decimal("9.00"), Decimal("8.00")]
    assert amounts([CompetitorPrice.model_validate(row(None, seen=NOW))], OWN, 14, NOW) == []


def test_old_prices_are_forgotten(shop: Api, table: Table) -> None:
    put(shop, row("9.00", seen=str(NOW - 364 * DAY)))
    later = CompetitorPrice.model_validate(row("8.00", "Shop C", seen=NOW))
    CompetitorStore(table).put([later], NOW + 2 * DAY)
    assert known(shop) == {"Shop C": "8.00"}
    record = table.get("COMPETITORS#lamp", "PRICES")
    assert record
    assert int(record["expires_at"]) == int((NOW + 365 * DAY).timestamp())
