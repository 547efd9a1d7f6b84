"""The part of the demo about feedback: half a year of reviews, what they are about, and a lid that begins to leak."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.cli import nightly
from infra.cli.calls import call
from infra.cli.deployment import Deployment
from infra.cli.history import IMPORTS, was_imported
from infra.cli.phases import Phases
from infra.datasets import reviews
from shared.domain.events import Event
from shared.domain.items import Item

SOURCE = "reviews"
BURST = "reviews burst"
FILE = "reviews.json"
AT_ONCE = 100
WRITERS = 400
"""So many customers write reviews."""
THEMES_SHOWN = 4
QUOTES_SHOWN = 3
NOTE = "The reviews are synthetic: the demo wrote them itself, about items that the grocer sells."


class Reviewers(BaseModel):
    """What reviews are of, best sellers first, and who writes them."""

    items: list[Item]
    customers: list[str]

    @property
    def titles(self) -> dict[str, str]:
        """Of the items that reviews are about."""
        named = {item.item_id: item.title for item in self.items}
        return {product.item_id: named[product.item_id] for product in reviews.products(self.items)}


def choose(events: Iterable[Event], items: Mapping[str, Item]) -> Reviewers:
    """The items that sell best, of those that reviewers have words for, and the customers who order most."""
    sold: Counter[str] = Counter()
    orders: Counter[str] = Counter()
    for event in events:
        sold.update(event.items)
        orders[event.customer.id] += 1
    known = [items[item_id] for item_id, _ in sold.most_common() if item_id in items and items[item_id].stock != 0]
    wanted = {product.item_id for product in reviews.products(known)}
    customers = [customer for customer, _ in orders.most_common(WRITERS)]
    return Reviewers(items=[item for item in known if item.item_id in wanted], customers=customers)


def save(reviewers: Reviewers, state: Path) -> None:
    """Keep them for the next run, which does not read the history again."""
    (state / FILE).write_text(reviewers.model_dump_json(exclude_defaults=True))


def load(state: Path) -> Reviewers | None:
    """Those that the first run chose."""
    path = state / FILE
    return Reviewers.model_validate_json(path.read_bytes()) if path.exists() else None


def run(deployment: Deployment, reviewers: Reviewers, phases: Phases, console: Console) -> None:
    """Reviews in, themes out; then the lid leaks. What an earlier run did is not done again."""
    with deployment.api() as api:
        if not _is_done(deployment, SOURCE):
            _half_a_year(deployment, api, reviewers, phases, console)
        console.rule("What customers say, in reviews that the demo wrote itself", align="left")
        show_themes(_read(api, "themes"), console)
        if not _is_done(deployment, BURST):
            show_issues(_read(api, "issues", status="open"), reviewers.titles, console)
            _leak(deployment, api, reviewers, phases, console)
        show_issues(_read(api, "issues", status="open"), reviewers.titles, console)


def _half_a_year(
    deployment: Deployment, api: httpx.Client, reviewers: Reviewers, phases: Phases, console: Console
) -> None:
    rows = reviews.reviews(reviewers.items, reviewers.customers, datetime.now(UTC))
    with phases("import reviews"):
        send(api, rows, console)
    with phases("find themes"):
        nightly.run(deployment, "themes")
    _done(deployment, SOURCE)


def _leak(deployment: Deployment, api: httpx.Client, reviewers: Reviewers, phases: Phases, console: Console) -> None:
    rows = reviews.burst(reviewers.items, reviewers.customers, datetime.now(UTC))
    title = reviewers.titles[rows[0]["item_id"]]
    console.rule(f"Live: {len(rows)} customers write of {title}: its lid leaks", align="left")
    with phases("find what is new"):
        send(api, rows, console)
        nightly.run(deployment, "themes")
    _done(deployment, BURST)


def send(api: httpx.Client, rows: Sequence[dict[str, Any]], console: Console) -> None:
    """Through the API, as a shop's server does. Raises `RefusedError`."""
    with console.status("reviews") as status:
        for done, some in enumerate(batched(rows, AT_ONCE, strict=False)):
            status.update(f"{done * AT_ONCE:,} of {len(rows):,} reviews")
            call(api, "POST", "/v1/feedback", json={"feedback": some})


def show_themes(themes: Sequence[Mapping[str, Any]], console: Console) -> None:
    """The largest, each with a quote."""
    table = Table("theme", "mentions", "sentiment", "stars", "a quote", box=None, header_style="bold")
    for each in themes[:THEMES_SHOWN]:
        effect = each["rating_effect"]
        stars = f"{effect['stars']:+.1f} ({effect['low']:+.1f} to {effect['high']:+.1f})" if effect else ""
        quote = f"[dim]{escape(each['quotes'][0]['text'])}[/dim]" if each["quotes"] else ""
        table.add_row(escape(each["label"]), str(each["count"]), f"{each['net_sentiment']:+.2f}", stars, quote)
    console.print(table)


def show_issues(issues: Sequence[Mapping[str, Any]], titles: Mapping[str, str], console: Console) -> None:
    """What has just begun to go wrong, in plain words."""
    if not issues:
        console.print("[green]No emerging issue.[/green]")
        return
    console.print(f"[bold red]{len(issues)} emerging issue{'s' * (len(issues) > 1)}:[/bold red]", highlight=False)
    for each in issues:
        console.print(f"  {escape(named(each['text'], titles))}", highlight=False)
        for quote in each["quotes"][:QUOTES_SHOWN]:
            console.print(f"    [dim]“{escape(quote['text'])}”[/dim]", highlight=False)


def named(text: str, titles: Mapping[str, str]) -> str:
    """The text with an item's title in place of its id."""
    for item_id, title in titles.items():
        text = re.sub(rf"\b{re.escape(item_id)}\b", title.replace("\\", r"\\"), text)
    return text


def page(reviewers: Reviewers, shop: str) -> dict[str, Any]:
    """What the owner's page must know besides what the API tells."""
    return {"shop": shop, "note": NOTE, "titles": reviewers.titles}


def _read(api: httpx.Client, what: str, **wanted: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(api, "GET", f"/v1/feedback/{what}", params=wanted).json()[what]
    return found


def _is_done(deployment: Deployment, what: str) -> bool:
    return was_imported(deployment.table, what)


def _done(deployment: Deployment, what: str) -> None:
    deployment.table.put({"pk": IMPORTS, "sk": what})
