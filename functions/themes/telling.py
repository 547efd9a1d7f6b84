"""Telling the owner of new issues: once each, by a topic that mails and webhooks can subscribe to.

The message has the label, counts and items, and where to read on. It has no quote: what customers wrote stays where
their erasure finds it, and an inbox is not such a place.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from shared.domain.feedback import Issue
from shared.domain.themes import FoundIssue

TOLD_WITHIN = timedelta(days=7)
"""An issue that could not be told for so long is no news."""
MOST_SUBJECT = 100
SHOWN_ITEMS = 5

type Publish = Callable[[str, str], None]
"""Sends a subject and a message."""


class Claims(Protocol):
    """Who tells of an issue; `ThemeStore` keeps it."""

    def claim(self, issue_id: str, now: datetime) -> bool: ...

    def told(self, issue_id: str) -> None: ...

    def release(self, issue_id: str) -> None: ...


class Told(NamedTuple):
    """How many issues were told, and what came in the way of the others."""

    issues: int
    errors: list[Exception]


def tell(issues: Iterable[FoundIssue], claims: Claims, publish: Publish, now: datetime) -> Told:
    """Tell of the open ones that nobody was told of. One that cannot be told is left to the next run."""
    count, errors = 0, list[Exception]()
    for each in issues:
        issue = each.issue
        if issue.status != "open" or now.date() - issue.raised > TOLD_WITHIN or not claims.claim(issue.issue_id, now):
            continue
        try:
            publish(subject(issue), message(issue))
        except Exception as error:
            # Whatever it is, the others are told, and it is raised in the end.
            claims.release(issue.issue_id)
            errors.append(error)
        else:
            claims.told(issue.issue_id)
            count += 1
    return Told(count, errors)


def subject(issue: Issue) -> str:
    """One line of ASCII, as a topic takes it."""
    text = f"Feedback: {issue.label}".encode("ascii", "replace").decode()
    return " ".join(text.split())[:MOST_SUBJECT]


def message(issue: Issue) -> str:
    """Words for a person, then the same as one line of JSON for a machine."""
    items = ", ".join(f"{each.item_id} ({each.count})" for each in issue.items[:SHOWN_ITEMS])
    lines = [
        issue.text,
        f"Items: {items}." if items else "",
        _effect(issue),
        "",
        "Who said what: `regulars feedback issues`, or GET /v1/feedback/issues.",
        "",
        json.dumps(issue.model_dump(mode="json", exclude={"quotes"}), separators=(",", ":")),
    ]
    return "\n".join(line for at, line in enumerate(lines) if line or at > 2)


def _effect(issue: Issue) -> str:
    effect = issue.rating_effect
    if effect is None:
        return ""
    return f"Who mentions it gives {effect.stars:+.1f} stars ({effect.low:+.1f} to {effect.high:+.1f})."
