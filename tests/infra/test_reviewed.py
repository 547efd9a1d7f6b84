"""The demo's feedback: who writes of what, and what is said in the end in plain words."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from infra.cli import reviewed
from infra.cli.reviewed import WRITERS, Reviewers
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.items import Item
from shared.domain.vocabulary import EventName

MILK = Item(item_id="1", title="Fluid milk, 1 gal", category="FLUID MILK PRODUCTS")
SOUR = Item(item_id="12", title="Sour creams, 16 oz", category="MILK BY-PRODUCTS")
PAPER = Item(item_id="3", title="Newspaper", category="NEWSPAPER")
GONE = Item(item_id="4", title="Eggs", category="EGGS", stock=0)
CATALOGUE = {item.item_id: item for item in (MILK, SOUR, PAPER, GONE)}
ISSUE: dict[str, Any] = {
    "text": "8 people mentioned “lid” on 12 this week; normally none.",
    "quotes": [{"text": "The [lid] leaks."}],
    "items": [{"item_id": "12", "count": 8}],
}


def order(customer: str, *items: str) -> Event:
    return Event(
        customer=CustomerRef(kind=KNOWN, id=customer),
        message_id=f"{customer} {items}",
        time=datetime(2026, 11, 1, tzinfo=UTC),
        name=EventName.ORDER_COMPLETED,
        items=items,
    )


def printed(issues: list[dict[str, Any]]) -> str:
    console = Console(file=io.StringIO(), width=200)
    reviewed.show_issues(issues, {"12": SOUR.title}, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_reviews_are_of_best_sellers_that_are_sold_and_one_has_words_for() -> None:
    events = [order("ann", "12", "1"), order("ann", "1", "3"), order("bob", "4", "nobody knows")]
    chosen = reviewed.choose(events, CATALOGUE)
    assert (chosen.items, chosen.customers) == ([MILK, SOUR], ["ann", "bob"])
    assert chosen.titles == {"1": MILK.title, "12": SOUR.title}


def test_as_many_customers_write_as_order_most() -> None:
    events = [order(f"c{n}", "1") for n in range(WRITERS + 5)] + [order("often", "1"), order("often", "12")]
    customers = reviewed.choose(events, CATALOGUE).customers
    assert (len(customers), customers[0]) == (WRITERS, "often")


def test_the_next_run_knows_them(tmp_path: Path) -> None:
    assert reviewed.load(tmp_path) is None
    reviewed.save(Reviewers(items=[MILK], customers=["ann"]), tmp_path)
    assert reviewed.load(tmp_path) == Reviewers(items=[MILK], customers=["ann"])


def test_an_issue_is_told_in_plain_words_with_the_items_title() -> None:
    text = printed([ISSUE])
    assert "1 emerging issue:" in text
    assert "8 people mentioned “lid” on Sour creams, 16 oz this week; normally none." in text
    assert "“The [lid] leaks.”" in text
    assert "2 emerging issues:" in printed([ISSUE, ISSUE])
    assert printed([]).strip() == "No emerging issue."


def test_a_title_stands_only_where_the_whole_id_did() -> None:
    assert reviewed.named("on 123, 12 and 12.", {"12": r"A\1"}) == r"on 123, A\1 and A\1."


def test_the_page_says_that_the_reviews_are_synthetic() -> None:
    page = reviewed.page(Reviewers(items=[MILK, SOUR], customers=[]), "Shop")
    assert "synthetic" in page["note"]
    assert page["titles"] == {"1": MILK.title, "12": SOUR.title}
