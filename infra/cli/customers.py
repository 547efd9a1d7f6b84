"""The commands about what customers are worth: one, all of them by lifecycle, and the nightly run, run now."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from infra.cli import nightly
from infra.cli.calls import quoted, told
from infra.cli.options import AsJson, Key, Local, Stack, find
from shared.domain.value import CustomerValue, LifecycleFigures, Likely, ValueSummary

app = typer.Typer(no_args_is_help=True, help="What customers are worth, and who is about to leave.")
out = Console()


@app.command("value")
def show_value(
    customer_id: Annotated[str, typer.Argument(help="The shop's own id of a customer.")],
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """What a customer is worth and where they stand, with what is expected of the next 90 days."""
    with find(local, stack, key).api(key) as api:
        found = told(api.get(f"/v1/customers/{quoted(customer_id)}/value"))
    if as_json:
        print(json.dumps(found))
    else:
        show_one(CustomerValue.model_validate(found), out)


@app.command("summary")
def show_summary(local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False) -> None:
    """How many customers are new, loyal, lapsing or regular, and what is expected of them together."""
    with find(local, stack, key).api(key) as api:
        found = told(api.get("/v1/customers/summary"))
    if as_json:
        print(json.dumps(found))
    else:
        show_all(ValueSummary.model_validate(found), out)


@app.command("update")
def update_now(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """Reckon anew now, and not at night."""
    done = nightly.run(find(local, stack), "value")
    if as_json:
        print(json.dumps(done))
    elif done["model_id"] is None:
        out.print(done["reason"], highlight=False)
    else:
        rests = "leaning on what other shops are like" if done["pooled"] else f"from {done['repeat_buyers']:,} of them"
        said = f"{done['customers']:,} customers valued ({rests}), {done['written']:,} of them anew."
        out.print(said, highlight=False)


def show_one(value: CustomerValue, to: Console) -> None:
    """A line for each thing that is known."""
    rows = {
        "stands as": value.lifecycle.value,
        "orders": f"{value.orders} ({value.first_order:%d %B %Y} to {value.last_order:%d %B %Y})",
        "an order is worth": _money(value.average_order, value.currency),
        "orders every": None if value.days_between_orders is None else f"{value.days_between_orders:g} days",
        "expected in 90 days": f"{_likely(value.expected_orders)} orders",
        "worth in 90 days": value.expected_value and f"{_likely(value.expected_value)} {value.currency or ''}".rstrip(),
    }
    table = Table(box=None, show_header=False)
    for name, said in rows.items():
        if said:
            table.add_row(name, said)
    to.print(table, highlight=False)
    if value.pooled:
        to.print("Leans on what other shops are like: under 100 customers here have ordered again.", highlight=False)
    to.print(f"As of {value.computed:%d %B %Y %H:%M} UTC; in brackets, what holds in 4 cases of 5.", highlight=False)


def show_all(summary: ValueSummary, to: Console) -> None:
    """A table by lifecycle."""
    table = Table("", "customers", "orders in 90 days", f"{summary.currency or 'money'} in 90 days", box=None)
    for each in summary.lifecycles:
        table.add_row(each.lifecycle.value, *_figures(each))
    to.print(table, highlight=False)
    people = "Under 10" if summary.customers is None else f"{summary.customers:,}"
    to.print(f"{people} customers with orders, as of {summary.computed:%d %B %Y %H:%M} UTC.", highlight=False)


def _figures(of: LifecycleFigures) -> tuple[str, str, str]:
    if of.customers is None:
        return "not shown", "", ""
    money = "" if of.expected_value is None else f"{of.expected_value:,.2f}"
    return f"{of.customers:,}", f"{of.expected_orders or 0:,.1f}", money


def _likely(of: Likely) -> str:
    return f"{of.value:,.2f} ({of.low:,.2f} to {of.high:,.2f})"


def _money(amount: float | None, currency: str | None) -> str | None:
    return None if amount is None else f"{amount:,.2f} {currency or ''}".rstrip()
