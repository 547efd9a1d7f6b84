"""An offer for one customer: who gets which, who does not, and that nothing personal is used without leave."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from functions.offers.person import Person
from shared.domain.budget import Level, Standing
from shared.domain.consent import Decision as Consent
from shared.domain.consent import Purpose
from shared.domain.events import CustomerRef
from shared.domain.holdout import held_out
from shared.stores import clients
from shared.stores.budgets import BudgetStore
from shared.stores.consents import ConsentStore
from shared.stores.table import Add
from tests.functions.offers.conftest import NOW, Shop, known
from tests.shared.stores.faults import refusing

CART = [{"item_id": "lamp", "quantity": 2}]


def decide(shop: Shop, purpose: Purpose, granted: bool, customer: CustomerRef | None = None) -> None:
    decision = Consent(purpose=purpose, granted=granted, version="1", time=NOW, source="banner")
    ConsentStore(shop.table).decide(customer or known("ann"), [decision])


def test_who_is_about_to_leave_gets_a_code_with_a_why_and_the_disclosure(shop: Shop) -> None:
    shop.put("back")
    shop.worth("ann")
    reply = shop.ask()
    assert reply["offer"]["text"] == "5 euros off"
    assert reply["personalised"]
    assert reply["disclosure"] == "Your personal data chose this offer."
    assert reply["why"] == "We have not seen you for a while."
    assert len(reply["offer"]["code"]) == 12
    assert reply["considered"][0]["expected_profit"]["currency"] == "EUR"


def test_asking_again_gives_the_same_code_until_it_ends(shop: Shop) -> None:
    shop.put("back")
    shop.worth("ann")
    first = shop.ask()
    shop.forget()
    again = shop.ask(surface="cart", cart=CART)
    assert (again["offer"], again["decision_id"]) == (first["offer"], first["decision_id"])
    assert len(shop.decisions.of(known("ann"))) == 1


def test_two_requests_at_once_make_one_code(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one has read before the first one wrote."""
    shop.put("back")
    shop.worth("ann")
    first = shop.ask()
    reads: Iterator[list[Any]] = iter([[]])
    read = Person.decisions
    monkeypatch.setattr(Person, "decisions", lambda self: next(reads, None) or read(self))
    second = shop.ask()
    assert next(reads, None) is None
    assert second["offer"]["code"] == first["offer"]["code"]
    assert shop.results("back")["offered"]["customers"] == 1


def test_the_offers_terms_do_not_change_for_who_has_it(shop: Shop) -> None:
    shop.put("back")
    shop.worth("ann")
    code = shop.ask()["offer"]["code"]
    shop.put("back", discount={"kind": "amount", "amount": {"amount": "1", "currency": "EUR"}})
    shop.forget()
    assert shop.ask()["offer"]["discount"]["amount"]["amount"] == "5"
    verified = shop.api.server.post("/v1/offers/verify", {"code": code, "cart": CART}).json()
    assert verified["off"] == {"amount": "5.00", "currency": "EUR"}


# --- consent


@pytest.mark.parametrize("without", ["consent", "gpc", "budget"])
def test_without_leave_there_is_the_public_offer_only(shop: Shop, without: str) -> None:
    shop.put("back")
    shop.public()
    shop.worth("ann")
    headers = {"sec-gpc": "1"} if without == "gpc" else {}
    if without == "consent":
        decide(shop, Purpose.PERSONALISATION, False)
    if without == "budget":
        standing = Standing(month=f"{NOW:%Y-%m}", budget=10, spent=10, level=Level.REDUCED, measured=NOW)
        BudgetStore(shop.table).record(standing)
    reply = shop.api.server.call(
        "POST", "/v1/offers", {"surface": "home", "customer_id": "ann"}, headers=headers
    ).json()
    assert reply["offer"]["code"] == "HELLO"
    assert not reply["personalised"]
    assert reply["disclosure"] is None
    assert reply["note"]
    assert shop.decisions.of(known("ann")) == []


def test_an_offer_by_mail_needs_a_yes_to_marketing(shop: Shop) -> None:
    shop.put("back")
    shop.worth("ann")
    assert shop.ask(surface="email")["offer"] is None
    decide(shop, Purpose.MARKETING, True)
    assert shop.ask(surface="email")["personalised"]


def test_consent_that_cannot_be_read_is_not_taken_for_given(shop: Shop) -> None:
    shop.put("back")
    shop.public()
    shop.worth("ann")
    assert shop.ask()["personalised"]
    with refusing(clients.dynamodb(), "BatchGetItem"):
        reply = shop.ask()
    assert (reply["offer"]["code"], reply["personalised"]) == ("HELLO", False)


def test_a_store_that_fails_at_the_first_request_is_a_503(shop: Shop) -> None:
    with refusing(clients.dynamodb(), "Query"):
        reply = shop.api.server.post("/v1/offers", {"surface": "home", "customer_id": "ann"})
    assert reply.status == 503


# --- keys


def test_a_publishable_key_learns_nothing_of_a_known_customer_without_a_token(shop: Shop) -> None:
    shop.put("back")
    shop.worth("ann")
    body = {"surface": "home", "customer_id": "ann"}
    blind = shop.api.browser.post("/v1/offers", body)
    assert (blind.status, blind.json()["offer"], blind.json()["personalised"]) == (200, None, False)
    assert shop.decisions.of(known("ann")) == []
    assert shop.api.browser.post("/v1/offers", body | {"customer_token": shop.token("bob")}).status == 403
    opened = shop.api.browser.post("/v1/offers", body | {"customer_token": shop.token("ann")}).json()
    assert opened["offer"]["text"] == "5 euros off"
    assert opened["considered"] is None


def test_a_device_linked_to_somebody_does_not_open_their_offers(shop: Shop) -> None:
    shop.put("back")
    shop.worth("ann")
    code = shop.ask()["offer"]["code"]
    shop.api.server.post("/v1/identify", {"userId": "ann", "anonymousId": "phone", "messageId": "i"})
    reply = shop.api.browser.post("/v1/offers", {"surface": "home", "anonymous_id": "phone", "customer_id": "ann"})
    assert reply.json()["offer"] is None
    assert code not in reply.text


def test_a_browser_cannot_say_whose_birthday_it_is(shop: Shop) -> None:
    body = {"surface": "home", "anonymous_id": "phone", "birthday_month": NOW.month}
    assert shop.api.browser.post("/v1/offers", body).status == 403


# --- eligibility


@pytest.mark.parametrize(
    ("eligibility", "request_", "is_made"),
    [
        ({"lifecycles": ["loyal"]}, {}, False),
        ({"lifecycles": ["lapsing", "new"]}, {}, True),
        ({"first_order": True}, {}, False),
        ({"first_order": True}, {"customer_id": "bob"}, True),
        ({"lifecycles": ["visitor"]}, {"customer_id": "bob"}, True),
        ({"lifecycles": ["visitor"]}, {}, False),
        ({"known": True}, {"customer_id": None, "anonymous_id": "phone"}, False),
        ({"known": True}, {}, True),
        ({"birthday_month": True}, {}, False),
        ({"birthday_month": True}, {"birthday_month": NOW.month}, True),
        ({"birthday_month": True}, {"birthday_month": NOW.month % 12 + 1}, False),
    ],
)
def test_eligibility(shop: Shop, eligibility: Any, request_: Any, is_made: bool) -> None:
    shop.put("o", eligibility=eligibility, expected_uplift=0.9)
    shop.worth("ann")
    assert (shop.ask(cart=CART, **request_)["offer"] is not None) == is_made


def test_an_order_of_today_ends_a_first_orders_offer(shop: Shop) -> None:
    shop.put("o", eligibility={"first_order": True}, expected_uplift=0.9, most_per_customer=9)
    shop.buy(customer="bob")
    reply = shop.ask("bob", cart=CART)
    assert reply["considered"] == [{"offer_id": "o", "expected_profit": None, "refused": "It is for a first order."}]


@pytest.mark.parametrize(
    "fields",
    [
        {"starts": (NOW + timedelta(hours=1)).isoformat()},
        {"ends": (NOW - timedelta(seconds=1)).isoformat()},
        {"enabled": False},
        {"surfaces": ["cart"]},
    ],
)
def test_what_does_not_run_is_not_made(shop: Shop, fields: Any) -> None:
    shop.put("back", **fields)
    shop.worth("ann")
    assert shop.ask()["offer"] is None


def test_the_minimum_cart_is_the_catalogues_word(shop: Shop) -> None:
    shop.put("back", minimum_cart={"amount": "100", "currency": "EUR"}, expected_uplift=0.9)
    shop.worth("ann")
    assert shop.ask(cart=[{"item_id": "vase"}])["offer"] is None
    assert shop.ask(cart=CART)["offer"] is not None


def test_not_more_often_than_the_owner_says(shop: Shop) -> None:
    shop.put("back", valid_days=1, most_per_customer=2, per_days=30)
    shop.worth("ann")
    codes = []
    for n in range(3):
        reply = shop.ask()
        codes.append(reply["offer"] and reply["offer"]["code"])
        if codes[-1]:
            shop.api.server.post("/v1/offers/redeem", {"code": codes[-1], "order_id": f"o{n}"})
    assert len({*codes[:2]}) == 2
    assert codes[2] is None


# --- what it is expected to bring


def test_who_comes_anyway_gets_no_discount(shop: Shop) -> None:
    """The same offer: it pays with a customer who hardly comes any more, and costs with one who orders each week."""
    shop.put("o", eligibility={})
    shop.worth("ann", orders=0.1)
    shop.worth("bob", orders=12.0)
    assert shop.ask("ann")["offer"] is not None
    reply = shop.ask("bob")
    assert reply["offer"] is None
    assert "would cost more than it brings" in reply["considered"][0]["refused"]


def test_an_offer_over_the_margin_is_never_made(shop: Shop) -> None:
    shop.put("o", eligibility={}, expected_uplift=1.0, discount={"kind": "percent", "percent": "70"})
    shop.worth("ann")
    assert shop.ask(cart=CART)["offer"] is None


def test_the_best_of_two_is_made(shop: Shop) -> None:
    shop.put("less", expected_uplift=0.02)
    shop.put("more", expected_uplift=0.06)
    shop.worth("ann")
    assert shop.ask()["offer"]["offer_id"] == "more"


def test_what_was_measured_outweighs_the_owners_guess(shop: Shop) -> None:
    """The headline: without the figures of the hold-out, the same customer would get the offer."""
    design = shop.put("o") and shop.results("o")["design"]
    shop.worth("ann")
    amounts = {"offered_customers": 4000, "offered_converted": 200, "held_customers": 4000, "held_converted": 220}
    shop.table.transact([Add(("FIGURES#o", f"DESIGN#{design}-EUR#0"), amounts, 2_000_000_000)])
    shop.forget()
    assert shop.ask()["offer"] is None
    shop.worth("bob")
    shop.table.write_many(deletes=[("FIGURES#o", f"DESIGN#{design}-EUR#0")])
    shop.forget()
    assert shop.ask("bob")["offer"] is not None


def test_nobody_knows_what_an_order_is_worth_yet(shop: Shop) -> None:
    shop.put("o", eligibility={})
    reply = shop.ask("newcomer")
    assert reply["offer"] is None
    assert "Nobody knows yet what an order is worth" in reply["considered"][0]["refused"]


def test_personal_data_never_makes_it_worse_than_the_public_offer(shop: Shop) -> None:
    shop.put("back")
    shop.public(discount={"kind": "percent", "percent": "20"})
    shop.worth("ann")
    reply = shop.ask()
    assert reply["offer"]["code"] == reply["public_offer"]["code"] == "HELLO"
    assert not reply["personalised"]
    assert reply["considered"][0]["refused"] == "The public offer is worth more."


# --- hold-out


def test_the_hold_out_is_sticky_and_sees_what_everybody_sees(shop: Shop) -> None:
    shop.put("back", hold_out=0.5)
    shop.public()
    replies = {}
    for n in range(24):
        shop.worth(f"c{n}")
        replies[f"c{n}"] = shop.ask(f"c{n}")
    held = {customer for customer in replies if held_out("back", f"user:{customer}", 0.5)}
    assert 4 < len(held) < 20
    assert {customer for customer, reply in replies.items() if reply["offer"]["code"] == "HELLO"} == held
    assert all(not replies[each]["personalised"] for each in held)
    results = shop.results("back")
    assert results["held_out"]["customers"] == len(held)
    assert results["offered"]["customers"] == 24 - len(held)
    assert {customer for customer in replies if not shop.ask(customer)["personalised"]} == held


@pytest.mark.parametrize("device_is_held", [True, False])
def test_who_signs_in_while_a_decision_holds_stays_on_their_side(shop: Shop, device_is_held: bool) -> None:
    """The anonymous id and the known one may fall on two sides; what was decided first goes on."""
    shop.put("back", hold_out=0.5, eligibility={}, expected_uplift=0.9)
    device = next(f"a{n}" for n in range(99) if held_out("back", f"anonymous:a{n}", 0.5) is device_is_held)
    ann = next(f"ann{n}" for n in range(99) if held_out("back", f"user:ann{n}", 0.5) is not device_is_held)
    cart = [{"item_id": "lamp"}]
    asked = [
        shop.ask(each, anonymous_id=device, surface="cart", cart=cart)["personalised"] for each in (None, ann, None)
    ]
    assert asked == [not device_is_held] * 3
    assert shop.decisions.of(known(ann)) == []
    assert shop.ask(ann, surface="cart", cart=cart)["personalised"] is device_is_held, "nobody says whose the device is"


# --- budget


def test_codes_stop_where_the_budget_of_the_month_ends(shop: Shop) -> None:
    shop.put("back", budget={"amount": "12", "currency": "EUR"})
    for n in range(3):
        shop.worth(f"c{n}")
    replies = [shop.ask(f"c{n}") for n in range(3)]
    assert [each["offer"] is not None for each in replies] == [True, True, False]
    assert replies[2]["considered"][0]["refused"] == "Its budget is used up."
    month = shop.results("back")["month"]
    assert (month["spent"]["amount"], month["set_aside"]["amount"]) == ("0.00", "10.00")


def test_where_one_budget_is_used_up_the_next_best_offer_is_made(shop: Shop) -> None:
    shop.put("best", budget={"amount": "4", "currency": "EUR"}, expected_uplift=0.09)
    shop.put("next")
    shop.worth("ann")
    assert shop.ask()["offer"]["offer_id"] == "next"


def test_a_public_offer_ends_with_its_budget(shop: Shop) -> None:
    shop.public(
        budget={"amount": "1.00", "currency": "EUR"},
        discount={"kind": "percent", "percent": "2", "most": {"amount": "1", "currency": "EUR"}},
    )
    assert shop.ask("ann")["offer"]["code"] == "HELLO"
    shop.buy(coupon="hello")
    shop.flow()
    assert shop.results("all")["cost"]["amount"] == "1.00"
    assert shop.ask("ann")["offer"] is None
