"""The commands with which a deployment is looked after: doctor, status, logs, redrive, keys, local."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.exceptions import EndpointConnectionError
from rich.console import Console

from infra.cli import doctor as doctors
from infra.cli import findings, keys, local, logs, redrive, serve, show, status
from infra.cli.deployment import Deployment, local_state
from infra.cli.options import AsJson, Key, Local, Stack, find, span
from shared.domain.keys import KeyKind

keys_app = typer.Typer(no_args_is_help=True, help="API keys.")
local_app = typer.Typer(no_args_is_help=True, help="The whole deployment on this machine, in an emulator of AWS.")
console = Console(stderr=True)

STACKS = {"prod": "regulars", "dev": "dev-regulars"}
"""As samconfig.toml names them."""

State = Annotated[
    Path | None, typer.Option(help="Where the local stack keeps its state. [REGULARS_STATE, else .regulars]")
]


def add_to(app: typer.Typer) -> None:
    """Make these commands the program's."""
    for command in (run_doctor, run_status, run_logs, run_redrive):
        app.command(command.__name__.removeprefix("run_"))(command)
    app.add_typer(keys_app, name="keys")
    app.add_typer(local_app, name="local")


def run_doctor(
    stack: Annotated[str | None, typer.Option("--stack", help="Also the way to this CloudFormation stack.")] = None,
    stage: Annotated[str | None, typer.Option("--stage", help="The same by its stage: prod or dev.")] = None,
    as_json: AsJson = False,
) -> None:
    """What is wrong on this machine, and the command that mends it. Exits with 1 where something has to be mended."""
    if stage and stage not in STACKS:
        raise typer.BadParameter(f"there is {' and '.join(STACKS)}")
    found = doctors.doctor(local_state(), stack or (STACKS[stage] if stage else None))
    if not findings.show(found, as_json, show.console):
        raise typer.Exit(1)


def run_status(local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False) -> None:
    """How API, model, stream, queues, alarms, nights and budget stand. Exits with 1 where something fails."""
    if not findings.show(status.status(find(local, stack), key), as_json, show.console):
        raise typer.Exit(1)


def run_logs(
    functions: Annotated[
        list[str] | None, typer.Argument(help="ingest, recommend, ...; all where none is named.")
    ] = None,
    since: Annotated[str, typer.Option(help="How far back: 90s, 10m, 24h, 7d.")] = "10m",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
    correlation_id: Annotated[
        str | None, typer.Option("--correlation-id", help="Only of one request: the `instance` of its problem.")
    ] = None,
    level: Annotated[str, typer.Option(help="From this on: DEBUG, INFO, WARNING, ERROR.")] = "INFO",
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """What the functions wrote into their logs, the oldest first."""
    if level.upper() not in logs.LEVELS:
        raise typer.BadParameter(f"there is {', '.join(logs.LEVELS)}")
    wanted = logs.Wanted(datetime.now(UTC) - span(since), tuple(functions or ()), correlation_id, level.upper())
    deployment = find(local, stack)
    for line in logs.follow(deployment, wanted) if follow else _lines(deployment, wanted):
        print(json.dumps(line._asdict(), default=str) if as_json else line.text, flush=follow)


def _lines(deployment: Deployment, wanted: logs.Wanted) -> list[logs.Line]:
    """The lines, of a local stack that is stopped from the files that it left."""
    try:
        return logs.lines(deployment, wanted)
    except EndpointConnectionError:
        if not deployment.is_local:
            raise
        folder = local.folder_of(local_state()) / "logs" / "functions"
        console.print(f"The local stack is stopped; these lines are from {folder}.", highlight=False)
        return logs.kept(folder, wanted)


def run_redrive(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what there is, and touch nothing.")] = False,
    discard: Annotated[
        str | None, typer.Option(help="Delete what waits in this place of --dry-run, for good: what can never succeed.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Discard without asking.")] = False,
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """Give what was set aside or given up to its function again: of the stream, the queues and the nights.

    Each record and message counts once, however often this is run. Exits with 1 where some fail again.
    """
    deployment = find(local, stack)
    if dry_run:
        return show.counts(redrive.look(deployment), as_json)
    if discard is not None:
        return _discard(deployment, discard, yes, as_json)
    tallies = redrive.redrive(deployment, console)
    show.redriven(tallies, as_json)
    if any(tally.failed or tally.gone for tally in tallies.values()):
        raise typer.Exit(1)
    return None


def _discard(deployment: Deployment, source: str, yes: bool, as_json: bool) -> None:
    waiting = redrive.look(deployment)
    if source not in waiting:
        raise typer.BadParameter(f"there is {', '.join(waiting)}")
    if waiting[source] and not yes:
        typer.confirm(f"{waiting[source]:,} {source}: delete them for good?", abort=True)
    show.counts({f"discarded ({source})": redrive.discard(deployment, source)}, as_json)


@keys_app.command("create")
def create_key(
    kind: Annotated[KeyKind, typer.Argument(help="pk (publishable, for browsers) or sk (secret, for servers).")],
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """Create a key and print it, this one time."""
    show.plain({"key": keys.make_key(find(local, stack), kind, label)}, as_json)


@keys_app.command("list")
def list_keys(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """All keys by their ids, with what they are for and until when they are valid; never the keys. Reads the table."""
    found = sorted(find(local, stack).keys.all(), key=lambda key: key.created_at)
    show.keys([_told(keys.id_of(each), each) for each in found], as_json)


@keys_app.command("rotate")
def rotate_key(
    key: Annotated[str, typer.Argument(help="The key itself, or its id in `keys list`.")],
    overlap: Annotated[str, typer.Option(help="How long the old key stays valid: 90s, 10m, 24h, 7d.")] = "24h",
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """Replace a key: print a new one of the same kind and label; the old one stays valid for the overlap.

    Functions remember a key for a minute, so an overlap of 0s takes that long.
    """
    made = keys.rotate(find(local, stack), key, span(overlap))
    if made.old.expires_at and not as_json:
        console.print(f"The old key is valid until {made.old.expires_at:%d %B %Y %H:%M} UTC.", highlight=False)
    show.plain({"key": made.key} | ({"old": _told(keys.id_of(made.old), made.old)} if as_json else {}), as_json)


@keys_app.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="The key itself, or its id in `keys list`.")],
    local: Local = False,
    stack: Stack = "regulars",
) -> None:
    """Revoke a key. Functions that remember it stop taking it within a minute."""
    deployment = find(local, stack)
    deployment.keys.revoke(keys.find_key(deployment, key).key_hash)


@keys_app.command("token-secret")
def token_secret(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """Print the secret with which the shop's server signs customer tokens."""
    deployment = find(local, stack)
    show.plain({"token_secret": deployment.secrets.ensure(deployment.token_secret_name)}, as_json)


def _told(id_: str, key: Any) -> dict[str, str | None]:
    ends = key.expires_at.isoformat() if key.expires_at else None
    valid = "yes" if key.is_valid_at(datetime.now(UTC)) else "no"
    created = key.created_at.isoformat()
    return {"id": id_, "kind": key.kind, "label": key.label, "created": created, "ends": ends, "valid": valid}


@local_app.command("start")
def start_local(
    state: State = None,
    port: Annotated[int | None, typer.Option(help="Of the API. [8080 where that is free, else any]")] = None,
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start the local stack with the state that it kept, deploy what was built, and serve the API."""
    where = state or local_state()
    if foreground:
        return serve.run(where, port, console.print)
    access = serve.start(where, port, _say)
    told = {
        "api_url": access.api_url,
        "endpoint_url": access.endpoint_url,
        "logs": str(local.folder_of(where) / "logs"),
    }
    return show.plain(told, as_json)


def _say(words: str) -> None:
    console.print(words, highlight=False, soft_wrap=True)


@local_app.command("stop")
def stop_local(state: State = None) -> None:
    """Stop the local stack, or the demo, so that its state is there at the next start."""
    local.stop(state or local_state(), _say)


@local_app.command("reset")
def reset_local(state: State = None) -> None:
    """Stop the local stack and forget everything that it holds."""
    local.reset(state or local_state(), _say)


@local_app.command("logs")
def local_logs(state: State = None) -> None:
    """Print the local stack's log files: the emulator's, the deployment's, and the functions' once it was stopped."""
    for path in local.logs(state or local_state()):
        print(path)
