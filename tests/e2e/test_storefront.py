"""The storefront page in a real browser, with a real deployment behind it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Locator, Page, Response, Route, expect

pytestmark = [pytest.mark.local, pytest.mark.browser]

SCREENSHOTS = Path(__file__).parents[2] / ".regulars/screenshots"
LISTS = ("for-you", "buy-again", "trending")
MOST_VIEWS = 5
"""One view weighs little beside a long history; a session of them does not."""
PHONE = (390, 844)


class Storefront(Protocol):
    """The page served with a deployment behind it; `customers` are the households that it offers."""

    @property
    def url(self) -> str: ...

    @property
    def customers(self) -> Sequence[str]: ...


def test_shows_lists_for_a_household_with_what_is_behind_them(storefront: Storefront, browser_page: Page) -> None:
    customer = enter(browser_page, storefront)

    expect(browser_page.locator("#household")).to_have_value(customer)
    for surface in LISTS:
        shelf = rail(browser_page, surface)
        expect(shelf.locator("[data-item-id]").first).to_be_visible()
        expect(shelf.locator(".behind")).to_contain_text("served by")
    expect(rail(browser_page, "for-you").locator(".behind")).to_contain_text("Personalised")
    save(browser_page, "desk")


def test_tells_why_with_terms_that_sum_to_the_score(storefront: Storefront, browser_page: Page) -> None:
    enter(browser_page, storefront)
    told = browser_page.locator("[data-item-id]", has_text="Because you")
    card = rail(browser_page, "for-you").locator(told).first

    card.locator("[data-action=why]").click()

    expect(card.locator("[data-action=why]")).to_have_attribute("aria-expanded", "true")
    expect(card.locator(".why li", has_text="Because you").first).to_be_visible()
    expect(card.locator(".sum")).to_contain_text("The sum is the score")
    save(browser_page, "why")


def test_viewing_items_sends_events_that_change_the_list(storefront: Storefront, browser_page: Page) -> None:
    customer = enter(browser_page, storefront, storefront.customers[-1])  # no other test's events are theirs
    shelf = rail(browser_page, "for-you")
    list_id = shelf.get_attribute("data-recommendation-id")
    before, chosen = items(shelf), shelf.locator("[data-item-id]").last
    item_id = chosen.get_attribute("data-item-id")

    reply = view(browser_page, chosen)

    assert reply.json() == {"accepted": 1, "rejected": []}
    event = sent(reply)
    assert (event["event"], event["userId"]) == ("Product Viewed", customer)
    assert event["properties"] == {"product_id": item_id, "recommendation_id": list_id, "surface": "for-you"}
    expect(browser_page.locator("#log > li").first).to_contain_text("200 · accepted 1")
    for _ in range(MOST_VIEWS):
        if items(shelf) != before:
            break
        view(browser_page, rail(browser_page, "similar").locator("[data-item-id]").first)
    assert items(shelf) != before
    expect(shelf.locator("[data-changed]")).to_contain_text("because you viewed")
    save(browser_page, "viewed")


def test_a_product_has_an_address_and_similar_ones_beside_it(storefront: Storefront, browser_page: Page) -> None:
    customer = enter(browser_page, storefront)
    card = rail(browser_page, "for-you").locator("[data-item-id]").first
    item_id = card.get_attribute("data-item-id")

    card.locator("[data-action=view]").click()

    similar = rail(browser_page, "similar")
    expect(similar).to_have_attribute("data-state", "ready")
    expect(similar.locator("[data-item-id]").first).to_be_visible()
    assert item_id not in items(similar)
    expect(browser_page).to_have_url(f"{storefront.url.rstrip('/')}/#household={customer}&item={item_id}")
    browser_page.go_back()
    expect(similar).to_be_hidden()
    browser_page.go_forward()
    expect(similar.locator("[data-item-id]").first).to_be_visible()


def test_what_is_bought_shows_up_in_buy_again(storefront: Storefront, browser_page: Page) -> None:
    enter(browser_page, storefront)
    chosen = rail(browser_page, "for-you").locator("[data-item-id]").last
    item_id = str(chosen.get_attribute("data-item-id"))

    added = sent(tracked(browser_page, chosen.locator("[data-action=add]")))
    bought = sent(tracked(browser_page, browser_page.locator("[data-action=buy]")))

    assert added["event"] == "Product Added"
    assert bought["event"] == "Order Completed"
    assert [product["product_id"] for product in bought["properties"]["products"]] == [item_id]
    expect(card_of(rail(browser_page, "buy-again"), item_id)).to_have_count(1)
    expect(card_of(rail(browser_page, "for-you"), item_id)).to_have_count(0)
    expect(browser_page.locator("#cart")).to_contain_text("Nothing in it yet")
    save(browser_page, "bought")


def test_another_household_has_other_lists(storefront: Storefront, browser_page: Page) -> None:
    enter(browser_page, storefront)
    before = [items(rail(browser_page, surface)) for surface in ("for-you", "buy-again")]
    other = storefront.customers[1]

    browser_page.locator("#household").select_option(other)

    settled(browser_page)
    assert f"household={other}" in browser_page.url
    assert [items(rail(browser_page, surface)) for surface in ("for-you", "buy-again")] != before


def test_says_so_when_the_api_is_down(storefront: Storefront, browser_page: Page, complaints: list[str]) -> None:
    enter(browser_page, storefront)
    browser_page.route("**/v1/**", lambda route: route.abort())

    rail(browser_page, "for-you").locator("[data-action=add]").first.click()

    expect(browser_page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(browser_page.locator("#log > li").first).to_contain_text("not accepted")
    browser_page.locator("#household").select_option(storefront.customers[1])
    for surface in LISTS:
        expect(rail(browser_page, surface)).to_contain_text("could not be loaded")
    save(browser_page, "down")
    take_out_failed_loads(complaints)


def test_an_event_that_failed_can_be_sent_again(
    storefront: Storefront, browser_page: Page, complaints: list[str]
) -> None:
    enter(browser_page, storefront)
    failed: list[Any] = []
    browser_page.route("**/v1/track", lambda route: refuse(route, failed), times=1)
    rail(browser_page, "for-you").locator("[data-action=add]").first.click()
    alert = browser_page.get_by_role("alert")
    expect(alert).to_contain_text("The table does not answer. It asks to wait 1 s. Request request-7.")

    reply = tracked(browser_page, alert.get_by_role("button", name="Try again"))

    assert sent(reply)["messageId"] == failed[0]["messageId"]
    expect(alert).to_be_hidden()
    take_out_failed_loads(complaints)


def test_fits_a_phone(storefront: Storefront, browser_page: Page) -> None:
    browser_page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    enter(browser_page, storefront)
    save(browser_page, "phone")
    card = rail(browser_page, "for-you").locator("[data-item-id]").first

    card.locator("[data-action=why]").click()
    card.locator("[data-action=view]").click()

    expect(rail(browser_page, "similar")).to_have_attribute("data-state", "ready")
    assert browser_page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    save(browser_page, "phone-product")


@pytest.mark.parametrize("width", [PHONE[0], 1300])
def test_buttons_fit_their_cards(storefront: Storefront, browser_page: Page, width: int) -> None:
    browser_page.set_viewport_size({"width": width, "height": 900})
    enter(browser_page, storefront)
    over = "rows => rows.filter(row => row.scrollWidth > row.clientWidth).length"
    assert browser_page.locator(".buttons").count() > 0
    assert browser_page.locator(".buttons").evaluate_all(over) == 0


def test_has_a_dark_dress(storefront: Storefront, browser_page: Page) -> None:
    browser_page.emulate_media(color_scheme="dark")
    enter(browser_page, storefront)

    background = browser_page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert background == "rgb(18, 23, 20)"
    save(browser_page, "dark")


def enter(page: Page, storefront: Storefront, customer: str | None = None) -> str:
    """Open the shop as a household (the first one unless told), with all its lists on the shelves."""
    customer = customer or storefront.customers[0]
    page.goto(f"{storefront.url.rstrip('/')}/#household={customer}")
    settled(page)
    return customer


def settled(page: Page) -> None:
    for surface in LISTS:
        expect(rail(page, surface)).to_have_attribute("data-state", "ready")


def view(page: Page, card: Locator) -> Response:
    """Open a card's product, and wait until its event has brought new lists."""
    shelf = rail(page, "for-you")
    revision = int(shelf.get_attribute("data-revision") or 0)
    reply = tracked(page, card.locator("[data-action=view]"))
    expect(shelf).to_have_attribute("data-revision", str(revision + 1))
    expect(rail(page, "similar")).to_have_attribute("data-state", "ready")
    return reply


def rail(page: Page, surface: str) -> Locator:
    return page.locator(f'.rail[data-surface="{surface}"]')


def card_of(shelf: Locator, item_id: str) -> Locator:
    return shelf.locator(f'[data-item-id="{item_id}"]')


def items(shelf: Locator) -> list[str]:
    return [str(card.get_attribute("data-item-id")) for card in shelf.locator("[data-item-id]").all()]


def tracked(page: Page, button: Locator) -> Response:
    """The API's reply to the event that this button sends."""
    with page.expect_response("**/v1/track") as replied:
        button.click()
    return replied.value


def sent(reply: Response) -> dict[str, Any]:
    """The event that a reply answers."""
    record = reply.request.post_data_json
    assert isinstance(record, dict)
    return record


def refuse(route: Route, records: list[Any]) -> None:
    """Answer as the API does when its table does not."""
    records.append(route.request.post_data_json)
    problem = {"title": "Service Unavailable", "detail": "The table does not answer.", "instance": "request-7"}
    route.fulfill(status=503, headers={"retry-after": "1"}, content_type="application/problem+json", json=problem)


def take_out_failed_loads(complaints: list[str]) -> None:
    """The browser's own word on failed requests, which the test provoked; anything else still fails it."""
    assert complaints, "the browser says nothing of the requests that failed"
    complaints[:] = [each for each in complaints if not each.startswith("Failed to load resource")]


def save(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"storefront-{name}.png")
