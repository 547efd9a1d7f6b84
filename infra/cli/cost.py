"""`regulars cost`: the bill of a month, for people as a table, for machines as JSON."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from functions.meter.prices import HOME
from infra.cli.options import AsJson
from infra.cli.show import console
from infra.cost import report
from infra.cost.managed import elsewhere
from infra.cost.report import Bill, assumptions
from infra.cost.units import EVENTS_A_LIST, LISTS_A_VISITOR, VISITS_OF_A_CUSTOMER, Shop, figures

YEAR = 12


def run_cost(
    recommendations: Annotated[float | None, typer.Option(min=0, help="Lists a month. [6 a visitor]")] = None,
    visitors: Annotated[float | None, typer.Option(min=0, help="Visitors a month. [1,000]")] = None,
    events: Annotated[float | None, typer.Option(min=0, help="Events a month. [1.5 a list]")] = None,
    items: Annotated[float, typer.Option(min=0, help="Items in the catalogue.")] = 5_000,
    customers: Annotated[float | None, typer.Option(min=0, help="Customers known. [6 a visitor of a month]")] = None,
    batch: Annotated[int, typer.Option(min=1, max=1_000, help="Events in one call.")] = 1,
    months: Annotated[int, typer.Option(min=0, max=60, help="How many months of events are kept by then.")] = 12,
    feedback: Annotated[float, typer.Option(min=0, help="Reviews and other feedback a month.")] = 0,
    prices: Annotated[float, typer.Option(min=0, help="Prices asked for, with the lowest of 30 days, a month.")] = 0,
    quotes: Annotated[float, typer.Option(min=0, help="Quotes a month.")] = 0,
    offers: Annotated[float, typer.Option(min=0, help="Times that offers are asked for, a month.")] = 0,
    values: Annotated[float, typer.Option(min=0, help="Customers' values asked for, a month.")] = 0,
    region: Annotated[
        str, typer.Option(help="us-east-1, eu-west-1, eu-central-1; another is charged as the first.")
    ] = HOME,
    free: Annotated[bool, typer.Option("--free", help="Take off what AWS gives every account for nothing.")] = False,
    capped: Annotated[bool, typer.Option("--capped", help="With a budget, which the meter watches.")] = False,
    scales: Annotated[bool, typer.Option("--scales", help="Only the table of four scales, as Markdown.")] = False,
    as_json: AsJson = False,
) -> None:
    """The bill of a month, item by item, from measured units and list prices; nothing is deployed or asked for."""
    if scales:
        print(report.scales())
        return
    none_said = visitors is None and recommendations is None
    shop = shop_of(1_000 if none_said else visitors, recommendations, events, items, customers, batch, months)
    shop = shop._replace(feedback=feedback, prices=prices, quotes=quotes, offers=offers, values=values)
    show(report.bill(shop, region, free=free, capped=capped), as_json, console)


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


def show(bill: Bill, as_json: bool, to: Console) -> None:
    """Print it."""
    if as_json:
        print(json.dumps(_json(bill)))
        return
    shop = bill.shop
    to.print(
        f"A month with {shop.visitors:,.0f} visitors, {shop.recommendations:,.0f} lists, {shop.events:,.0f} events in "
        f"calls of {shop.batch}, {shop.items:,.0f} items, {shop.customers:,.0f} customers, "
        f"{shop.feedback:,.0f} pieces of feedback, {shop.prices:,.0f} prices, {shop.quotes:,.0f} quotes, "
        f"{shop.offers:,.0f} times an offer, {shop.values:,.0f} values; {shop.months} months kept.",
        highlight=False,
    )
    to.print(_table(bill))
    to.print(_said(bill), highlight=False)
    for line, lever in bill.levers().items():
        to.print(f"- {line}, ${bill.lines()[line]:,.2f}. {lever}", highlight=False)
    for limit in bill.beyond():
        to.print(f"[bold]{limit}[/bold]", highlight=False)
    to.print("\nThe lists alone, elsewhere, by list prices (what was found where: infra/cost/managed.json):")
    for each in elsewhere(shop.recommendations):
        to.print(f"- {each.service.name}: ${each.usd:,.2f}, without {each.service.left_out}", highlight=False)
    to.print("\nAssumed, not measured:")
    for name, why in assumptions().items():
        to.print(f"- {name.replace('_', ' ')}: {why}", highlight=False)


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
