"""Quotes over the whole API: given, verified, redeemed once, and held against what happens to prices meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from functions.quotes import app as quotes_app
from functions.quotes import tokens
from shared.domain.errors import ConflictError, InvalidInputError
from shared.domain.money import Money
from shared.stores.quotes import QuoteStore
from shared.stores.table import Table
from tests.functions.api import Api
from tests.gateway import Response

LATER = timedelta(minutes=31)


def put(api: Api, price: str | None = "9.99", currency: str = "EUR", item_id: str = "lamp", **fields: Any) -> None:
    item = {"item_id": item_id, "title": "Lamp", **fields}
    item |= {"price": {"amount": price, "currency": currency}} if price else {}
    assert api.server.put("/v1/items", {"items": [item]}).json()["accepted"] == 1


def ask(api: Api, *lines: tuple[str, int], **fields: Any) -> Response:
    wanted = [{"item_id": item, "quantity": quantity} for item, quantity in lines or [("lamp", 3)]]
    return api.browser.post("/v1/quotes", {"lines": wanted, **fields})


def verify(api: Api, token: str) -> Response:
    return api.browser.post("/v1/quotes/verify", {"token": token})


def redeem(api: Api, token: str, order_id: str = "o1") -> Response:
    return api.server.post("/v1/quotes/redeem", {"token": token, "order_id": order_id})


def amounts(reply: Response) -> list[str]:
    return [line["unit_price"]["amount"] for line in reply.json()["lines"]]


def at(monkeypatch: pytest.MonkeyPatch, time: datetime) -> None:
    """The clock of the function from here on."""
    monkeypatch.setattr(quotes_app, "now", lambda: time)


def test_a_quote_holds_through_a_change_of_the_price(api: Api) -> None:
    put(api)
    given = ask(api)
    assert (given.status, given.json()["total"]) == (200, {"amount": "29.97", "currency": "EUR"})
    put(api, "12.00")
    told = verify(api, given.json()["token"]).json()
    assert told == {name: value for name, value in given.json().items() if name != "token"}
    assert ask(api).json()["total"]["amount"] == "36.00"
    taken = redeem(api, given.json()["token"]).json()
    assert (taken["order_id"], taken["total"]["amount"]) == ("o1", "29.97")


def test_it_is_redeemed_once_and_the_same_order_may_repeat_it(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    put(api)
    token = ask(api).json()["token"]
    assert [redeem(api, token).status for _ in range(2)] == [200, 200]
    refused = redeem(api, token, "o2")
    assert (refused.status, refused.json()["detail"]) == (409, "This quote was redeemed by another order.")
    at(monkeypatch, datetime.now(UTC) + LATER)
    assert redeem(api, token).status == 200, "a shop that lost the reply asks again, however late"
    assert redeem(api, token, "o2").json()["status"] == 400
    assert verify(api, token).status == 400


def test_two_orders_at_once_and_one_has_it(table: Table) -> None:
    ends = datetime.now(UTC) + timedelta(hours=1)

    def given(n: int) -> bool:
        try:
            QuoteStore(table).redeem("q", f"o{n}", ends)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(given, range(16))) == 1


def test_an_expired_quote_is_refused_with_its_time(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    put(api)
    given = ask(api).json()
    at(monkeypatch, datetime.now(UTC) + LATER)
    for reply in (verify(api, given["token"]), redeem(api, given["token"])):
        (error,) = reply.json()["errors"]
        assert (reply.status, error["field"]) == (400, "token")
        assert error["message"] == f"expired at {given['expires_at']}"


def test_an_altered_quote_is_refused(api: Api) -> None:
    put(api)
    token = ask(api).json()["token"]
    head, body, mark = token.split(".")
    cheap = jwt.decode(token, options={"verify_signature": False}) | {"lines": [["lamp", 3, "0.01"]]}
    key = quotes_app.signing_key()
    forged = [
        jwt.encode(cheap, b"x" * 32, "HS256", headers={"typ": tokens.TYPE}),
        jwt.encode(cheap, "", "none", headers={"typ": tokens.TYPE}),
        jwt.encode(cheap, key, "HS256"),
        jwt.encode({"jti": "q"}, key, "HS256", headers={"typ": tokens.TYPE}),
        ".".join((head, jwt.encode(cheap, b"x" * 32, "HS256").split(".")[1], mark)),
        f"{head}.{body}",
        token[:-4] + "AAAA",
        "x",
        "ü.ü.ü",
        "e30." * 1000,
    ]
    for each in forged:
        reply = verify(api, each)
        assert (reply.status, reply.json()["errors"][0]["field"]) == (400, "token"), each
        assert redeem(api, each).status == 400


@pytest.mark.parametrize(("pepper", "purpose"), [("another", "quotes"), ("same", "anything else")])
def test_a_quote_under_another_key_is_refused(api: Api, pepper: str, purpose: str) -> None:
    put(api)
    quote = tokens.read(ask(api).json()["token"], quotes_app.signing_key())
    token = tokens.sign(quote, tokens.key_from("same", "quotes"))
    assert tokens.read(token, tokens.key_from("same", "quotes")) == quote
    with pytest.raises(InvalidInputError):
        tokens.read(token, tokens.key_from(pepper, purpose))


def test_a_price_does_not_rise_within_a_session_and_a_fall_reaches_it(api: Api) -> None:
    put(api, "10.00")
    session = {"session_id": "s1"}
    assert amounts(ask(api, **session)) == ["10.00"]
    put(api, "12.00")
    assert amounts(ask(api, **session)) == ["10.00"]
    assert amounts(ask(api, session_id="s2")) == ["12.00"]
    put(api, "9.00")
    assert amounts(ask(api, **session)) == ["9.00"]
    put(api, "11.00")
    assert amounts(ask(api, **session)) == ["9.00"]
    put(api, "11.00", "USD")
    assert amounts(ask(api, **session)) == ["11.00"], "what was said in another currency says nothing"


def test_a_session_ends_however_often_it_asks(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    start = datetime.now(UTC)
    put(api, "10.00")
    ask(api, session_id="s1")
    put(api, "12.00")
    for hours, price in ((12, "10.00"), (23, "10.00"), (25, "12.00")):
        at(monkeypatch, start + timedelta(hours=hours))
        assert amounts(ask(api, session_id="s1")) == [price]


def test_two_quotes_of_a_session_at_once_both_hold_their_prices(table: Table) -> None:
    now = datetime.now(UTC)

    def hold(n: int) -> None:
        QuoteStore(table).hold("s", {f"i{n}": money(str(n + 1))}, now + timedelta(hours=1), now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(hold, range(4)))
    dearer = {f"i{n}": money("9") for n in range(4)}
    held = QuoteStore(table).hold("s", dearer, now + timedelta(hours=1), now)
    assert held == {f"i{n}": money(str(n + 1)) for n in range(4)}


def money(amount: str) -> Money:
    return Money.model_validate({"amount": amount, "currency": "EUR"})


def test_the_table_never_has_a_sessions_name(api: Api, table: Table) -> None:
    put(api)
    ask(api, session_id="shopper@example.com")
    (held,) = map(str, table.scan("SESSION#"))
    assert "shopper" not in held


def test_the_table_never_has_a_redeemed_quotes_order(api: Api, table: Table) -> None:
    put(api)
    assert redeem(api, ask(api).json()["token"], "order-of-ann").status == 200
    (redeemed,) = map(str, table.scan("QUOTE#"))
    assert "order-of-ann" not in redeemed


@pytest.mark.parametrize(
    ("price", "currency", "quantity", "total"),
    [
        ("1500", "JPY", 3, "4500"),
        ("0.3333", "EUR", 100, "33.33"),
        ("1.005", "KWD", 1, "1.005"),
        ("0", "EUR", 2, "0.00"),
    ],
)
def test_totals_are_what_can_be_paid(api: Api, price: str, currency: str, quantity: int, total: str) -> None:
    put(api, price, currency)
    assert ask(api, ("lamp", quantity)).json()["total"] == {"amount": total, "currency": currency}


def test_every_line_that_cannot_be_quoted_is_named(api: Api) -> None:
    put(api)
    put(api, "5.00", "USD", "dollar")
    put(api, None, item_id="free")
    put(api, "5.00", item_id="gone", stock=0)
    reply = ask(api, ("lamp", 1), ("dollar", 1), ("free", 1), ("gone", 1), ("never", 1))
    assert reply.status == 400
    assert {error["field"]: error["message"] for error in reply.json()["errors"]} == {
        "lines.1.item_id": "is priced in USD, another currency than the first line's EUR",
        "lines.2.item_id": "has no price",
        "lines.3.item_id": "cannot be had now",
        "lines.4.item_id": "is not in the catalogue",
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [{"item_id": "lamp", "quantity": 0}]}, "lines.0.quantity"),
        ({"lines": [{"item_id": "lamp", "quantity": 1.5}]}, "lines.0.quantity"),
        ({"lines": [{"item_id": "lamp"}] * 2}, "lines"),
        ({"lines": [{"item_id": f"i{n}"} for n in range(101)]}, "lines"),
        ({"lines": [{"item_id": "lamp"}], "customer": "ann"}, "customer"),
    ],
)
def test_a_bad_request_names_its_field(api: Api, body: dict[str, Any], field: str) -> None:
    reply = api.browser.post("/v1/quotes", body)
    assert (reply.status, reply.json()["errors"][0]["field"]) == (400, field)


def test_what_no_money_can_say_is_refused(api: Api) -> None:
    put(api, "99999999999.99")
    reply = ask(api, ("lamp", 100_000))
    assert (reply.status, reply.json()["errors"][0]) == (400, {"field": "lines", "message": "cost too much together"})


def test_the_longest_quote_fits_in_a_request(api: Api) -> None:
    names = [f"{n:03d}" + "\t" * 253 for n in range(100)]
    for name in names:
        put(api, item_id=name)
    token = ask(api, *((name, 100_000) for name in names)).json()["token"]
    assert verify(api, token).status == 200
