"""The commands about the limits on prices."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import httpx
import typer

from infra.cli.calls import call, quoted, said
from infra.cli.options import AsJson, Key, Local, Stack, find
from infra.cli.pricewords import day, money, table, tell

app = typer.Typer(no_args_is_help=True, help="The limits inside which prices may be suggested and set.")

Scope = Annotated[str, typer.Argument(help="all, category:NAME or item:ID.")]
KNOWN = (httpx.codes.OK, httpx.codes.NOT_FOUND)
Amount = Annotated[str | None, typer.Option(help="As 9.90 EUR.")]


@app.command("list")
def list_limits(local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False) -> None:
    """All limits, by scope."""
    found: list[dict[str, Any]] = []
    query = {"limit": "500"}
    with find(local, stack, key).api(key) as api:
        while True:
            page = call(api, "GET", "/v1/prices/limits", params=query).json()
            found += page["limits"]
            if not page.get("next_cursor"):
                break
            query["cursor"] = page["next_cursor"]
    if as_json:
        print(json.dumps(found))
        return
    table(("scope", "limits"), ((each["scope"], _limits(each)) for each in found))


@app.command("set")
def set_limits(
    scope: Scope,
    minimum: Amount = None,
    maximum: Amount = None,
    margin: Annotated[float | None, typer.Option(help="At least the cost and this share of it: .2.")] = None,
    advertised: Annotated[str | None, typer.Option("--map", help="The maker's minimum: 9.90 EUR.")] = None,
    step: Annotated[float | None, typer.Option(help="At most this share a week: .05.")] = None,
    ending: Annotated[list[str] | None, typer.Option(help="What prices end in: .99. May be repeated.")] = None,
    above: Annotated[float | None, typer.Option(help="At most this share over competitors' median: .02.")] = None,
    clear_until: Annotated[str | None, typer.Option(help="Sell off until this day, below the margin too.")] = None,
    autopilot: Annotated[bool | None, typer.Option(help="Change prices inside the limits unasked, or not.")] = None,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Set limits; what is not named stays as it is."""
    told: dict[str, Any] = {
        "minimum": minimum and money(minimum),
        "maximum": maximum and money(maximum),
        "minimum_margin": _share(margin),
        "minimum_advertised": advertised and money(advertised),
        "maximum_weekly_step": _share(step),
        "endings": ending or None,
        "competitors": None if above is None else {"above": _share(above)},
        "clearance": clear_until and {"until": day(clear_until)},
        "autopilot": autopilot,
    }
    with find(local, stack, key).api(key) as api:
        url = f"/v1/prices/limits/{quoted(scope)}"
        before = call(api, "GET", url, KNOWN)
        known = before.json() if before.status_code == httpx.codes.OK else {}
        version = known.pop("version", 0)
        known.pop("scope", None)
        body = {name: value for name, value in (known | said(told)).items() if value is not None}
        found = call(api, "PUT", url, json=body, headers={"If-Match": f'"{version}"'}).json()
    tell(found, as_json, lambda: f"{found['scope']}: {_limits(found)}")


@app.command("delete")
def delete_limits(
    scope: Scope, local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False
) -> None:
    """Delete all limits of a scope: what wider ones say holds."""
    with find(local, stack, key).api(key) as api:
        found = call(api, "DELETE", f"/v1/prices/limits/{quoted(scope)}").json()
    tell(found, as_json, lambda: f"{scope}: deleted")


def _limits(each: Mapping[str, Any]) -> str:
    words = [f"{name} {_worded(value)}" for name, value in said(each).items() if name not in {"scope", "version"}]
    return ", ".join(words) or "none"


def _worded(value: Any) -> str:
    match value:
        case {"amount": amount, "currency": currency}:
            return f"{amount} {currency}"
        case dict():
            return " ".join(f"{name} {each}" for name, each in value.items() if each is not None)
        case list():
            return " or ".join(map(str, value))
    return str(value)


def _share(value: float | None) -> str | None:
    return None if value is None else str(value)
