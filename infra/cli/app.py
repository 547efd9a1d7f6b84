"""The command line `regulars`."""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from functions.meter.prices import HOME
from infra import sentiment
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
    history,
    local,
    offers,
    operate,
    opinions,
    prices,
    privacy,
    show,
    sources,
    webhooks,
)
from infra.cli.deployment import NoDeploymentError
from infra.cli.imports import Problems, options_of
from infra.cli.models import DamagedModelError, card_of, promote, publish_sentiment, rollback
from infra.cli.nightly import NightlyFailedError
from infra.cli.options import AsJson, Key, Local, Stack, find
from infra.cli.restored import reapply
from infra.cli.train import TrainingFailedError, train
from infra.cost.report import bill
from infra.cost.report import scales as four_scales
from infra.imports.files import SourceError
from infra.local.errors import LocalStackError
from shared.domain.errors import DomainError
from shared.domain.feedback_settings import Trade

app = typer.Typer(no_args_is_help=True, help="Regulars: a personalisation backend in your own AWS account.")
models = typer.Typer(no_args_is_help=True, help="Trained models.")
privacy_app = typer.Typer(no_args_is_help=True, help="Exports and erasures of shoppers.")
operate.add_to(app)
app.add_typer(privacy_app, name="privacy")
app.add_typer(models, name="models")
budget_app = typer.Typer(no_args_is_help=True, help="The monthly budget, and what it switches off.")
app.add_typer(budget_app, name="budget")
app.add_typer(feedback.app, name="feedback")
app.add_typer(prices.app, name="prices")
app.add_typer(customers.app, name="customers")
app.add_typer(offers.app, name="offers")
hooks = typer.Typer(no_args_is_help=True, help="Webhooks of Shopify and WooCommerce.")
app.add_typer(hooks, name="webhooks")

console = Console(stderr=True)

Mapping = Annotated[
    list[str] | None, typer.Option("--map", help="Our name of a column by the file's: title=Name. May be repeated.")
]
Currency = Annotated[str, typer.Option(help="Of prices that come without one.")]
Errors = Annotated[
    Path | None, typer.Option(help="Write the bad lines to this CSV file, and go on with the good ones.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Read and check everything, and change nothing.")]


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
    columns: Mapping = None,
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
    columns: Mapping = None,
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
        reply = api.post(
            "/v1/recommendations", json={name: value for name, value in request.items() if value is not None}
        )
    show.recommendations(_ok(reply), as_json)


@app.command("evaluate")
def run_evaluation(
    events: Annotated[Path, typer.Argument(help="Who took what when: customer, item, timestamp, one line an item.")],
    protocol: Annotated[str, typer.Option(help="last-item, next-days:N, sessions or strong.")],
    items: Annotated[Path | None, typer.Option(help="A file of the catalogue, as `regulars items` takes it.")] = None,
    repeat: Annotated[bool, typer.Option("--repeat", help="With next-days: also what is taken again.")] = False,
    peers: Annotated[bool, typer.Option("--peers", help="Also ALS, BM25, BPR (package implicit), VSKNN.")] = False,
    seed: Annotated[int, typer.Option(help="Of what is drawn, and of ties.")] = 0,
    columns: Mapping = None,
    currency: Currency = "USD",
    as_json: AsJson = False,
) -> None:
    """Train on the past of any shop's log, and compare with other recommenders on what came after it."""
    report = evaluation.run(
        evaluation.Wish(events, protocol, items, repeat, peers, seed, options_of(columns, currency)), console
    )
    show.report(report, as_json)


@app.command("sentiment")
def run_sentiment(
    texts: Annotated[list[str], typer.Argument(help="One or more texts.")],
    api: Annotated[bool, typer.Option("--api", help="Ask the API of a deployment instead of this machine.")] = False,
    model: Annotated[Path | None, typer.Option(help="The folder of another model than the carried one.")] = None,
    trade: Annotated[Trade, typer.Option(help="Whose aspects are looked for.")] = "retail",
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """How texts feel, and which words say so; by the model on this machine, without a deployment."""
    if api or local:
        with find(local, stack, key).api(key) as deployed:
            report = _ok(deployed.post("/v1/sentiment", json={"texts": texts}))
    else:
        report = opinions.analyse(texts, model, trade)
    opinions.show(texts, report, as_json)


@app.command("evaluate-sentiment")
def run_sentiment_evaluation(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, JSONL or Parquet, one text a row.")],
    text: Annotated[str, typer.Option(help="The column of the text.")],
    label: Annotated[
        str, typer.Option(help="The column of the label: positive, neutral, negative; 0 and 1; -1 to 1; 1 to 5 stars.")
    ],
    meaning: Annotated[
        list[str] | None, typer.Option("--map", help="What a label means: happy=positive, odd=skip. May be repeated.")
    ] = None,
    three_stars: Annotated[
        bool, typer.Option("--three-stars-neutral", help="Three stars of five are neutral; else they are left out.")
    ] = False,
    model: Annotated[Path | None, typer.Option(help="The folder of another model than the carried one.")] = None,
    peers: Annotated[bool, typer.Option(help="Also VADER and TextBlob, where they are installed.")] = True,
    as_json: AsJson = False,
) -> None:
    """How often the sentiment model is right on any labelled texts, beside VADER and TextBlob.

    With two labels the sign of the score decides, with three the label. Every text is judged as if it were English.
    The API abstains from other languages: texts that seem to be in one are counted, and reported apart once more.
    """
    neutral = opinions.NEUTRAL if three_stars else None
    opinions.show_report(opinions.evaluate(file, text, label, meaning or [], neutral, model, peers), as_json)


@app.command("evaluate-demand")
def run_demand_evaluation(
    file: Annotated[Path, typer.Argument(help="A row an item and week: item, category, week, price, units, ...")],
    hold_out: Annotated[
        int | None, typer.Option(min=1, help="Weeks to forecast. [12, or a quarter of a short file]")
    ] = None,
    weeks: Annotated[int | None, typer.Option(min=1, help="Learn only from so many weeks before those.")] = None,
    gaps: Annotated[
        str, typer.Option(help="A week without a row: missing, zero (nothing sold), or auto: zero if no row is.")
    ] = "auto",
    elasticities: Annotated[Path | None, typer.Option(help="Write every item's elasticity to this CSV file.")] = None,
    columns: Mapping = None,
    as_json: AsJson = False,
) -> None:
    """How well the demand model forecasts weeks that it has not seen, beside simpler ways; on any shop's weekly sales.

    Other columns than those named are covariates: promotions, displays. in_stock or out_of_stock masks stock-outs.
    """
    demand.show(demand.evaluate(demand.Wish(file, hold_out, weeks, gaps, columns or [], elasticities)), as_json)


@app.command("cost")
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
        print(four_scales())
        return
    none_said = visitors is None and recommendations is None
    shop = cost.shop_of(1_000 if none_said else visitors, recommendations, events, items, customers, batch, months)
    shop = shop._replace(feedback=feedback, prices=prices, quotes=quotes, offers=offers, values=values)
    cost.show(bill(shop, region, free=free, capped=capped), as_json, show.console)


Customer = Annotated[str, typer.Option(help="The customer_id, or with --anonymous the anonymous_id.")]
Anonymous = Annotated[bool, typer.Option("--anonymous", help="The id is an anonymous one.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it is done, and print what came of it.")]


@privacy_app.command("export")
def export_customer(
    customer: Customer,
    anonymous: Anonymous = False,
    wait: Wait = False,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
) -> None:
    """Export all that is known of a shopper, as JSON."""
    with find(local, stack, key).api(key) as api:
        job = privacy.ask(api, privacy.EXPORT, customer, anonymous=anonymous)
        if wait:
            job = privacy.data(privacy.wait(api, privacy.EXPORT, job, console.print))
    print(json.dumps(job, ensure_ascii=False, indent=1))


@privacy_app.command("erase")
def erase_customer(
    customer: Customer,
    anonymous: Anonymous = False,
    wait: Wait = False,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
) -> None:
    """Erase a shopper from table, archive and exports. The receipt comes after a second look, 15 minutes on."""
    with find(local, stack, key).api(key) as api:
        job = privacy.ask(api, privacy.ERASURE, customer, anonymous=anonymous)
        if wait:
            job = privacy.wait(api, privacy.ERASURE, job, console.print)
    print(json.dumps(job, indent=1))


@privacy_app.command("reapply")
def reapply_erasures(
    restored: Annotated[str, typer.Argument(help="The name of the table that was restored beside the live one.")],
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """Before a restored table goes live: erase in it whoever was erased since the copy was made."""
    deployment = find(local, stack)
    table = deployment.table_named(restored)
    show.counts({"customers": reapply(deployment.table, table, deployment.tombstones_in(table))}, as_json)


@hooks.command("secret")
def webhook_secret(
    system: Annotated[webhooks.ShopSystem, typer.Argument(help="Whose deliveries it signs.")],
    generate: Annotated[bool, typer.Option("--generate", help="Make one and print it, this one time.")] = False,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="The secret before is not valid any more, since others know it.")
    ] = False,
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """Set the secret, typed or piped in. The one before stays valid beside it, until the next. It holds in a minute."""
    secret = webhooks.generate(system) if generate else webhooks.ask(system)
    valid = webhooks.keep(find(local, stack), system, secret, at_once=at_once)
    console.print(f"Kept. {valid} of {system}'s secrets are valid now." if valid > 1 else "Kept.")
    show.plain({"secret": secret} if generate else {"valid_secrets": str(valid)} if as_json else {}, as_json)


@hooks.command("urls")
def webhook_urls(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """Print where Shopify and WooCommerce are to send their webhooks."""
    show.plain(webhooks.urls(find(local, stack)), as_json)


@models.command("list")
def list_models(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """The published models, newest first, and which one serves."""
    store = find(local, stack).models
    cards.models(store.versions(), store.pointer(), as_json)


@models.command("show")
def show_model(
    model_id: Annotated[str | None, typer.Argument(help="The champion where none is named.")] = None,
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """A model's card: what it learned from, how it was tested, and what each surface serves."""
    store = find(local, stack).models
    cards.card(card_of(store, model_id), store.pointer(), as_json)


@models.command("promote")
def promote_model(
    model_id: Annotated[str, typer.Argument(help="A published model.")],
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """Let this model serve. The functions take it within seconds."""
    before = promote(find(local, stack).models, model_id)
    show.plain({"champion": model_id, "before": before or ""}, as_json)


@models.command("rollback")
def roll_back(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """Let the model serve again that did before the champion. Once more goes back by one more.

    The functions take it within seconds. The one that it replaces serves again only when you promote it by its id.
    """
    cards.rolled_back(rollback(find(local, stack).models), as_json)


@models.command("publish-sentiment")
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
    show.plain({"model_id": model_id}, as_json)


@budget_app.command("show")
def show_budget(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """What the month has cost so far, by list prices and minutes late, and what the budget lets run."""
    show.budget(budget.standing(find(local, stack)), as_json)


@budget_app.command("set")
def set_budget(
    amount: Annotated[
        float | None, typer.Argument(min=0, help="Dollars a month, 0 for no cap. Without it, the template's again.")
    ] = None,
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """Set another budget than the template's. It holds at once, and deployments leave it as it is."""
    show.budget(budget.set_to(find(local, stack), amount), as_json)


@budget_app.command("lift")
def lift_budget(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """Let everything run until the month ends, and open what was shut."""
    show.budget(budget.lift(find(local, stack)), as_json)


def _ok(reply: httpx.Response) -> Any:
    """The reply's JSON; raises `httpx.HTTPStatusError` with the problem's own words."""
    if reply.is_error:
        raise httpx.HTTPStatusError(f"{reply.status_code}: {reply.text}", request=reply.request, response=reply)
    return json.loads(reply.text)


EXPECTED = (
    BotoCoreError,
    budget.NotMeteredError,
    ClientError,
    DamagedModelError,
    NoDeploymentError,
    DomainError,
    httpx.HTTPError,
    history.RefusedError,
    SourceError,
    evaluation.NotPossibleError,
    catalogue.TooManyError,
    webhooks.NoSecretError,
    NightlyFailedError,
    TrainingFailedError,
    privacy.RequestFailedError,
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
