"""The commands about models: which serves, what each was made of, what the gate decided and why, and drift."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from infra import sentiment
from infra.cli.models import RolledBack, card_of, promote, publish_sentiment, rollback
from infra.cli.options import AsJson, Local, Stack, find
from infra.cli.show import console, figures, plain
from shared.inference.card import Card, Drift
from shared.stores.models import ModelVersion, Pointer

app = typer.Typer(no_args_is_help=True, help="Trained models.")


@app.command("list")
def list_models(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """The published models, newest first, and which one serves."""
    store = find(local, stack).models
    models(store.versions(), store.pointer(), as_json)


@app.command("show")
def show_model(
    model_id: Annotated[str | None, typer.Argument(help="The champion where none is named.")] = None,
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """A model's card: what it learned from, how it was tested, and what each surface serves."""
    store = find(local, stack).models
    card(card_of(store, model_id), store.pointer(), as_json)


@app.command("promote")
def promote_model(
    model_id: Annotated[str, typer.Argument(help="A published model.")],
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """Let this model serve. The functions take it within seconds."""
    before = promote(find(local, stack).models, model_id)
    plain({"champion": model_id, "before": before or ""}, as_json)


@app.command("rollback")
def roll_back(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """Let the model serve again that did before the champion. Once more goes back by one more.

    The functions take it within seconds. The one that it replaces serves again only when you promote it by its id.
    """
    rolled_back(rollback(find(local, stack).models), as_json)


@app.command("publish-sentiment")
def publish_sentiment_model(
    folder: Annotated[Path | None, typer.Argument(help="A whole model; without it, the carried one.")] = None,
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """Publish a sentiment model and let it speak, such as one trained on your texts or with another encoder.

    The functions take it with their next start. Publishing the carried one goes back to it.
    """
    model_id = publish_sentiment(find(local, stack).sentiment_models, folder or sentiment.folder())
    plain({"model_id": model_id}, as_json)


def card(found: Card, pointer: Pointer | None, as_json: bool, to: Console = console) -> None:
    """A model's card, and where the model stands."""
    if as_json:
        print(found.model_dump_json())
        return
    window, size = found.window, sum(info.bytes for info in found.files.values())
    figures(found, to)
    to.print(
        "  Ratios: of the model to popularity, and of the challenger to the champion.\n", style="dim", highlight=False
    )
    to.print(_decisions(found))
    if found.champion_problem:
        to.print(f"  {found.champion_problem}", style="yellow", highlight=False)
    to.print(
        f"  Learned from {window.events:,} events of {window.customers:,} customers with {window.items:,} items, "
        f"{window.first:%d %B %Y} to {window.last:%d %B %Y}; {found.recommendable:,} items recommendable.",
        f"  Trained on {found.created:%d %B %Y, %H:%M} UTC in {sum(found.phases.values()):.0f} s with "
        f"{found.peak_memory_mb:,.0f} MB; {size / 1e6:.1f} MB of files.",
        *_licences(found.licences),
        f"  {standing(found.model_id, pointer)}",
        sep="\n",
        highlight=False,
    )
    _drift(found.drift, to)


def _licences(licences: dict[str, str]) -> Iterator[str]:
    """Whose the data are, and the libraries' licences; cards of older models lack both."""
    if licences:
        made = "; ".join(f"{name}: {licence}" for name, licence in licences.items() if name != "data")
        yield f"  Data: {licences['data']}"
        yield f"  Made with {made}."


def _decisions(found: Card) -> Table:
    table = Table("surface", "serves", "why", "recipe", box=None, header_style="bold", padding=(0, 2, 1, 0))
    for surface, decision in found.surfaces.items():
        colour = "green" if decision.serve == "model" else "yellow"
        table.add_row(surface, f"[{colour}]{decision.serve}[/{colour}]", decision.reason, decision.recipe_reason)
    return table


def standing(model_id: str, pointer: Pointer | None) -> str:
    """Whether a model serves, did so before, or was rolled back."""
    if pointer is None:
        return "It does not serve; no model does yet."
    if pointer.model_id == model_id:
        earlier = pointer.earlier()
        return "It serves. " + (
            f"A rollback would go to {earlier[0]}." if earlier else "There is none to roll back to."
        )
    if model_id in pointer.withdrawn:
        return f"It was rolled back; {pointer.model_id} serves. No training promotes it again."
    served = "served before" if model_id in pointer.before else "never served, or long ago"
    return f"It {served}; {pointer.model_id} serves."


def _drift(drift: Drift | None, to: Console) -> None:
    if drift is None:
        to.print("  Drift: not measured, the model is of an older version.", highlight=False)
        return
    to.print(f"  Drift: {drift.reason}", highlight=False)
    if not drift.measures:
        return
    table = Table("", "drift of", "distance", "limit", "what was seen", box=None, header_style="bold")
    for measure in sorted(drift.measures, key=lambda each: not each.drifted):
        mark = "[red]drifted[/red]" if measure.drifted else "[green]as before[/green]"
        table.add_row(mark, measure.name, f"{measure.distance:.2f}", f"{measure.limit:.2f}", measure.text)
    to.print(table)


def rolled_back(done: RolledBack, as_json: bool) -> None:
    """Which model serves now, and in the place of which."""
    if as_json:
        print(json.dumps(done._asdict()))
        return
    console.print(f"[bold]{done.champion}[/bold] serves, in place of {done.before}.", highlight=False)
    for model_id in done.damaged:
        console.print(f"  {model_id} was passed over: it is damaged.", highlight=False)


def models(versions: Iterable[ModelVersion], pointer: Pointer | None, as_json: bool) -> None:
    """The published models, with where each stands."""
    champion, withdrawn = (pointer.model_id, pointer.withdrawn) if pointer else (None, ())
    if as_json:
        print(
            json.dumps(
                [
                    json.loads(each.model_dump_json())
                    | {"champion": each.model_id == champion, "rolled_back": each.model_id in withdrawn}
                    for each in versions
                ]
            )
        )
        return
    table = Table("", "model", "created", "surfaces", box=None, header_style="bold")
    for each in versions:
        mark = "champion" if each.model_id == champion else "rolled back" if each.model_id in withdrawn else ""
        table.add_row(mark, each.model_id, f"{each.created_at:%Y-%m-%d %H:%M} UTC", each.summary)
    console.print(table)
