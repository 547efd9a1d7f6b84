"""The commands about price experiments."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import typer

from infra.cli import show
from infra.cli.calls import call
from infra.cli.options import AsJson, Key, Local, Stack, find
from infra.cli.pricewords import day, table, tell

app = typer.Typer(no_args_is_help=True, help="What a price does, found out by item and week, never by person.")

Name = Annotated[str, typer.Argument(help="The experiment_id.")]
URL = "/v1/prices/experiments"
SEEN = {"higher": "higher", "lower": "lower", "no_difference": "no sure difference", "too_little": "too little to tell"}


@app.command("list")
def list_experiments(local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False) -> None:
    """All experiments, with their arms and days."""
    with find(local, stack, key).api(key) as api:
        found = call(api, "GET", URL).json()["experiments"]
    if as_json:
        print(json.dumps(found))
        return
    head = ("experiment", "items", "arms (%)", "from", "to", "block", "stopped")
    table(head, (_experiment(each) for each in found))


@app.command("start")
def start_experiment(
    name: Name,
    arm: Annotated[list[str], typer.Option(help="Percent on the price: -2, 0, 2. Repeatable; 0 is the control.")],
    category: Annotated[str | None, typer.Option(help="All items of it.")] = None,
    item: Annotated[list[str] | None, typer.Option(help="Or these items. Repeatable.")] = None,
    start: Annotated[str | None, typer.Option(help="A day as 2026-12-24; tomorrow (UTC) by default.")] = None,
    weeks: Annotated[int, typer.Option(min=2, max=26, help="How long.")] = 6,
    block_days: Annotated[int, typer.Option(min=7, max=28, help="How long an item keeps a price.")] = 7,
    settle_days: Annotated[int, typer.Option(min=1, help="Days at the start of a block that do not count.")] = 1,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Plan an experiment; the night of its first day sets the first prices."""
    first = date.fromisoformat(day(start)) if start else datetime.now(UTC).date() + timedelta(days=1)
    body = {
        "category": category,
        "item_ids": item or [],
        "arms": arm,
        "start": first.isoformat(),
        "end": (first + timedelta(weeks=weeks)).isoformat(),
        "block_days": block_days,
        "settle_days": settle_days,
    }
    with find(local, stack, key).api(key) as api:
        found = call(api, "PUT", f"{URL}/{name}", json=body).json()
    tell(found, as_json, lambda: f"{name}: from {found['start']}; prices go back on {found['end']}")


@app.command("stop")
def stop_experiment(
    name: Name, local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False
) -> None:
    """Stop it, and set its prices back to what they were."""
    with find(local, stack, key).api(key) as api:
        found = call(api, "DELETE", f"{URL}/{name}").json()
    tell(found, as_json, lambda: f"{name}: over, and its prices are what they were")


@app.command("results")
def results(
    name: Name, local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False
) -> None:
    """What each arm has done to units and profit, against the control."""
    with find(local, stack, key).api(key) as api:
        found = call(api, "GET", f"{URL}/{name}/results").json()
    if as_json:
        print(json.dumps(found))
        return
    head = ("arm", "item-days", "units a day (90%)", "", f"profit a day, {found['currency'] or ''} (90%)", "")
    table(head, (_arm(each) for each in found["arms"]))
    for text in _notes(found):
        show.console.print(text, highlight=False)


def _experiment(each: Mapping[str, Any]) -> tuple[str, ...]:
    what = each["category"] or f"{len(each['item_ids'])} items"
    stopped = (each["stopped"] or "")[:10]
    days = each["start"], each["end"], f"{each['block_days']} days"
    return each["experiment_id"], what, ", ".join(each["arms"]), *days, stopped


def _arm(each: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"{float(each['percent']):+g}%",
        str(each["item_days"]),
        *_measured(each["units"]),
        *_measured(each["profit"]),
    )


def _measured(told: Mapping[str, Any] | None) -> tuple[str, str]:
    if told is None or told["per_day"] is None:
        return "-", ""
    text, effect = f"{told['per_day']:.3f}", told["effect"]
    if effect:
        text += f", {effect['value']:+.3f} ({effect['low']:+.3f} to {effect['high']:+.3f})"
    return text, SEEN.get(told["seen"] or "", "control")


def _notes(found: Mapping[str, Any]) -> list[str]:
    over = ", ".join(f"{count} {why}" for why, count in found["over"].items())
    told = [f"{found['phase']}; {found['taking_part']} items" + (f", over: {over}" if over else "")]
    told += [f"{each['item_id']} left: {each['why']}" for each in found["bound"]]
    told += [f"{each['item_id']} is left out: {each['why']}" for each in found["left_out"]]
    return told + ([found["note"]] if found["note"] else [])
