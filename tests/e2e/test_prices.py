"""Quotes, suggested prices and offers, through the deployed artefacts and on the owner's page."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from infra.cli.keys import make_key
from shared.domain.items import Item
from shared.domain.keys import KeyKind
from shared.domain.money import Money
from shared.domain.suggestions import Elasticity, Estimate, PricePoint, PriceReason, Suggestion
from shared.stores.suggestions import SuggestionStore
from tests.e2e.conftest import Running, Storefront
from tests.e2e.test_storefront import save

pytestmark = pytest.mark.local


@pytest.fixture
def server(running: Running) -> Iterator[httpx.Client]:
    with running.deployment.api() as client:
        yield client


@pytest.fixture
def page_of_shop(running: Running) -> Iterator[httpx.Client]:
    with running.deployment.api(make_key(running.deployment, KeyKind.PUBLISHABLE, "prices")) as client:
        yield client


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def lamp(server: httpx.Client) -> str:
    """An item of its own for each test, at 10 euros."""
    item_id = f"lamp-{uuid4()}"
    item = {"item_id": item_id, "title": f"Lamp {item_id}", "price": euros("10.00"), "cost": euros("6.00")}
    assert server.put("/v1/items", json={"items": [item]}).json()["accepted"] == 1
    return item_id


def told(reply: httpx.Response, status: int = 200) -> Any:
    assert reply.status_code == status, reply.text
    return reply.json()


def test_a_quote_outlives_a_change_of_price_and_is_redeemed_once(
    server: httpx.Client, page_of_shop: httpx.Client, lamp: str
) -> None:
    given = told(page_of_shop.post("/v1/quotes", json={"lines": [{"item_id": lamp, "quantity": 2}]}))
    told(server.patch(f"/v1/items/{lamp}", json={"price": euros("12.00")}))
    assert told(page_of_shop.get(f"/v1/prices/{lamp}"))["price"] == euros("12.00")
    assert told(page_of_shop.post("/v1/quotes/verify", json={"token": given["token"]}))["total"] == euros("20.00")
    for order, status in (("o1", 200), ("o1", 200), ("o2", 409)):
        told(server.post("/v1/quotes/redeem", json={"token": given["token"], "order_id": order}), status)
    told(page_of_shop.post("/v1/quotes/verify", json={"token": given["token"][:-3] + "AAA"}), 400)


def suggested(item_id: str) -> Suggestion:
    now = datetime.now(UTC)
    change = Estimate(value=0.4, low=0.1, high=0.7)
    prices = [Decimal(n) for n in range(8, 13)]
    return Suggestion(
        suggestion_id=f"sug_{item_id}"[:60],
        item_id=item_id,
        title="A lamp",
        created=now,
        expires=now + timedelta(days=7),
        current=Money.model_validate(euros("10.00")),
        suggested=Money.model_validate(euros("10.50")),
        units=Estimate(value=-0.2, low=-0.5, high=0.1),
        revenue=change,
        profit=Estimate(value=9e6, low=0.1, high=1e7),  # first in the list
        elasticity=Elasticity(value=-1.4, low=-2.0, high=-0.8, weeks=40, prices=4, own_share=0.6),
        reasons=(PriceReason(kind="elasticity", text="Few customers heed its price."),),
        curve=tuple(
            PricePoint(price=price, units=_around(20 / float(price)), profit=_around(float(price) - 6))
            for price in prices
        ),
        model_id="demand-test",
    )


def _around(value: float) -> Estimate:
    return Estimate(value=value, low=value * 0.8, high=value * 1.2)


@pytest.fixture
def office(running: Running, storefront: Storefront, lamp: str) -> str:
    """The address of the owner's page, with one suggestion."""
    SuggestionStore(running.deployment.table).replace([suggested(lamp)], datetime.now(UTC))
    known = {"note": "A test.", "titles": {lamp: Item(item_id=lamp, title="A lamp").title}}
    (running.page / "prices.json").write_text(json.dumps(known))
    return f"{storefront.url.rstrip('/')}/prices.html"


def test_the_owner_approves_and_the_shop_price_changes(
    running: Running, page_of_shop: httpx.Client, office: str, lamp: str, browser_page: Page, complaints: list[str]
) -> None:
    sent: list[str] = []
    browser_page.on("request", lambda request: sent.append(f"{request.url} {request.headers}"))
    browser_page.goto(office)
    card = browser_page.locator(f'[data-item-id="{lamp}"]')
    expect(card).to_contain_text("€10.50")
    expect(card.locator("svg.curve path.line")).to_have_count(2)
    expect(card).to_contain_text("Few customers heed its price.")
    save(browser_page, "prices")
    expect(browser_page.get_by_test_id("price")).to_have_text("€10.00")
    card.get_by_role("button", name="Set €10.50").click()
    expect(browser_page.get_by_test_id("price")).to_have_text("€10.50")
    expect(card).to_have_count(0)
    expect(browser_page.locator("#ledger tbody tr")).to_have_count(2)
    expect(browser_page.locator(".chain")).to_have_attribute("data-valid", "true")
    assert told(page_of_shop.get(f"/v1/prices/{lamp}"))["price"] == euros("10.50")
    browser_page.get_by_test_id("was").fill("14.00")
    browser_page.get_by_test_id("check").click()
    expect(browser_page.get_by_test_id("verdict")).to_have_attribute("data-allowed", "false")
    save(browser_page, "prices-approved")
    complaints[:] = [each for each in complaints if "422" not in each]
    assert not [each for each in sent if running.deployment.owners_key in each]


def test_the_page_fits_a_phone_and_says_so_when_the_api_is_down(
    office: str, browser_page: Page, complaints: list[str]
) -> None:
    browser_page.set_viewport_size({"width": 390, "height": 844})
    browser_page.goto(office)
    expect(browser_page.locator('body[data-state="ready"]')).to_have_count(1)
    assert browser_page.evaluate("document.documentElement.scrollWidth") <= 390
    save(browser_page, "prices-phone")
    browser_page.route("**/owner/**", lambda route: route.abort())
    browser_page.reload()
    expect(browser_page.get_by_role("alert")).to_contain_text("cannot be reached")
    browser_page.wait_for_load_state("networkidle")
    complaints.clear()


def test_a_household_is_told_its_offer_and_why(server: httpx.Client, office: str, browser_page: Page) -> None:
    offer = f"all-{uuid4()}"
    body = {"name": "All", "text": "5% off for everybody", "discount": {"kind": "percent", "percent": "5"}}
    told(server.put(f"/v1/offers/{offer}", json=body | {"public": True, "code": "FIVE"}))
    try:
        browser_page.goto(office)
        expect(browser_page.locator('body[data-state="ready"]')).to_have_count(1)
        browser_page.get_by_test_id("ask-offer").click()
        expect(browser_page.get_by_test_id("offer")).to_contain_text("5% off for everybody")
        expect(browser_page.get_by_test_id("offer")).to_contain_text("FIVE")
        expect(browser_page.get_by_test_id("offer-why")).not_to_be_empty()
    finally:
        told(server.delete(f"/v1/offers/{offer}"))
