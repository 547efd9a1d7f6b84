"""`regulars cost`: the bill of a month, for people as a table, for machines as JSON."""

import json

from rich.console import Console
from rich.table import Table

from functions.meter.prices import HOME
from infra.cost.managed import elsewhere
from infra.cost.report import Bill, assumptions
from infra.cost.units import EVENTS_A_LIST, LISTS_A_VISITOR, VISITS_OF_A_CUSTOMER, Shop, figures

YEAR = 12


def shop_of(
    visitors: float | None,
    recommendations: float | None,
    events: float | None,
    items: float,
    customers: float | None,
    batch: int,
    months: int,
) -> Shop:
    """The shop that is asked about; what nobody said follows from the rest in the usual proportion."""
    if visitors is None:
        visitors = (recommendations or 0.0) / LISTS_A_VISITOR
    lists = visitors * LISTS_A_VISITOR if recommendations is None else recommendations
    known = visitors * YEAR / VISITS_OF_A_CUSTOMER if customers is None else customers
    happened = lists * EVENTS_A_LIST if events is None else events
    return Shop(visitors, lists, happened, items, known, batch, months)


def show(bill: Bill, as_json: bool, console: Console) -> None:
    """Print it."""
    if as_json:
        print(json.dumps(_json(bill)))
        return
    shop = bill.shop
    console.print(
        f"A month with {shop.visitors:,.0f} visitors, {shop.recommendations:,.0f} lists, {shop.events:,.0f} events in "
        f"calls of {shop.batch}, {shop.items:,.0f} items, {shop.customers:,.0f} customers, "
        f"{shop.feedback:,.0f} pieces of feedback, {shop.prices:,.0f} prices, {shop.quotes:,.0f} quotes, "
        f"{shop.offers:,.0f} times an offer, {shop.values:,.0f} values; {shop.months} months kept.",
        highlight=False,
    )
    console.print(_table(bill))
    console.print(_said(bill), highlight=False)
    for line, lever in bill.levers().items():
        console.print(f"- {line}, ${bill.lines()[line]:,.2f}. {lever}", highlight=False)
    for limit in bill.beyond():
        console.print(f"[bold]{limit}[/bold]", highlight=False)
    console.print("\nThe lists alone, elsewhere, by list prices (what was found where: infra/cost/managed.json):")
    for each in elsewhere(shop.recommendations):
        console.print(f"- {each.service.name}: ${each.usd:,.2f}, without {each.service.left_out}", highlight=False)
    console.print("\nAssumed, not measured:")
    for name, why in assumptions().items():
        console.print(f"- {name.replace('_', ' ')}: {why}", highlight=False)


def _table(bill: Bill) -> Table:
    table = Table("part", "charged by", "quantity", "unit", "$", box=None, header_style="bold")
    for column in (2, 4):
        table.columns[column].justify = "right"
    for charge in bill.charges:
        unit = bill.prices.lines[charge.line].unit
        quantity = f"{charge.units:,.0f}" if charge.units >= 10 else f"{charge.units:,.2f}"
        table.add_row(charge.part, charge.line, quantity, unit, f"{charge.usd:,.2f}")
    table.add_row("in all", "", "", "", f"{bill.usd:,.2f}", style="bold")
    return table


def _said(bill: Bill) -> str:
    priced = f"List prices of {bill.prices.known}, {bill.region}"
    unpriced = sorted({charge.line for charge in bill.charges if bill.region not in bill.prices.lines[charge.line].usd})
    missing = f", {', '.join(unpriced)} as in {HOME}" if unpriced else ""
    free = "what AWS gives every account for nothing taken off" if bill.free else "nothing taken off as free"
    return f"{priced}{missing}; {free}. What most of it goes on:"


def _json(bill: Bill) -> dict[str, object]:
    return {
        "shop": bill.shop._asdict(),
        "region": bill.region,
        "prices": str(bill.prices.known),
        "free_taken_off": bill.free,
        "usd": round(bill.usd, 4),
        "charges": [charge._asdict() | {"unit": bill.prices.lines[charge.line].unit} for charge in bill.charges],
        "parts": bill.parts(),
        "levers": bill.levers(),
        "beyond": bill.beyond(),
        "elsewhere": [
            {"name": each.service.name, "usd": round(each.usd, 4), "source": each.service.source}
            for each in elsewhere(bill.shop.recommendations)
        ],
        "assumed": figures()["assumed"],
    }
