"""When each nightly function last came to its end, and what it said then, from its log."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from infra.cli.deployment import Deployment
from infra.cli.findings import Finding, ok, warn

STALE = timedelta(hours=36)
"""As the alarm on trainings has it: a night may be late, two are not."""


class Night(NamedTuple):
    """What a function's log has when it came to its end, what when the month's budget kept it from working, and how
    its line is told; the words of none are part of another's.
    """

    ended: str
    stopped: str = ""
    told: Callable[[Mapping[str, Any]], str] = lambda _: ""


def _priced(line: Mapping[str, Any]) -> str:
    moved = line["autopilot"].get("changed", 0)
    by_itself = f", {moved:,} changed by autopilot" if moved else ""
    return f"{line['suggestions']:,} suggestions for {line['items']:,} items ({line['model_id']}){by_itself}"


def _valued(line: Mapping[str, Any]) -> str:
    return f"{line['customers']:,} customers, {line['written']:,} of them with news ({line['model_id']})"


def _analysed(line: Mapping[str, Any]) -> str:
    return f"{line['themes']:,} themes in {line['mentions']:,} mentions; open issues: {line['open_issues']:,}"


NIGHTS = {
    "training": Night("TrainingsCompleted"),
    "compact": Night("compacted"),
    "themes": Night("feedback is analysed", "feedback is not analysed", _analysed),
    "value": Night("customers are valued", "customers are not valued", _valued),
    "pricing": Night("prices are looked at", "no prices are suggested", _priced),
}


class Said(NamedTuple):
    """A line of a log."""

    at: datetime
    line: str


def nights(deployment: Deployment, now: datetime) -> Iterator[Finding]:
    """Each function's last night."""
    for name, night in NIGHTS.items():
        yield _finding(deployment, name, night, now)


def _finding(deployment: Deployment, name: str, night: Night, now: datetime) -> Finding:
    title, logs = f"nightly, {name}", f"regulars logs {name} --since 2d"
    if last := _last(deployment, name, night.ended, now - STALE):
        says = f"{span(now - last.at)} ago"
        return ok(title, f"{says}: {told}" if (told := _told(last.line, night)) else says)
    if night.stopped and (last := _last(deployment, name, night.stopped, now - STALE)):
        return warn(
            title, f"{span(now - last.at)} ago, and did nothing: {_told(last.line, night)}", "regulars budget lift"
        )
    if deployment.is_local:
        return ok(title, "not in 36 hours; the local stack has no schedule")
    return warn(title, "has not come to its end in 36 hours", logs)


def _told(line: str, night: Night) -> str:
    """What the line says: why there was nothing to do, or what was done; nothing for another release's."""
    try:
        fields = json.loads(line)
        return str(fields.get("reason") or night.told(fields))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _last(deployment: Deployment, name: str, words: str, since: datetime) -> Said | None:
    """The last line of the function's log with these words."""
    pages = deployment.logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"/{deployment.access.stack}/{name}",
        startTime=int(since.timestamp() * 1000),
        filterPattern=f'"{words}"',
    )
    found = [(event["timestamp"], event.get("message", "")) for page in pages for event in page["events"]]
    if not found:
        return None
    at, line = max(found)
    return Said(datetime.fromtimestamp(at / 1000, UTC), line)


def span(age: timedelta) -> str:
    """So long, in the unit that fits."""
    hours = age.total_seconds() / 3600
    return (
        f"{hours * 60:.0f} minutes" if hours < 2 else f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"
    )
