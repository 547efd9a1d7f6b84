"""The commands about the owner's rules: defined in JSON files, tried first, and brought back as they were."""

import json
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.markup import escape
from rich.table import Table

from infra.cli import show
from infra.cli.calls import RefusedError, document, quoted, told
from infra.cli.options import AsJson, Key, Local, Stack, find

app = typer.Typer(no_args_is_help=True, help="The owner's rules: pin, boost, bury, filter, quota, floor.")
RuleId = Annotated[str, typer.Argument(help="The rule's id.")]
File = Annotated[Path, typer.Argument(help="The rule as JSON, as `PUT /v1/rules/{rule_id}` takes it.")]
UNPERSONALISED = ("trending", "popular")


@app.command("list")
def list_rules(local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False) -> None:
    """The rules in the order in which they count."""
    with find(local, stack, key).api(key) as api:
        rules = told(api.get("/v1/rules"))["rules"]
    if as_json:
        print(json.dumps(rules))
        return
    table = Table("rule", "name", "does", "to", "on", "when", "version", box=None, header_style="bold")
    for each in rules:
        table.add_row(*map(escape, (each["rule_id"], *_words(each), str(each["version"]))))
    show.console.print(table)


@app.command("put")
def put_rule(
    rule_id: RuleId,
    file: File,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Define a rule, or change it. Lists heed it within 30 s."""
    body = document(file)
    with find(local, stack, key).api(key) as api:
        _tell(told(api.put(_url(rule_id), json=body)), as_json)


@app.command("delete")
def delete_rule(
    rule_id: RuleId, local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False
) -> None:
    """Make a rule no more. For a year `versions` shows it, and `restore` brings it back."""
    with find(local, stack, key).api(key) as api:
        show.plain(told(api.delete(_url(rule_id))), as_json)


@app.command("preview")
def preview_rule(
    rule_id: RuleId,
    file: File,
    customer: Annotated[list[str] | None, typer.Option(help="A customer_id. May be repeated.")] = None,
    surface: Annotated[
        list[str] | None, typer.Option(help="for-you where there are customers, else trending and popular.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Items of each list.")] = 10,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """What a rule would change, for whom. Changes nothing."""
    surfaces = surface or (["for-you"] if customer else UNPERSONALISED)
    whom = [{"customer_id": each} for each in customer or ()] or [{}]
    lists = [{"surface": name, "limit": limit} | who for who, name in product(whom, surfaces)]
    body = {"rule": document(file) | {"rule_id": rule_id}, "lists": lists}
    with find(local, stack, key).api(key) as api:
        found = told(api.post("/v1/rules/preview", json=body))
    if as_json:
        print(json.dumps(found))
        return
    show.console.print(found["note"] or f"{found['changed']} of {len(lists)} lists change.", highlight=False)
    table = Table("surface", "for", "comes in", "goes", "moves", box=None, header_style="bold")
    for each in found["lists"]:
        changes = (", ".join(each[name]) for name in ("entered", "left", "moved"))
        table.add_row(*map(escape, (each["surface"], each["customer_id"] or "anybody", *changes)))
    show.console.print(table)


@app.command("versions")
def show_versions(
    rule_id: RuleId, local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False
) -> None:
    """What a rule was before it was changed or deleted, a year back, the latest first."""
    with find(local, stack, key).api(key) as api:
        versions = _versions(api, rule_id)
    if as_json:
        print(json.dumps(versions))
        return
    table = Table("version", "until", "name", "does", "to", "on", "when", box=None, header_style="bold")
    for each in versions:
        table.add_row(*map(escape, (str(each["rule"]["version"]), _time(each["until"]), *_words(each["rule"]))))
    show.console.print(table)


@app.command("restore")
def restore_rule(
    rule_id: RuleId,
    version: Annotated[int, typer.Argument(help="Which of `versions`.")],
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Make a rule again what it was in a version, as a new version; also one that was deleted."""
    with find(local, stack, key).api(key) as api:
        was = {each["rule"]["version"]: each["rule"] for each in _versions(api, rule_id)}
        if version not in was:
            raise RefusedError(f"Of {rule_id} there is no version {version} kept: {_those(was)}")
        present = api.get(_url(rule_id))
        stands = 0 if present.status_code == httpx.codes.NOT_FOUND else told(present)["version"]
        body = {name: value for name, value in was[version].items() if name not in {"rule_id", "version"}}
        _tell(told(api.put(_url(rule_id), json=body, headers={"If-Match": f'"{stands}"'})), as_json)


def _url(rule_id: str) -> str:
    return f"/v1/rules/{quoted(rule_id)}"


def _versions(api: httpx.Client, rule_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = told(api.get(f"{_url(rule_id)}/versions"))["versions"]
    return found


def _those(was: Mapping[int, object]) -> str:
    return f"there are {', '.join(map(str, sorted(was)))}." if was else "it was never changed."


def _tell(rule: Mapping[str, Any], as_json: bool) -> None:
    show.plain({"rule_id": rule["rule_id"], "version": str(rule["version"])}, as_json)


def _words(rule: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    """A rule's name, what it does, to which items, on which surfaces, and when."""
    effect = {name: value for name, value in rule["effect"].items() if value is not None}
    kind = effect.pop("kind")
    does = " ".join([kind, *(f"{name}={_plain(value)}" for name, value in effect.items())])
    when = "off" if not rule["enabled"] else " to ".join(_time(rule[end]) for end in ("starts", "ends") if rule[end])
    return rule["name"], does, rule["filter"] or "all", ", ".join(rule["surfaces"]) or "all", when or "always"


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _time(text: str) -> str:
    return text[:16].replace("T", " ")
