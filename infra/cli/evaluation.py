"""`regulars evaluate`. Loads what training needs only when it is called: the other commands do without it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.console import Console

from infra.cli import show
from infra.cli.imports import options_of
from infra.cli.options import AsJson, Columns, Currency
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


console = Console(stderr=True)


def run_evaluation(
    events: Annotated[Path, typer.Argument(help="Who took what when: customer, item, timestamp, one line an item.")],
    protocol: Annotated[str, typer.Option(help="last-item, next-days:N, sessions or strong.")],
    items: Annotated[Path | None, typer.Option(help="A file of the catalogue, as `regulars items` takes it.")] = None,
    repeat: Annotated[bool, typer.Option("--repeat", help="With next-days: also what is taken again.")] = False,
    peers: Annotated[bool, typer.Option("--peers", help="Also ALS, BM25, BPR (package implicit), VSKNN.")] = False,
    seed: Annotated[int, typer.Option(help="Of what is drawn, and of ties.")] = 0,
    columns: Columns = None,
    currency: Currency = "USD",
    as_json: AsJson = False,
) -> None:
    """Train on the past of any shop's log, and compare with other recommenders on what came after it."""
    report = run(Wish(events, protocol, items, repeat, peers, seed, options_of(columns, currency)), console)
    show.report(report, as_json)


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
