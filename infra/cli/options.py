"""Options that many commands have, and where they lead."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from infra.cli.deployment import Deployment

Local = Annotated[bool, typer.Option("--local", help="The stack that runs on this machine.")]
Stack = Annotated[str, typer.Option("--stack", envvar="REGULARS_STACK", help="The CloudFormation stack.")]
Key = Annotated[str | None, typer.Option("--key", envvar="REGULARS_KEY", help="A secret key (sk_...).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]

Columns = Annotated[
    list[str] | None, typer.Option("--map", help="Our name of a column by the file's: OURS=THEIRS. May be repeated.")
]
Currency = Annotated[str, typer.Option(help="Of prices that come without one.")]
Errors = Annotated[
    Path | None, typer.Option(help="Write the bad lines to this CSV file, and go on with the good ones.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Read and check everything, and change nothing.")]

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def find(local: bool, stack: str, key: str | None = None) -> Deployment:
    """The deployment that a command is about."""
    return Deployment.on_this_machine() if local else Deployment.in_cloud(stack, key)


def span(text: str) -> timedelta:
    """`90s`, `10m`, `24h`, `7d`."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if found is None:
        raise typer.BadParameter("say it as in 90s, 10m, 24h or 7d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
