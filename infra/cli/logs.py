"""`regulars logs`: what the functions wrote, in the order of time, for people.

In the cloud and in the local stack alike they stand in CloudWatch's log groups, one for each function. A local stack
that is stopped has left them as files.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from infra.cli.deployment import Deployment, NoDeploymentError

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FOLLOW_SECONDS = 2.0
LATE = timedelta(seconds=30)
"""CloudWatch may show a line so much later than others of its time."""
OF_EVERY_LINE = {"level", "message", "timestamp", "location", "function", "correlation_id", "_aws", "exception"}


class Wanted(NamedTuple):
    """Which lines are asked for."""

    since: datetime
    functions: tuple[str, ...] = ()
    correlation_id: str | None = None
    level: str = "DEBUG"


class Line(NamedTuple):
    """A line of a log: what the function wrote, or Lambda around it."""

    at: datetime
    function: str
    level: str
    correlation_id: str
    message: str
    facts: dict[str, Any]
    where: str | None
    key: str

    @property
    def text(self) -> str:
        facts = " ".join(f"{name}={_short(value)}" for name, value in self.facts.items())
        told = f"{self.at:%H:%M:%S} {self.level:<7} {self.function:<9} {self.message} {facts}".rstrip()
        told += f" [{self.correlation_id}]" if self.correlation_id else ""
        return told + (f"\n    {self.where.replace(chr(10), chr(10) + '    ')}" if self.where else "")


def lines(deployment: Deployment, wanted: Wanted) -> list[Line]:
    """The lines asked for, the oldest first. Raises `NoDeploymentError` for a function that there is not."""
    return sorted(_wanted(deployment, wanted), key=lambda line: line.at)


def follow(deployment: Deployment, wanted: Wanted, sleep: Callable[[float], None] = time.sleep) -> Iterator[Line]:
    """The lines asked for and those that come, each once, until somebody has seen enough."""
    seen: set[str] = set()
    while True:
        for line in lines(deployment, wanted):
            if line.key not in seen:
                seen.add(line.key)
                yield line
        wanted = wanted._replace(since=max(wanted.since, datetime.now(UTC) - LATE))
        sleep(FOLLOW_SECONDS)


def groups(deployment: Deployment) -> dict[str, str]:
    """The log group of each function."""
    prefix = f"/{deployment.access.stack}/"
    pages = deployment.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
    names = [group["logGroupName"] for page in pages for group in page["logGroups"]]
    return {name.removeprefix(prefix): name for name in names}


def kept(folder: Path, wanted: Wanted) -> list[Line]:
    """The lines that a stopped local stack has left in files."""
    found = []
    for path in sorted(folder.glob("*.log")):
        for number, text in enumerate(path.read_text("utf-8").splitlines()):
            at, _, message = text.partition(" ")
            line = read(path.stem, datetime.fromisoformat(at), message, f"{path.stem}-{number}")
            found += (
                [line] if _is_wanted(line, wanted) and (not wanted.functions or path.stem in wanted.functions) else []
            )
    return sorted(found, key=lambda line: line.at)


def read(function: str, at: datetime, text: str, key: str) -> Line:
    """What stands in a line: JSON of ours or of Lambda's, or bare text."""
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return Line(at, function, _level_of(text), _id_in(text), text.strip(), {}, None, key)
    if isinstance(told.get("type"), str) and told["type"].startswith("platform."):
        return _of_platform(function, at, told, key)
    facts = {name: value for name, value in told.items() if name not in OF_EVERY_LINE}
    id_ = str(told.get("correlation_id") or told.get("requestId") or "")
    message = str(told.get("message") or ("metrics" if "_aws" in told else ""))
    return Line(at, function, str(told.get("level", "INFO")), id_, message, facts, told.get("exception"), key)


def _of_platform(function: str, at: datetime, told: dict[str, Any], key: str) -> Line:
    """Lambda's own line about an invocation: of interest where that went wrong."""
    record = told.get("record", {})
    failed = record.get("status", "success") != "success"
    facts = {"status": record.get("status"), **record.get("metrics", {})}
    shown = {name: value for name, value in facts.items() if value is not None}
    return Line(
        at, function, "ERROR" if failed else "DEBUG", record.get("requestId", ""), told["type"], shown, None, key
    )


def _level_of(text: str) -> str:
    """Of a line that is not JSON: the local stack's lines around an invocation, or a traceback."""
    return "DEBUG" if text.startswith(("START ", "END ", "REPORT ")) else "INFO"


def _id_in(text: str) -> str:
    words = text.split()
    return words[2] if len(words) > 2 and words[1] == "RequestId:" else ""


def _wanted(deployment: Deployment, wanted: Wanted) -> Iterator[Line]:
    there = groups(deployment)
    if unknown := sorted(set(wanted.functions) - set(there)):
        raise NoDeploymentError(f"There is no log of {', '.join(unknown)} here; there is {', '.join(there) or 'none'}.")
    for name in wanted.functions or there:
        for event in _events(deployment, there[name], wanted):
            at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            line = read(name, at, event["message"], f"{name} {_key(event)}")
            if _is_wanted(line, wanted):
                yield line


def _key(event: Any) -> str:
    """What tells an event from others; the local stack gives them no id, and each invocation a stream."""
    return str(event.get("eventId") or [event.get("logStreamName"), event["timestamp"], event["message"]])


def _events(deployment: Deployment, group: str, wanted: Wanted) -> Iterable[Any]:
    """CloudWatch looks for the id itself, so that a search reads no more than it finds."""
    asked: Any = {"logGroupName": group, "startTime": int(wanted.since.timestamp() * 1000)}
    if wanted.correlation_id:
        asked |= {"filterPattern": f'"{wanted.correlation_id}"'}
    for page in deployment.logs.get_paginator("filter_log_events").paginate(**asked):
        yield from page["events"]


def _is_wanted(line: Line, wanted: Wanted) -> bool:
    if line.at < wanted.since or (wanted.correlation_id and line.correlation_id != wanted.correlation_id):
        return False
    level = line.level if line.level in LEVELS else {"WARN": "WARNING", "FATAL": "CRITICAL"}.get(line.level, "INFO")
    return LEVELS.index(level) >= LEVELS.index(wanted.level)


def _short(value: Any) -> str:
    if isinstance(value, list) and len(value) == 1:
        return _short(value[0])
    return f"{value:g}" if isinstance(value, float) else str(value)
