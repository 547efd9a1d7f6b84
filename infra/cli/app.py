"""The command line `regulars`."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import httpx
import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from infra.cli import (
    budget,
    cards,
    catalogue,
    cost,
    customers,
    demand,
    demo,
    evaluation,
    feedback,
    local,
    offers,
    operate,
    opinions,
    prices,
    privacy,
    rules,
    show,
    sources,
    themes,
    webhooks,
)
from infra.cli.calls import RefusedError, said, told
from infra.cli.deployment import NoDeploymentError
from infra.cli.imports import Problems, options_of
from infra.cli.models import DamagedModelError
from infra.cli.nightly import NightlyFailedError
from infra.cli.options import AsJson, Columns, Currency, DryRun, Errors, Key, Local, Stack, find
from infra.cli.train import TrainingFailedError, train
from infra.imports.files import SourceError
from infra.local.errors import LocalStackError
from shared.domain.errors import DomainError

app = typer.Typer(no_args_is_help=True, help="Regulars: a personalisation backend in your own AWS account.")
operate.add_to(app)
app.add_typer(privacy.app, name="privacy")
app.add_typer(cards.app, name="models")
app.add_typer(budget.app, name="budget")
feedback.app.add_typer(themes.app)
app.add_typer(feedback.app, name="feedback")
app.add_typer(prices.app, name="prices")
app.add_typer(customers.app, name="customers")
app.add_typer(offers.app, name="offers")
app.add_typer(rules.app, name="rules")
app.add_typer(webhooks.app, name="webhooks")

console = Console(stderr=True)


@app.command("demo")
def run_demo(
    state: Annotated[Path, typer.Option(help="Where the local stack keeps its state.")] = Path(".regulars"),
    port: Annotated[int, typer.Option(help="Where the shop's page and the API will be.")] = 8080,
    stay: Annotated[bool, typer.Option(help="Stay up with the storefront until Ctrl-C.")] = True,
) -> None:
    """A real retailer's year of purchases, imported, trained on and served on this machine."""
    demo.run(state, port, stay, Console())


@app.command("import")
def import_history(
    source: Annotated[
        str,
        typer.Argument(help="`completejourney`, or a file: customer_id, item_id, timestamp; or Shopify orders."),
    ],
    items: Annotated[Path | None, typer.Option(help="A file of the catalogue, as `regulars items` takes it.")] = None,
    columns: Columns = None,
    currency: Currency = "USD",
    errors: Errors = None,
    dry_run: DryRun = False,
    to_now: Annotated[
        bool | None,
        typer.Option("--shift-to-now/--keep-times", help="Move all times by whole weeks to end this week, or do not."),
    ] = None,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Import a catalogue and the history of purchases. Importing again changes nothing."""
    problems = Problems(errors)
    loaded = sources.Loaded.read(sources.find(source, items, options_of(columns, currency), problems))
    problems.write(console)
    if dry_run:
        counts = {"items": len(loaded.catalogue), "events": len(loaded.history), "bad": len(problems.found)}
        return show.counts(counts, as_json)
    imported = sources.run(find(local, stack, key), loaded, to_now, console)
    return show.imported(imported, as_json)


@app.command("items")
def import_items(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, JSONL or Parquet; Shopify products or a Google feed.")],
    columns: Columns = None,
    currency: Currency = "USD",
    errors: Errors = None,
    dry_run: DryRun = False,
    sync: Annotated[bool, typer.Option("--sync", help="Retire the items that the file does not have.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Even if those are over 30%.")] = False,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Import a catalogue. Importing again changes nothing."""
    problems = Problems(errors)
    with ExitStack() as open_:
        api = None if dry_run and not sync else open_.enter_context(find(local, stack, key).api(key))
        options = options_of(columns, currency)
        plan = catalogue.plan(file, options, problems, api if sync else None, force)
        problems.write(console)
        if api is not None and not dry_run:
            progress = open_.enter_context(sources.progress_on(console))
            task = progress.add_task("catalogue", total=len(plan.items))
            catalogue.carry_out(plan, api, lambda done, of: progress.update(task, completed=done, total=of))
    show.counts({"items": len(plan.items), "retired": len(plan.retired), "bad": len(problems.found)}, as_json)


@app.command("train")
def run_train(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """Invoke the deployed training function, wait for it, and print the evaluation and what the gate decided."""
    outcome = train(find(local, stack), console)
    show.training(outcome, as_json)


@app.command("recommend")
def recommend(
    surface: Annotated[
        str, typer.Argument(help="for-you, similar, bought-together, cart, buy-again, trending, popular, new...")
    ],
    customer: Annotated[str | None, typer.Option(help="A customer_id.")] = None,
    item: Annotated[str | None, typer.Option(help="An item_id, for similar and its like.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    filter_: Annotated[str | None, typer.Option("--filter", help='As in: price <= 50 and tag = "sale".')] = None,
    language: Annotated[str | None, typer.Option(help="Of the reasons: en, de.")] = None,
    days: Annotated[int | None, typer.Option(help="For popular: sold in the last 1, 7 or 30 days.")] = None,
    category: Annotated[str | None, typer.Option(help="For popular: only items of this category.")] = None,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Ask the API for recommendations."""
    request = {"surface": surface, "customer_id": customer, "item_id": item, "limit": limit}
    request |= {"window_days": days, "category": category, "filter": filter_, "language": language}
    with find(local, stack, key).api(key) as api:
        show.recommendations(told(api.post("/v1/recommendations", json=said(request))), as_json)


app.command("evaluate")(evaluation.run_evaluation)
app.command("sentiment")(opinions.run_sentiment)
app.command("evaluate-sentiment")(opinions.run_sentiment_evaluation)
app.command("evaluate-demand")(demand.run_demand_evaluation)
app.command("cost")(cost.run_cost)

EXPECTED = (
    BotoCoreError,
    budget.NotMeteredError,
    ClientError,
    DamagedModelError,
    NoDeploymentError,
    DomainError,
    httpx.HTTPError,
    RefusedError,
    SourceError,
    evaluation.NotPossibleError,
    catalogue.TooManyError,
    webhooks.NoSecretError,
    NightlyFailedError,
    TrainingFailedError,
    local.NotBuiltError,
    LocalStackError,
)


def main() -> None:
    """The entry point: an error that a person can act on is one line, not a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except EXPECTED as error:
        console.print(f"[red]regulars:[/red] {error}", highlight=False)
        sys.exit(1)
