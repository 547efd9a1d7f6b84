"""`regulars evaluate`. Loads what training needs only when it is called: the other commands do without it."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer
from rich.console import Console

from infra.imports.layouts import Options

if TYPE_CHECKING:
    from infra.evaluation.report import Report


class NotPossibleError(Exception):
    """The evaluation cannot be made; the message says what is missing."""


class Wish(NamedTuple):
    """What the command line asks for."""

    events: Path
    protocol: str
    items: Path | None
    repeat: bool
    peers: bool
    seed: int
    options: Options


def run(wish: Wish, console: Console) -> "Report":
    """The report. Raises `SourceError` for a bad file, `NotPossibleError` for one that the protocol cannot use."""
    try:
        from infra.evaluation import protocols  # noqa: PLC0415
        from infra.evaluation.evaluate import Order, evaluate  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise NotPossibleError(f"evaluate needs what training needs ({error}): run `make setup`.") from error
    try:
        chosen = protocols.parse(wish.protocol, wish.repeat)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--protocol") from error
    order = Order(wish.events, chosen, wish.items, wish.options, wish.repeat, wish.peers, wish.seed)
    try:
        return evaluate(order, lambda text: console.print(text, highlight=False, markup=False))
    except protocols.Unanswerable as error:
        raise NotPossibleError(str(error)) from error
