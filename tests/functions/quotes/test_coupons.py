"""A code in a quote: only ever lower, said with its offer, used once together with the quote, and counted once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import jwt
import pytest

from functions.quotes import app as quotes_app
from functions.quotes import coupons, tokens
from shared.domain.errors import ConflictError
from shared.domain.events import ANONYMOUS, CustomerRef
from shared.domain.rights import Cut
from shared.stores import clients
from shared.stores.links import LinkStore
from shared.stores.shoppers import ShopperStore
from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.offers.conftest import NOW, Shop, known
from tests.gateway import Response
from tests.shared.stores.faults import refusing
from tests.shared.stores.turns import Turns


@pytest.fixture
def shop(api: Api, table: Table) -> Shop:
    """A lamp at 50, a vase at 20 and a gift at 10 euros; Ann is about to leave."""
    made = Shop(api, table)
    made.worth("ann")
    return made


@pytest.fixture
def code(shop: Shop) -> str:
    """Ann's own, for 5 euros off."""
    shop.put("back", budget={"amount": "100", "currency": "EUR"})
    return str(shop.ask()["offer"]["code"])


def ask(shop: Shop, code: str | None, *lines: tuple[str, int], **fields: Any) -> Response:
    wanted = [{"item_id": item, "quantity": quantity} for item, quantity in lines or [("lamp", 1)]]
    body = {"lines": wanted, **({"code": code} if code else {}), **fields}
    return shop.api.browser.post("/v1/quotes", body)


def quoted(shop: Shop, code: str, *lines: tuple[str, int], **fields: Any) -> Any:
    reply = ask(shop, code, *lines, **fields)
    assert reply.status == 200, reply.json()
    return reply.json()


def redeem(shop: Shop, token: str, order_id: str = "o1") -> Response:
    return shop.api.server.post("/v1/quotes/redeem", {"token": token, "order_id": order_id})


def refusal(reply: Response) -> str:
    told = reply.json()
    assert (reply.status, [each["field"] for each in told["errors"]]) == (422, ["code"])
    return str(told["reason"])


def amount(money: Any) -> Decimal:
    return Decimal(money["amount"])


def at(monkeypatch: pytest.MonkeyPatch, time: datetime) -> None:
    monkeypatch.setattr(quotes_app, "now", lambda: time)


def test_a_code_lowers_each_line_and_the_total_and_says_why(shop: Shop, code: str) -> None:
    plain = ask(shop, None, ("lamp", 1), ("vase", 2)).json()
    assert (plain["discount"], plain["offer"], plain["lines"][0]["discount"]) == (None, None, None)
    told = quoted(shop, code, ("lamp", 1), ("vase", 2))
    assert told["offer"] == {
        "offer_id": "back",
        "code": code,
        "text": "5 euros off",
        "personalised": True,
        "disclosure": quotes_app.settings().offer_disclosure,
    }
    assert [amount(line["discount"]) for line in told["lines"]] == [Decimal("2.78"), Decimal("2.22")]
    assert [amount(line["total"]) for line in told["lines"]] == [Decimal("47.22"), Decimal("37.78")]
    assert (amount(told["discount"]), amount(told["total"])) == (Decimal(5), Decimal(85))
    assert [line["unit_price"] for line in told["lines"]] == [line["unit_price"] for line in plain["lines"]]


def test_the_token_promises_what_the_reply_says(shop: Shop, code: str) -> None:
    told = quoted(shop, code, ("lamp", 1), ("vase", 2))
    token = told.pop("token")
    assert shop.api.browser.post("/v1/quotes/verify", {"token": token}).json() == told
    assert redeem(shop, token).json() == told | {"order_id": "o1"}


def test_an_altered_discount_is_refused(shop: Shop, code: str) -> None:
    token = quoted(shop, code)["token"]
    cheap = jwt.decode(token, options={"verify_signature": False}) | {"off": ["49.00"]}
    forged = jwt.encode(cheap, b"x" * 32, "HS256", headers={"typ": tokens.TYPE})
    assert shop.api.browser.post("/v1/quotes/verify", {"token": forged}).status == 400


def test_a_code_however_it_is_typed(shop: Shop, code: str) -> None:
    assert quoted(shop, f" {code.lower()} ")["offer"]["code"] == code


def test_a_public_code_is_for_everybody_and_any_number_of_orders(shop: Shop) -> None:
    shop.public()
    told = quoted(shop, "hello", ("lamp", 1), ("vase", 2))
    assert (amount(told["discount"]), amount(told["total"])) == (Decimal("1.80"), Decimal("88.20"))
    assert (told["offer"]["personalised"], told["offer"]["disclosure"]) == (False, None)
    for n in range(2):
        assert redeem(shop, quoted(shop, "HELLO")["token"], f"o{n}").status == 200


def test_what_the_offer_is_not_on_costs_what_it_did(shop: Shop) -> None:
    shop.public(on={"item_ids": ["vase"]}, discount={"kind": "percent", "percent": "50"})
    told = quoted(shop, "HELLO", ("lamp", 1), ("vase", 1))
    assert [amount(line["discount"]) for line in told["lines"]] == [0, 10]
    assert amount(told["total"]) == 60


def test_more_off_than_the_lines_cost_makes_them_free_and_no_less(shop: Shop) -> None:
    shop.public(discount={"kind": "amount", "amount": {"amount": "500", "currency": "EUR"}})
    told = quoted(shop, "HELLO", ("lamp", 1), ("gift", 3))
    assert (amount(told["discount"]), amount(told["total"])) == (Decimal(80), Decimal(0))
    assert [amount(line["total"]) for line in told["lines"]] == [0, 0]


def test_a_session_keeps_its_lower_price_and_the_code_comes_off_that(shop: Shop) -> None:
    shop.public(discount={"kind": "percent", "percent": "10"})
    ask(shop, None, session_id="s")
    body = {"title": "Lamp", "price": {"amount": "60", "currency": "EUR"}}
    assert shop.api.server.call("PUT", "/v1/items/lamp", body).status == 200
    assert amount(quoted(shop, "HELLO", session_id="s")["total"]) == 45


def test_a_code_that_is_not_good_is_refused_with_a_reason(
    shop: Shop, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refusal(ask(shop, "NEVERGIVEN")) == "code_unknown"
    shop.public(discount={"kind": "percent", "percent": "10"}, minimum_cart={"amount": "100", "currency": "EUR"})
    assert refusal(ask(shop, "HELLO")) == "code_takes_nothing"
    shop.public(discount={"kind": "amount", "amount": {"amount": "1", "currency": "USD"}})
    assert refusal(ask(shop, "HELLO")) == "code_takes_nothing"
    at(monkeypatch, NOW + timedelta(days=15))
    assert refusal(ask(shop, code)) == "code_expired"
    monkeypatch.undo()


def test_a_public_code_out_of_its_time_is_unknown(shop: Shop) -> None:
    shop.public(ends=(NOW - timedelta(days=1)).isoformat())
    assert refusal(ask(shop, "HELLO")) == "code_unknown"


def test_a_used_code_is_refused(shop: Shop, code: str) -> None:
    assert redeem(shop, quoted(shop, code)["token"]).status == 200
    assert refusal(ask(shop, code)) == "code_used"


def test_a_code_that_an_order_used_without_a_quote_is_refused(shop: Shop, code: str) -> None:
    token = quoted(shop, code)["token"]
    shop.buy("before", coupon=code)
    shop.flow()
    assert refusal(ask(shop, code)) == "code_used"
    assert redeem(shop, token).status == 409


def test_another_customers_code_is_refused_where_it_is_said_who_buys(shop: Shop, code: str) -> None:
    def by(**who: str) -> Response:
        return shop.api.server.post("/v1/quotes", {"lines": [{"item_id": "lamp"}], "code": code, **who})

    assert by(customer_id="ann").status == 200
    assert refusal(by(customer_id="bob")) == "code_of_another"
    assert refusal(by(anonymous_id="tablet")) == "code_of_another"
    assert LinkStore(shop.table).claim("tablet", known("ann"), NOW)
    assert by(anonymous_id="tablet").status == 200
    assert by(customer_id="bob", anonymous_id="tablet").status == 200, "on Ann's tablet"


def test_a_visitors_code_goes_on_when_they_sign_in(shop: Shop) -> None:
    shop.put("first", eligibility={}, discount={"kind": "amount", "amount": {"amount": "2", "currency": "EUR"}})
    told = shop.ask(None, anonymous_id="tablet", cart=[{"item_id": "lamp"}], surface="cart")
    own = told["offer"]["code"]
    body = {"lines": [{"item_id": "lamp"}], "code": own, "customer_id": "carl"}
    assert refusal(shop.api.server.post("/v1/quotes", body)) == "code_of_another"
    LinkStore(shop.table).claim("tablet", known("carl"), NOW)
    assert shop.api.server.post("/v1/quotes", body).status == 200
    assert shop.decisions.of(CustomerRef(kind=ANONYMOUS, id="tablet"))


def test_a_browser_cannot_ask_whose_code_it_is(shop: Shop, code: str) -> None:
    assert ask(shop, code, customer_id="ann").status == 403


def test_a_quote_ends_with_its_code(shop: Shop, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    until = shop.decision().until
    at(monkeypatch, until - timedelta(minutes=5))
    told = quoted(shop, code)
    assert datetime.fromisoformat(told["expires_at"]) == until.replace(microsecond=0)
    at(monkeypatch, until + timedelta(seconds=1))
    assert redeem(shop, told["token"]).status == 400


def test_of_two_quotes_with_one_code_one_order_has_it(shop: Shop, code: str) -> None:
    first, second = (quoted(shop, code)["token"] for _ in range(2))
    assert redeem(shop, first, "o1").status == 200
    assert redeem(shop, first, "o1").status == 200
    refused = redeem(shop, second, "o2")
    assert (refused.status, refused.json()["detail"]) == (409, "The code was used for another order.")
    assert shop.decision().used_by == "o1"


def test_a_quote_that_another_order_has_leaves_the_code_alone(shop: Shop, code: str) -> None:
    token = quoted(shop, code)["token"]
    given = tokens.read(token, quotes_app.signing_key())
    quotes_app.quote_store().redeem(given.quote_id, "other", given.expires_at)
    assert redeem(shop, token).status == 409
    assert shop.decision().used_by is None


CALLS = 5
"""Of one redemption: code, decision, decision again, quote, transaction."""


@pytest.mark.parametrize("quotes", [1, 2])
@pytest.mark.parametrize("before", range(CALLS + 1))
def test_of_two_orders_at_once_one_has_quote_and_code(shop: Shop, code: str, quotes: int, before: int) -> None:
    """The second comes between any two calls of the first, with the same quote or with another of the same code."""
    given = [tokens.read(quoted(shop, code)["token"], quotes_app.signing_key()) for _ in range(quotes)]
    made = quotes_app.desk()
    orders = {"a": given[0], "b": given[-1]}
    writers: dict[str, Callable[[], object]] = {
        name: partial(made.coupons.redeem, each, name, name, made.quotes) for name, each in orders.items()
    }
    turns = Turns(writers, ["a"] * before + ["b"] * CALLS)
    outcomes = turns.run()
    winner = "a" if before == CALLS else "b"
    assert outcomes[winner] is None
    assert isinstance(outcomes[{"a": "b", "b": "a"}[winner]], ConflictError), outcomes
    assert shop.decision().used_by == winner
    assert {made.quotes.redeemed_by(each.quote_id) for each in given} <= {winner, None}
    assert made.quotes.redeemed_by(orders[winner].quote_id) == winner


def test_a_code_that_the_checkout_used_for_this_order_already_is_no_conflict(shop: Shop, code: str) -> None:
    token = quoted(shop, code)["token"]
    assert shop.api.server.post("/v1/offers/redeem", {"code": code, "order_id": "o1"}).status == 200
    assert redeem(shop, token, "o2").status == 409
    assert redeem(shop, token, "o1").status == 200


@pytest.mark.parametrize("named", [True, False])
def test_an_order_that_comes_later_counts_the_code_once(shop: Shop, code: str, named: bool) -> None:
    assert redeem(shop, quoted(shop, code)["token"], "o1").status == 200
    shop.buy("o1", **({"coupon": code} if named else {}))
    shop.flow()
    shop.track("Coupon Applied", coupon_id=code, order_id="o1")
    shop.flow()
    results = shop.results("back")
    assert (results["redeemed"], results["cost"]["amount"]) == (1, "5.00")
    assert (results["month"]["spent"]["amount"], results["month"]["set_aside"]["amount"]) == ("5.00", "0.00")


def test_a_public_code_counts_by_the_order_that_names_it(shop: Shop) -> None:
    shop.public()
    assert redeem(shop, quoted(shop, "HELLO")["token"], "o1").status == 200
    assert shop.results("all")["redeemed"] == 0
    shop.buy("o1", coupon="HELLO")
    shop.flow()
    assert shop.results("all")["redeemed"] == 1


def test_after_an_erasure_the_code_is_gone_and_the_quote_with_it(shop: Shop, code: str) -> None:
    token = quoted(shop, code)["token"]
    ShopperStore(shop.table).erase([known("ann")], Cut(datetime.now(UTC) + timedelta(seconds=1)))
    assert refusal(redeem(shop, token)) == "code_unknown"
    assert refusal(ask(shop, code)) == "code_unknown"


def test_when_the_table_fails_neither_is_used(shop: Shop, code: str) -> None:
    token = quoted(shop, code)["token"]
    with refusing(clients.dynamodb(), "TransactWriteItems"):
        assert redeem(shop, token).status == 503
    assert shop.decision().used_by is None
    assert redeem(shop, token, "o2").status == 200


def test_without_the_claim_two_orders_would_have_the_code(
    shop: Shop, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the tests above would see, were a code not used together with its quote."""
    monkeypatch.setattr(coupons, "claimed", lambda decision, _: decision)
    assert [redeem(shop, quoted(shop, code)["token"], f"o{n}").status for n in range(2)] == [200, 200]
