"""The commands about a shopper's rights: an export, an erasure, and erasing again after a restore."""

import json
import time
from collections.abc import Callable
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console

from infra.cli import show
from infra.cli.calls import told
from infra.cli.options import AsJson, Key, Local, Stack, find
from infra.cli.restored import reapply

app = typer.Typer(no_args_is_help=True, help="Exports and erasures of shoppers.")
console = Console(stderr=True)

Customer = Annotated[str, typer.Option(help="The customer_id, or with --anonymous the anonymous_id.")]
Anonymous = Annotated[bool, typer.Option("--anonymous", help="The id is an anonymous one.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it is done, and print what came of it.")]

EVERY_SECONDS = 5.0
EXPORT, ERASURE = "export", "erasure"


@app.command("export")
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
        job = ask(api, EXPORT, customer, anonymous=anonymous)
        if wait:
            job = data(finished(api, EXPORT, job, console.print))
    print(json.dumps(job, ensure_ascii=False, indent=1))


@app.command("erase")
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
        job = ask(api, ERASURE, customer, anonymous=anonymous)
        if wait:
            job = finished(api, ERASURE, job, console.print)
    print(json.dumps(job, indent=1))


@app.command("reapply")
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


def ask(api: httpx.Client, what: str, customer: str, *, anonymous: bool) -> dict[str, Any]:
    """Ask for an export or an erasure; the job as it is queued. Raises `RefusedError`."""
    subject = {"anonymous_id" if anonymous else "customer_id": customer}
    job: dict[str, Any] = told(api.post(f"/v1/{what}s", json=subject))
    return job


def finished(
    api: httpx.Client, what: str, job: dict[str, Any], progress: Callable[[str], object], pause: float = EVERY_SECONDS
) -> dict[str, Any]:
    """The job once it is done. Raises `RefusedError`."""
    id_ = job[f"{what}_id"]
    while job["status"] != "done":
        progress(job["status"])
        time.sleep(pause)
        job = told(api.get(f"/v1/{what}s/{id_}"))
    return job


def data(export: dict[str, Any], fetch: Callable[[str], httpx.Response] = httpx.get) -> Any:
    """What a finished export holds, from where it lies if need be."""
    if export.get("url") is None:
        return export["data"]
    reply = fetch(export["url"])
    reply.raise_for_status()
    return reply.json()
