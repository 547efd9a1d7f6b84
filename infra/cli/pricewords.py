"""What the commands about prices share: how a reply is told, and how days and amounts are sent."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from infra.cli import show


def tell(found: Mapping[str, Any], as_json: bool, text: Callable[[], str]) -> None:
    """A reply, as JSON or in words."""
    if as_json:
        print(json.dumps(found))
    else:
        show.console.print(text(), highlight=False, markup=False)


def table(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> None:
    """Rows below their names."""
    drawn = Table(*head, box=None, header_style="bold")
    for row in rows:
        drawn.add_row(*map(escape, row))
    show.console.print(drawn)


def day(text: str) -> str:
    """A day as the API takes it."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter(f"{text} is not a day as 2026-12-24") from None


def money(text: str) -> dict[str, str]:
    """`9.90 EUR` as the API takes it."""
    amount, _, currency = text.strip().partition(" ")
    if not currency:
        raise typer.BadParameter(f"{text} is not of the form 9.90 EUR")
    return {"amount": amount, "currency": currency.strip()}
