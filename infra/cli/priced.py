"""The part of the demo about prices: what the grocer's sales say of demand, prices to decide on, and an offer."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import batched
from pathlib import Path
from typing import Any

import httpx
from pydantic import TypeAdapter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.cli import nightly
from infra.cli.calls import call
from infra.cli.deployment import Deployment
from infra.cli.history import IMPORTS, was_imported
from infra.cli.households import Household
from infra.cli.live import Shop
from infra.cli.phases import Phases
from shared.domain.events import Event
from shared.domain.items import Item
from shared.domain.money import Money, rounded

SOURCE = "costs, limits and offers"
FILE = "prices.json"
ITEMS = 400
"""So many of the best sellers have a cost, and so may be suggested a price."""
COST = Decimal("0.7")
COMPETITOR = Decimal("0.97")
AT_ONCE = 200
SHOWN = 5
NOTE = (
    "Sales and prices are the grocer's own. The data set has no costs and no competitors, so the demo made them up: "
    "costs are 70% of today's price, and one competitor is 3% cheaper on every tenth item."
)
LIMITS = {"minimum_margin": "0.10", "maximum_weekly_step": "0.05", "endings": ["9"]}
OFFERS: dict[str, dict[str, Any]] = {
    "welcome-all": {
        "name": "For everybody",
        "text": "5% off your next order",
        "discount": {"kind": "percent", "percent": "5"},
        "public": True,
        "code": "WELCOME",
    },
    "come-back": {
        "name": "For those who are about to leave",
        "text": "10% off, as we have missed you",
        "discount": {"kind": "percent", "percent": "10", "most": {"amount": "8.00", "currency": "USD"}},
        "budget": {"amount": "200.00", "currency": "USD"},
        "eligibility": {"lifecycles": ["lapsing"]},
        "expected_uplift": 0.2,
    },
    "thank-you": {
        "name": "For regular and loyal customers",
        "text": "4% off, for our regulars",
        "discount": {"kind": "percent", "percent": "4", "most": {"amount": "4.00", "currency": "USD"}},
        "budget": {"amount": "200.00", "currency": "USD"},
        "eligibility": {"lifecycles": ["loyal", "regular"]},
        "expected_uplift": 0.15,
    },
}
_ITEMS = TypeAdapter(list[Item])


def choose(events: Iterable[Event], items: Mapping[str, Item]) -> list[Item]:
    """The items with a price that sell best, the best first."""
    sold = Counter(item for event in events for item in event.items)
    known = (items[item_id] for item_id, _ in sold.most_common() if item_id in items)
    return [item for item in known if item.price and item.price.amount >= 1 and item.stock != 0][:ITEMS]


def save(items: list[Item], state: Path) -> None:
    """Keep them for the next run, which does not read the history again."""
    (state / FILE).write_bytes(_ITEMS.dump_json(items, exclude_defaults=True))


def load(state: Path) -> list[Item] | None:
    """Those that the first run chose."""
    path = state / FILE
    return _ITEMS.validate_json(path.read_bytes()) if path.exists() else None


def page(items: Sequence[Item]) -> dict[str, Any]:
    """What the owner's page of prices must know besides what the API tells."""
    return {"note": NOTE, "titles": {item.item_id: item.title for item in items}}


def run(
    deployment: Deployment,
    items: Sequence[Item],
    shop: Shop,
    households: Sequence[Household],
    phases: Phases,
    console: Console,
) -> None:
    """Costs and limits in, suggestions out; what each household may be offered. What was done is not done again."""
    with deployment.api() as api:
        if not was_imported(deployment.table, SOURCE):
            with phases("set costs, limits and offers"):
                _furnish(api, items)
            deployment.table.put({"pk": IMPORTS, "sk": SOURCE})
        with phases("value customers"):
            nightly.run(deployment, "value")
        with phases("estimate demand, suggest prices"):
            nightly.run(deployment, "pricing")
        console.rule("Prices to decide on", align="left")
        console.print(f"[dim]{NOTE}[/dim]", highlight=False)
        show_suggestions(call(api, "GET", "/v1/prices/suggestions", params={"limit": SHOWN}).json(), console)
        _show_refusal(api, items[0], console)
    _show_offers(shop, households, console)


def _furnish(api: httpx.Client, items: Sequence[Item]) -> None:
    """Through the API, as a shop's server does. Raises `RefusedError`."""
    for some in batched(items, AT_ONCE, strict=False):
        call(api, "POST", "/v1/items/patch", json={"items": [_with_cost(item) for item in some]})
    call(api, "PUT", "/v1/prices/limits/all", json=LIMITS)
    seen = [_competitors(item) for item in items[::10]]
    call(api, "PUT", "/v1/competitor-prices", json={"prices": seen})
    for offer_id, offer in OFFERS.items():
        call(api, "PUT", f"/v1/offers/{offer_id}", json=offer)


def _with_cost(item: Item) -> dict[str, Any]:
    return {"item_id": item.item_id, "cost": _share(item, COST).model_dump(mode="json")}


def _competitors(item: Item) -> dict[str, Any]:
    price = _share(item, COMPETITOR).model_dump(mode="json")
    return {"item_id": item.item_id, "competitor": "The other grocer", "price": price}


def _share(item: Item, share: Decimal) -> Money:
    if item.price is None:
        raise ValueError(f"{item.item_id} has no price")
    return Money(amount=rounded(item.price.amount * share, item.price.currency), currency=item.price.currency)


def show_suggestions(found: Mapping[str, Any], console: Console) -> None:
    """The open ones that would bring most, each with its first reason."""
    if not found["suggestions"]:
        console.print("No price is worth a change, as far as can be told.")
        return
    table = Table("item", "now", "suggested", "profit a week", "because", box=None, header_style="bold")
    for each in found["suggestions"]:
        profit = each["profit"]
        change = f"{profit['value']:+.2f} ({profit['low']:+.2f} to {profit['high']:+.2f})" if profit else "cost unknown"
        because = each["reasons"][0]["text"] if each["reasons"] else ""
        table.add_row(
            escape(each["title"]),
            f"{each['current']['amount']}",
            f"[bold]{each['suggested']['amount']}[/bold] {each['suggested']['currency']}",
            change,
            f"[dim]{escape(because)}[/dim]",
        )
    console.print(table)


def _show_refusal(api: httpx.Client, item: Item, console: Console) -> None:
    """A page that would strike through a price that the item never had."""
    dearer = _share(item, Decimal("1.25")).model_dump(mode="json")
    reply = call(
        api,
        "POST",
        f"/v1/prices/{item.item_id}/claims",
        good=(httpx.codes.UNPROCESSABLE_ENTITY,),
        json={"struck_through": dearer},
    )
    said = f"“instead of {dearer['amount']} {dearer['currency']}” on {item.title}"
    console.print(f"{escape(said)}: [red]refused[/red]. {escape(reply.json()['detail'])}", highlight=False)


def _show_offers(shop: Shop, households: Sequence[Household], console: Console) -> None:
    console.rule("What each household is offered", align="left")
    for household in households:
        told = shop.offer("home", household.customer_id)
        offer = told["offer"] or told["public_offer"]
        said = f"{offer['text']} (code {offer['code']})" if offer else "nothing"
        console.print(f"{household.customer_id}: {escape(said)} [dim]{escape(told['why'])}[/dim]", highlight=False)
