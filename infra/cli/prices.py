"""The commands about prices: suggestions and the owner's word on them, limits, competitors' prices, the ledger."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console

from infra.cli import experiments, price_limits, rivals, show, sources
from infra.cli.calls import call, quoted, said
from infra.cli.imports import Problems, options_of
from infra.cli.options import AsJson, Columns, Currency, DryRun, Errors, Key, Local, Stack, find
from infra.cli.pricewords import day, money, table, tell
from shared.domain.suggestions import SuggestionStatus

app = typer.Typer(no_args_is_help=True, help="What to charge: suggestions, limits, competitors, and what was charged.")
competitors_app = typer.Typer(no_args_is_help=True, help="What competitors ask.")
app.add_typer(price_limits.app, name="limits")
app.add_typer(experiments.app, name="experiments")
app.add_typer(competitors_app, name="competitors")
console = Console(stderr=True)

JUDGED = (httpx.codes.OK, httpx.codes.UNPROCESSABLE_ENTITY)
SUGGESTIONS = "/v1/prices/suggestions"
Item = Annotated[str, typer.Argument(help="The item_id.")]
Which = Annotated[str | None, typer.Option("--id", help="The suggestion_id, so that it is the one that was read.")]


@app.command("suggest")
def list_suggestions(
    status: Annotated[SuggestionStatus, typer.Option()] = SuggestionStatus.OPEN,
    category: Annotated[str | None, typer.Option(help="Only of this category.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 25,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Suggested prices, those that promise the most profit first, each with its interval and reasons."""
    query = {"status": status.value, "limit": str(limit)} | ({"category": category} if category else {})
    with find(local, stack, key).api(key) as api:
        found = call(api, "GET", SUGGESTIONS, params=query).json()["suggestions"]
    if as_json:
        print(json.dumps(found))
        return
    head = ("item", "now", "suggested", "units a week", "profit a week (80%)", "why")
    table(head, (_suggestion(each) for each in found))


@app.command("simulate")
def simulate(
    shops: Annotated[int, typer.Option(min=1, max=20, help="How many made-up shops a scenario has.")] = 5,
) -> None:
    """What the safe rule and others earn where demand is known, against prices left as they are. Takes minutes."""
    from infra.cli.simulation import table as scores  # noqa: PLC0415 - numpy and scipy, for this command only
    from training.pricing.compare import compare  # noqa: PLC0415
    from training.pricing.policies import POLICIES  # noqa: PLC0415
    from training.pricing.scenarios import SCENARIOS, SEEDS  # noqa: PLC0415

    Console().print(scores(compare(POLICIES, SCENARIOS, SEEDS[:shops])))


@app.command("approve")
def approve(
    item: Item,
    which: Which = None,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Make the suggested price the item's, if price and limits are still what they were."""
    _decide("approve", item, {"suggestion_id": which}, (local, stack, key), as_json)


@app.command("reject")
def reject(
    item: Item,
    which: Which = None,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Turn the suggested price down."""
    _decide("reject", item, {"suggestion_id": which}, (local, stack, key), as_json)


@app.command("snooze")
def snooze(
    item: Item,
    until: Annotated[str | None, typer.Option(help="A day as 2026-12-24; a week from now by default.")] = None,
    which: Which = None,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Put the suggested price off."""
    told = {"suggestion_id": which, "until": until and day(until)}
    _decide("snooze", item, told, (local, stack, key), as_json)


@app.command("history")
def history(
    item: Item, local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False
) -> None:
    """Every price that the item had, and whether the record of them was touched. Exits with 1 where it was."""
    with find(local, stack, key).api(key) as api:
        url, query = f"/v1/prices/{quoted(item)}/history", {"limit": "500"}
        found = call(api, "GET", url, params=query).json()
        while more := found.get("next_cursor"):
            page = call(api, "GET", url, params=query | {"cursor": more}).json()
            found |= {"entries": found["entries"] + page["entries"], "next_cursor": page.get("next_cursor")}
    if as_json:
        print(json.dumps(found))
    else:
        rows = (
            (str(e["seq"]), e["since"][:16], e["amount"] or "-", e["currency"], e["hash"][:12])
            for e in found["entries"]
        )
        table(("no.", "since (UTC)", "price", "", "hash"), rows)
        show.console.print(
            "The chain is whole." if found["valid"] else f"The chain is broken at no. {found['first_broken']}."
        )
    if not found["valid"]:
        raise typer.Exit(1)


@app.command("check")
def check(
    item: Item,
    was: Annotated[str | None, typer.Option(help="The price that is struck through: 12.00 EUR.")] = None,
    percent: Annotated[float | None, typer.Option(help="What the page says: 20 for -20%.")] = None,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Whether a page may say so of an item's price. Exits with 1 where the ledger does not support it."""
    if was is None and percent is None:
        raise typer.BadParameter("say --was, --percent or both")
    claim = said({"struck_through": was and money(was), "percent": None if percent is None else str(percent)})
    with find(local, stack, key).api(key) as api:
        reply = call(api, "POST", f"/v1/prices/{quoted(item)}/claims", JUDGED, json=claim)
    found = reply.json()
    allowed = reply.status_code == httpx.codes.OK
    tell(found, as_json, lambda: _supported(found) if allowed else f"no: {found['detail']}")
    if not allowed:
        raise typer.Exit(1)


def _supported(found: Mapping[str, Any]) -> str:
    was = f"{found['was']['amount']} {found['was']['currency']}"
    return f"yes, until {found['until'][:10]}: at most from {was}, -{found['most_percent']}%"


@competitors_app.command("import")
def import_competitors(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, JSON lines or Parquet: item_id, competitor, price.")],
    columns: Columns = None,
    currency: Currency = "USD",
    errors: Errors = None,
    dry_run: DryRun = False,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Import what competitors ask; of each competitor and item the latest counts."""
    problems = Problems(errors)
    prices = list(rivals.read(file, options_of(columns, currency), problems))
    counts = {"prices": len(prices)}
    if not dry_run:
        with find(local, stack, key).api(key) as api, sources.progress_on(console) as progress:
            task = progress.add_task("prices", total=len(prices))
            rivals.send(
                api, prices, problems, lambda done, of: progress.update(task, completed=done, total=of), str(file)
            )
    problems.write(console)
    show.counts({**counts, "bad": len(problems.found)}, as_json)


def _decide(word: str, item: str, told: Mapping[str, Any], where: tuple[bool, str, str | None], as_json: bool) -> None:
    with find(*where).api(where[2]) as api:
        url = f"{SUGGESTIONS}/{quoted(item)}/{word}"
        found = call(api, "POST", url, json=said(told)).json()
    suggested = found["suggested"]
    tell(found, as_json, lambda: f"{item}: {found['status']}, {suggested['amount']} {suggested['currency']}")


def _suggestion(each: Mapping[str, Any]) -> tuple[str, ...]:
    now, wanted, profit = each["current"], each["suggested"], each.get("profit")
    promised = f"{profit['value']:+.2f} ({profit['low']:+.2f} to {profit['high']:+.2f})" if profit else "cost unknown"
    why = "; ".join(reason["text"] for reason in each["reasons"])
    prices = f"{now['amount']} {now['currency']}", wanted["amount"]
    return each["item_id"], *prices, f"{each['units']['value']:+.2f}", promised, why
