"""The commands about what customers are worth: one, all of them by lifecycle, and the nightly run, run now."""

import json
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer
from rich.console import Console
from rich.table import Table

from infra.cli import nightly
from infra.cli.deployment import Deployment
from infra.cli.history import RefusedError
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
    told = _get(find(local, stack, key), key, f"{quote(customer_id, safe='')}/value")
    if as_json:
        print(json.dumps(told))
    else:
        show_one(CustomerValue.model_validate(told), out)


@app.command("summary")
def show_summary(local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False) -> None:
    """How many customers are new, loyal, lapsing or regular, and what is expected of them together."""
    told = _get(find(local, stack, key), key, "summary")
    if as_json:
        print(json.dumps(told))
    else:
        show_all(ValueSummary.model_validate(told), out)


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


def show_one(told: CustomerValue, to: Console) -> None:
    """A line for each thing that is known."""
    rows = {
        "stands as": told.lifecycle.value,
        "orders": f"{told.orders} ({told.first_order:%d %B %Y} to {told.last_order:%d %B %Y})",
        "an order is worth": _money(told.average_order, told.currency),
        "orders every": None if told.days_between_orders is None else f"{told.days_between_orders:g} days",
        "expected in 90 days": f"{_likely(told.expected_orders)} orders",
        "worth in 90 days": told.expected_value and f"{_likely(told.expected_value)} {told.currency or ''}".rstrip(),
    }
    table = Table(box=None, show_header=False)
    for name, said in rows.items():
        if said:
            table.add_row(name, said)
    to.print(table, highlight=False)
    if told.pooled:
        to.print("Leans on what other shops are like: under 100 customers here have ordered again.", highlight=False)
    to.print(f"As of {told.computed:%d %B %Y %H:%M} UTC; in brackets, what holds in 4 cases of 5.", highlight=False)


def show_all(told: ValueSummary, to: Console) -> None:
    """A table by lifecycle."""
    table = Table("", "customers", "orders in 90 days", f"{told.currency or 'money'} in 90 days", box=None)
    for each in told.lifecycles:
        table.add_row(each.lifecycle.value, *_figures(each))
    to.print(table, highlight=False)
    people = "Under 10" if told.customers is None else f"{told.customers:,}"
    to.print(f"{people} customers with orders, as of {told.computed:%d %B %Y %H:%M} UTC.", highlight=False)


def _figures(of: LifecycleFigures) -> tuple[str, str, str]:
    if of.customers is None:
        return "not shown", "", ""
    money = "" if of.expected_value is None else f"{of.expected_value:,.2f}"
    return f"{of.customers:,}", f"{of.expected_orders or 0:,.1f}", money


def _likely(of: Likely) -> str:
    return f"{of.value:,.2f} ({of.low:,.2f} to {of.high:,.2f})"


def _money(amount: float | None, currency: str | None) -> str | None:
    return None if amount is None else f"{amount:,.2f} {currency or ''}".rstrip()


def _get(deployment: Deployment, key: str | None, what: str) -> Any:
    with deployment.api(key) as api:
        reply: httpx.Response = api.get(f"/v1/customers/{what}")
    if reply.is_error:
        raise RefusedError(f"{reply.status_code}: {reply.text}")
    return reply.json()
