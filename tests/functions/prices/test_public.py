"""What anybody may know of a price, and which claims about it are refused."""

from typing import Any

import pytest

from functions.prices import public
from shared.domain.ledger import broken
from shared.stores.items import ItemStore
from shared.stores.ledger import LedgerStore
from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.prices.ledgers import DAY, NOW, item, priced
from tests.gateway import Response

LAMP = "/v1/prices/lamp"


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def claim(api: Api, **said: Any) -> Response:
    return api.server.post(f"{LAMP}/claims", said)


def test_a_browser_learns_the_price_and_what_it_may_be_compared_with(api: Api, table: Table) -> None:
    priced(table, (60, "12.00"), (20, "10.00"), (2, "9.00"))
    told = api.browser.get(LAMP)
    assert told.status == 200
    assert (told.json()["price"], told.json()["lowest_prior_30_days"]) == (eur("9.00"), eur("10.00"))
    reduced = told.json()["strike_through"]
    assert (reduced["allowed"], reduced["was"], reduced["most_percent"]) == (True, eur("10.00"), 10)
    assert api.server.get(LAMP).json() == told.json()


def test_neither_cost_nor_limits_nor_stock_are_public(api: Api, table: Table) -> None:
    more: dict[str, Any] = {"cost": eur("3.33"), "stock": 0, "category": "light", "text": "A lamp."}
    priced(table, (60, "12.00"), (2, "9.00"), **more)
    limits = {"minimum": eur("4.44"), "maximum": eur("55.55"), "minimum_margin": "0.77"}
    assert api.server.put("/v1/prices/limits/item:lamp", limits).status == 200
    told = api.browser.get(LAMP)
    assert told.status == 200
    assert set(told.json()) == {"item_id", "price", "since", "lowest_prior_30_days", "strike_through"}
    assert set(told.json()["strike_through"]) == {"allowed", "was", "most_percent", "until", "why_not", "text"}
    assert [word for word in ("3.33", "4.44", "55.55", "0.77", "stock", "cost", "margin") if word in told.text] == []
    stocked: dict[str, Any] = more | {"stock": 5}
    priced(table, (1, "9.00"), **stocked)
    assert api.browser.get(LAMP).json() == told.json()


@pytest.mark.parametrize("window", [{"available_from": NOW + DAY}, {"available_until": NOW - DAY}])
def test_a_price_that_is_not_shown_yet_or_any_more_is_not_public(api: Api, table: Table, window: Any) -> None:
    priced(table, (60, "12.00"), **window)
    assert (api.browser.get(LAMP).status, api.server.get(LAMP).status) == (404, 200)


def test_what_has_no_price_or_is_not_there_says_so(api: Api, table: Table) -> None:
    priced(table, (1, None))
    told = api.browser.get(LAMP).json()
    assert (told["price"], told["strike_through"]["why_not"]) == (None, "no_price")
    assert api.browser.get("/v1/prices/gone").status == 404
    assert claim(api, percent="5").json()["reason"] == "no_price"


@pytest.mark.parametrize(
    "said",
    [
        {"struck_through": eur("10.00")},
        {"struck_through": eur("9.50")},
        {"percent": "10"},
        {"struck_through": eur("10.00"), "percent": "9.99", "price": eur("9")},
    ],
)
def test_a_claim_that_the_ledger_supports_is_proven(api: Api, table: Table, said: Any) -> None:
    priced(table, (60, "12.00"), (20, "10.00"), (2, "9.00"))
    reply = claim(api, **said)
    end = ItemStore(table).with_end("lamp")[1]
    assert end
    assert reply.status == 200
    told = reply.json()
    assert (told["was"], told["most_percent"], told["seq"], told["hash"]) == (eur("10.00"), 10, 3, end.hash)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"struck_through": eur("12.00")}, "too_high"),
        ({"struck_through": eur("9.00")}, "not_lower"),
        ({"struck_through": {"amount": "10.00", "currency": "USD"}}, "other_currency"),
        ({"percent": "10.01"}, "too_much"),
        ({"percent": "25"}, "too_much"),
        ({"percent": "10", "price": eur("8.00")}, "other_price"),
    ],
)
def test_a_claim_that_it_does_not_support_is_refused_with_the_reason(
    api: Api, table: Table, said: Any, reason: str
) -> None:
    priced(table, (60, "12.00"), (20, "10.00"), (2, "9.00"))
    reply = claim(api, **said)
    assert (reply.status, reply.headers["content-type"]) == (422, "application/problem+json")
    assert reply.json()["reason"] == reason
    assert reply.json()["detail"]


@pytest.mark.parametrize("said", [{}, {"percent": "0"}, {"percent": "101"}, {"percent": "NaN"}, {"colour": 1}])
def test_a_claim_that_says_nothing_is_no_claim(api: Api, table: Table, said: Any) -> None:
    priced(table, (60, "12.00"))
    assert claim(api, **said).status == 400


def test_a_price_that_was_raised_to_be_reduced_is_found_out(api: Api, table: Table) -> None:
    priced(table, (60, "9.00"), (2, "18.00"), (1, "9.00"))
    assert claim(api, percent="50").json()["reason"] == "not_lower"
    assert api.browser.get(LAMP).json()["strike_through"]["why_not"] == "not_lower"


def test_a_tampered_ledger_proves_nothing(api: Api, table: Table) -> None:
    priced(table, (60, "12.00"), (20, "10.00"), (2, "9.00"))
    assert claim(api, percent="10").status == 200
    record = table.get("LEDGER#lamp", "PRICE#0000000002")
    assert record
    table.put(record | {"body": record["body"].replace('"10.00"', '"20.00"')})
    assert claim(api, percent="10").json()["reason"] == "unproven"
    table.put(record | {"body": "nothing"})
    assert api.browser.get(LAMP).json()["strike_through"]["why_not"] == "unproven"


def test_a_gap_in_the_ledger_proves_nothing(api: Api, table: Table) -> None:
    priced(table, (60, "12.00"), (20, "10.00"), (2, "9.00"))
    table.write_many(deletes=[("LEDGER#lamp", "PRICE#0000000002")])
    assert claim(api, percent="10").json()["reason"] == "unproven"


def test_an_item_from_before_there_was_a_ledger_has_a_price_without_a_past(api: Api, table: Table) -> None:
    body = item("9.00").model_dump_json(exclude_defaults=True)
    table.put({"pk": "ITEM#lamp", "sk": "ITEM", "item_id": "lamp", "shelf": "0", "body": body})
    told = api.browser.get(LAMP).json()
    assert (told["price"], told["strike_through"]["why_not"]) == (eur("9.00"), "unproven")


@pytest.mark.parametrize("count", [2, 3, 50])
def test_a_long_ledger_is_read_as_far_back_as_it_takes(
    api: Api, table: Table, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(public, "LATEST", count)
    priced(table, (90, "12.00"), (5, "13.00"), (4, "14.00"), (3, "15.00"), (2, "9.00"))
    assert claim(api, percent="25").json()["was"] == eur("12.00")


def test_a_price_that_changes_while_it_is_read_is_no_broken_ledger(
    api: Api, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    priced(table, (60, "12.00"), (2, "9.00"))
    read = ItemStore.with_end

    def overtaken(store: ItemStore, item_id: str) -> Any:
        before = read(store, item_id)
        monkeypatch.setattr(ItemStore, "with_end", read)
        priced(table, (0, "8.00"))
        return before

    monkeypatch.setattr(ItemStore, "with_end", overtaken)
    told = api.browser.get(LAMP).json()
    assert (told["price"], told["strike_through"]["was"]) == (eur("8.00"), eur("9.00"))


def test_the_history_shows_every_price_and_that_none_was_touched(api: Api, table: Table) -> None:
    priced(table, (60, "12.00"), (20, "10.00"), (2, None))
    told = api.server.get(f"{LAMP}/history").json()
    assert (told["valid"], told["first_broken"], told["count"]) == (True, None, 3)
    assert [(each["seq"], each["amount"]) for each in told["entries"]] == [(3, None), (2, "10.00"), (1, "12.00")]
    entries = LedgerStore(table).read("lamp")
    assert [each["hash"] for each in told["entries"]] == [each.hash for each in reversed(entries)]
    api.server.call("DELETE", "/v1/items/lamp")
    assert api.server.get(f"{LAMP}/history").json() == told
    assert api.server.get("/v1/prices/gone/history").status == 404


def test_the_history_pages(api: Api, table: Table) -> None:
    priced(table, *((60 - n, f"{10 + n}.00") for n in range(7)))
    seen, cursor = [], ""
    while cursor is not None:
        page = api.server.get(f"{LAMP}/history?limit=3{cursor and '&cursor=' + cursor}").json()
        seen += [each["seq"] for each in page["entries"]]
        cursor = page["next_cursor"]
        assert (page["valid"], page["count"]) == (True, 7)
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert api.server.get(f"{LAMP}/history?cursor=x").json()["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize(
    ("tamper", "first"),
    [
        (lambda table, record: table.put(record | {"body": record["body"].replace('"10.00"', '"7.00"')}), 2),
        (lambda table, record: table.put(record | {"body": "{}"}), 2),
        (lambda table, record: table.write_many(deletes=[(record["pk"], record["sk"])]), 2),
        (lambda table, _: table.write_many(deletes=[("LEDGER#lamp", "PRICE#0000000003")]), 3),
    ],
)
def test_a_tampered_record_is_found(api: Api, table: Table, tamper: Any, first: int) -> None:
    priced(table, (60, "12.00"), (20, "10.00"), (2, "9.00"))
    tamper(table, table.get("LEDGER#lamp", "PRICE#0000000002"))
    told = api.server.get(f"{LAMP}/history?limit=1").json()
    assert (told["valid"], told["first_broken"]) == (False, first)


def test_without_the_check_of_the_chain_a_forged_ledger_would_pass(
    api: Api, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    priced(table, (60, "12.00"), (20, "10.00"), (2, "9.00"))
    record = table.get("LEDGER#lamp", "PRICE#0000000002")
    assert record
    table.put(record | {"body": record["body"].replace('"10.00"', '"20.00"')})
    assert broken(LedgerStore(table).read("lamp"), ItemStore(table).with_end("lamp")[1]) == 2
    monkeypatch.setattr("shared.domain.public_price.broken", lambda *_, **__: None)
    assert claim(api, struck_through=eur("12.00")).status == 200


def test_an_id_may_have_a_slash(api: Api, table: Table) -> None:
    priced(table, (60, "12.00"), (2, "9.00"), item_id="a/b")
    assert api.browser.get("/v1/prices/a%2Fb").json()["item_id"] == "a/b"
    assert api.server.get("/v1/prices/a%2Fb/history").json()["count"] == 2
