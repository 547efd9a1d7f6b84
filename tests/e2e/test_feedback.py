"""Feedback through the deployed artefacts: what is said comes in, is understood, kept, summed up, and can be erased."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from infra.cli import nightly, reviewed
from infra.cli.reviewed import Reviewers
from infra.datasets import reviews
from shared.domain.items import Item
from tests.e2e.conftest import Running
from tests.e2e.test_privacy import done, eventually, traces
from tests.e2e.test_storefront import save, take_out_failed_loads

pytestmark = [pytest.mark.local, pytest.mark.browser]

NOUNS = reviews._texts()["nouns"].items()
ITEMS = [
    Item(item_id=f"reviewed-{n}", title=f"{' '.join(named) or noun} {n}, 12/18&15pk can, store brand".capitalize(),
         category=category)
    for n, (category, (noun, _, _, *named)) in enumerate(NOUNS)
]  # fmt: skip
REVIEWERS = Reviewers(items=ITEMS, customers=[f"reviewer-{n}" for n in range(200)])


@pytest.fixture(scope="module")
def server(running: Running) -> Iterator[httpx.Client]:
    with running.deployment.api() as client:
        yield client


def said(text: str, **fields: Any) -> dict[str, Any]:
    """A review of now, with an id of its own."""
    return {"feedback_id": str(uuid4()), "source": "review", "text": text, "time": _now().isoformat()} | fields


def send(server: httpx.Client, *feedback: dict[str, Any]) -> Any:
    reply = server.post("/v1/feedback", json={"feedback": feedback})
    assert reply.status_code == 200, reply.text
    return reply.json()


def listed(server: httpx.Client, item_id: str) -> list[dict[str, Any]]:
    reply = server.get("/v1/feedback", params={"item_id": item_id})
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["feedback"]
    return found


def total(server: httpx.Client, item_id: str) -> dict[str, Any]:
    reply = server.get("/v1/feedback/summary", params={"item_id": item_id, "period": "week"})
    assert reply.status_code == 200, reply.text
    figures: dict[str, Any] = reply.json()["total"]
    return figures


def _now() -> datetime:
    return datetime.now(UTC)


def test_feedback_comes_in_is_understood_and_summed_up(server: httpx.Client) -> None:
    item = f"item-{uuid4()}"
    good = said("The milk tastes wonderful and the delivery was fast.", item_id=item, rating=5)
    bad = said("Horrible! It was rotten and the driver was rude.", item_id=item, rating=1)
    assert send(server, good, bad)["accepted"] == 2
    assert send(server, good)["known"] == 1
    found = {each["feedback_id"]: each for each in listed(server, item)}
    assert (found[good["feedback_id"]]["label"], found[bad["feedback_id"]]["label"]) == ("positive", "negative")
    assert found[bad["feedback_id"]]["score"] < -0.3 < 0.3 < found[good["feedback_id"]]["score"]
    assert "delivery" in {each["aspect"] for each in found[good["feedback_id"]]["aspects"]}
    figures = eventually(lambda: each if (each := total(server, item))["count"] == 2 else None)
    assert (figures["positive"], figures["negative"], figures["mean_rating"]) == (1, 1, 3.0)


def test_how_a_text_feels_is_told_and_nothing_kept(running: Running, server: httpx.Client) -> None:
    word = f"canary{uuid4().hex}"
    reply = server.post("/v1/sentiment", json={"texts": [f"Wonderful, I love it! {word}", "Broke after a day."]})
    assert [each["label"] for each in reply.json()["results"]] == ["positive", "negative"]
    assert traces(running, word) == []


def test_what_is_personal_is_nowhere_but_its_absence_is_told(running: Running, server: httpx.Client) -> None:
    item, name = f"item-{uuid4()}", f"jo{uuid4().hex[:8]}"
    send(server, said(f"Great. Write to {name}@example.com or call (555) 010-1234.", item_id=item))
    (found,) = listed(server, item)
    assert found["redacted"] == {"email": 1, "phone": 1}
    assert "Great" in found["text"]
    assert traces(running, name) == []
    assert traces(running, "010-1234") == []


def test_a_review_that_came_as_an_event_is_feedback_too(server: httpx.Client) -> None:
    item = f"item-{uuid4()}"
    event = {
        "event": "Product Reviewed",
        "userId": f"shopper-{uuid4()}",
        "messageId": str(uuid4()),
        "timestamp": _now().isoformat(),
        "properties": {"product_id": item, "review_body": "Terrible, it broke on the first day.", "rating": "1"},
    }
    assert server.post("/v1/track", json=event).json()["accepted"] == 1
    (found,) = eventually(lambda: listed(server, item))
    assert (found["label"], found["rating"], found["source"]) == ("negative", 1.0, "review")


def test_erasing_a_shopper_erases_what_they_said(running: Running, server: httpx.Client) -> None:
    item, shopper, word = f"item-{uuid4()}", f"shopper-{uuid4()}", f"canary{uuid4().hex}"
    send(server, said(f"Lovely bread, {word}.", item_id=item, customer_id=shopper), said("Fine.", item_id=item))
    assert traces(running, word)
    erasure = server.post("/v1/erasures", json={"customer_id": shopper}).json()
    receipt = eventually(lambda: done(server, f"/v1/erasures/{erasure['erasure_id']}"))
    assert receipt["sweeps"][-1]["found"] == 0
    assert traces(running, word) == traces(running, shopper) == []
    assert [each["text"] for each in listed(server, item)] == ["Fine."]


# --- what becomes of it by the daily run


class Told(NamedTuple):
    """What the owner is told: the open issues before the lid leaked and after, and the themes."""

    before: list[dict[str, Any]]
    after: list[dict[str, Any]]
    themes: list[dict[str, Any]]


@pytest.fixture(scope="module")
def told(running: Running, server: httpx.Client) -> Told:
    """Half a year without an issue, a run, a lid that leaks, and the next run."""
    send_all(server, reviews.reviews(REVIEWERS.items, REVIEWERS.customers, _now(), 400))
    assert nightly.run(running.deployment, "themes")["themes"] > 0
    before = issues(server)
    send_all(server, reviews.burst(REVIEWERS.items, REVIEWERS.customers, _now()))
    nightly.run(running.deployment, "themes")
    return Told(before, issues(server), server.get("/v1/feedback/themes").json()["themes"])


def send_all(server: httpx.Client, rows: list[dict[str, Any]]) -> None:
    for some in batched(rows, 100, strict=False):
        send(server, *some)


def issues(server: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.get("/v1/feedback/issues", params={"status": "open"}).json()["issues"]
    return found


def test_a_quiet_half_year_has_themes_with_quotes_and_no_issue(told: Told) -> None:
    assert told.before == []
    assert len(told.themes) >= 10
    largest = told.themes[0]
    assert largest["count"] >= 10
    assert largest["quotes"]
    assert [each for each in told.themes if each["rating_effect"]]


def test_a_burst_is_an_issue_with_its_item_and_quotes(told: Told) -> None:
    (issue,) = told.after
    lid = reviews.leaky(REVIEWERS.items)
    assert issue["items"][0]["item_id"] == lid.item_id
    assert issue["count"] >= 5
    assert issue["expected"] < 1
    assert all("lid" in quote["text"].lower() or "leak" in quote["text"].lower() for quote in issue["quotes"])
    assert "this week" in issue["text"]


def test_what_is_erased_is_quoted_no_more(running: Running, server: httpx.Client, told: Told) -> None:
    quote = told.after[0]["quotes"][0]
    (row,) = (each for each in listed(server, quote["item_id"]) if each["feedback_id"] == quote["feedback_id"])
    erasure = server.post("/v1/erasures", json={"customer_id": row["customer_id"]}).json()
    eventually(lambda: done(server, f"/v1/erasures/{erasure['erasure_id']}"))
    left = [each["feedback_id"] for each in issues(server)[0]["quotes"]]
    assert left
    assert quote["feedback_id"] not in left
    assert traces(running, row["text"]) == []


def test_a_rule_buries_what_turned_bad_and_tells_the_shop_why(running: Running, server: httpx.Client) -> None:
    bad, fine, other = (f"item-{uuid4()}" for _ in range(3))
    items = [{"item_id": each, "title": each} for each in (bad, fine, other)]
    assert server.put("/v1/items", json={"items": items}).json()["accepted"] == 3
    rule = {"name": "Looked after", "effect": {"kind": "bury", "factor": 0.0}}
    rule |= {"filter": f"sentiment < 0 and feedback_count >= 5 and item_id in ('{bad}', '{fine}', '{other}')"}
    assert server.put("/v1/rules/by-feedback", json=rule).status_code == 200
    wanted = {"surface": "popular", "candidates": [bad, fine, other]}
    assert order(server, wanted) == [bad, fine, other]
    # Of weeks ago, so that no issue emerges from it.
    days = [_now() - timedelta(days=20 + n) for n in range(30)]
    send(server, *(said(f"Terrible, broken on day {n}.", item_id=bad, time=str(day)) for n, day in enumerate(days)))
    send(server, *(said(f"Lovely, still perfect on day {n}.", item_id=fine, time=str(days[n])) for n in range(10)))
    nightly.run(running.deployment, "themes")
    eventually(lambda: order(server, wanted) == [fine, other, bad])
    reasons = server.post("/v1/recommendations", json=wanted).json()["items"][-1]["reasons"]
    (reason,) = (each for each in reasons if each["kind"] == "rule")
    assert (reason["text"], reason["detail"][:17]) == ("Looked after", "recent feedback -")
    assert reason["detail"].endswith(" over 30 in 60 days")


def order(server: httpx.Client, wanted: dict[str, Any]) -> list[str]:
    return [each["item"]["item_id"] for each in server.post("/v1/recommendations", json=wanted).json()["items"]]


# --- as the owner sees it


@pytest.fixture(scope="module")
def office(running: Running, told: Told) -> str:
    """The address of the owner's page, with an issue to show."""
    assert told.after
    (running.page / "feedback.json").write_text(json.dumps(reviewed.page(REVIEWERS, "The Test Grocer")))
    return f"{running.deployment.access.api_url.rstrip('/')}/feedback.html"


def test_the_owners_page_shows_it_and_no_key(running: Running, office: str, browser_page: Page) -> None:
    sent: list[str] = []
    browser_page.on("request", lambda request: sent.append(f"{request.url} {request.headers}"))
    browser_page.goto(office)
    expect(browser_page.get_by_test_id("issues")).to_have_attribute("data-count", "1")
    expect(browser_page.get_by_test_id("issues")).to_contain_text("1 emerging issue")
    expect(browser_page.get_by_test_id("issues")).to_contain_text("on Sour ")
    expect(browser_page.get_by_test_id("note")).to_contain_text("synthetic")
    expect(browser_page.locator("#figures dd").first).not_to_have_text("0")
    assert browser_page.locator("#time .dot").count() >= 12
    assert browser_page.locator("#aspects .good").count() >= 5
    expect(browser_page.locator(".theme")).to_have_count(12)
    expect(browser_page.locator(".theme blockquote").first).to_be_visible()
    save(browser_page, "feedback")
    assert not [each for each in sent if running.deployment.owners_key in each or "authorization" in each]
    assert running.deployment.owners_key not in browser_page.content()


def test_the_owners_page_shows_one_item(office: str, told: Told, browser_page: Page) -> None:
    lid = told.after[0]["items"][0]["item_id"]
    browser_page.goto(office)
    all_of_it = browser_page.locator("#figures dd").first
    expect(all_of_it).not_to_have_text("0")
    before = all_of_it.inner_text()
    browser_page.get_by_test_id("item").select_option(lid)
    expect(browser_page.locator(f'body[data-item="{lid}"]')).to_have_count(1)
    assert int(all_of_it.inner_text().replace(",", "")) < int(before.replace(",", ""))
    expect(browser_page.get_by_test_id("themes")).to_contain_text("lid")
    browser_page.set_viewport_size({"width": 390, "height": 844})
    assert browser_page.evaluate("document.documentElement.scrollWidth") <= 390
    save(browser_page, "feedback-phone")


def test_the_owners_page_says_so_when_the_api_is_down(office: str, browser_page: Page, complaints: list[str]) -> None:
    browser_page.route("**/owner/**", lambda route: route.abort())
    browser_page.goto(office)
    expect(browser_page.get_by_role("alert")).to_contain_text("cannot be reached")
    browser_page.wait_for_load_state("networkidle")
    take_out_failed_loads(complaints)
