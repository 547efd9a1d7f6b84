"""What `status` and `doctor` find: each thing with how it stands, what that means, and the command that mends it."""

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table


class State(StrEnum):
    """How a thing stands. `UNKNOWN` is neither good nor bad: it could not be looked at, and why is said."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "?"


COLOURS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red", State.UNKNOWN: "dim"}


class Finding(NamedTuple):
    """One line."""

    name: str
    state: State
    says: str
    mend: str = ""


def ok(name: str, says: str) -> Finding:
    return Finding(name, State.OK, says)


def warn(name: str, says: str, mend: str = "") -> Finding:
    return Finding(name, State.WARN, says, mend)


def fail(name: str, says: str, mend: str = "") -> Finding:
    return Finding(name, State.FAIL, says, mend)


def unknown(name: str, says: str, mend: str = "") -> Finding:
    return Finding(name, State.UNKNOWN, says, mend)


def show(findings: Iterable[Finding], as_json: bool, console: Console) -> bool:
    """Print them; whether none has failed."""
    found = list(findings)
    if as_json:
        print(json.dumps([each._asdict() for each in found], indent=1))
    else:
        console.print(_table(found))
    return not any(each.state is State.FAIL for each in found)


def _table(found: Iterable[Finding]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for each in found:
        mend = f"\n[dim]-> {escape(each.mend)}[/dim]" if each.mend else ""
        table.add_row(
            f"[{COLOURS[each.state]}]{each.state}[/{COLOURS[each.state]}]", each.name, escape(each.says) + mend
        )
    return table
