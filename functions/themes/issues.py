"""The life of an issue: raised once, brought up to date every day, closed when it is over, and never told twice."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from functions.themes.emerging import WINDOW_DAYS, Forecast, tail
from functions.themes.signals import Signal
from shared.domain.feedback import Issue, ItemCount, RatingEffect
from shared.domain.themes import FoundIssue, Place

QUIET = timedelta(days=14)
"""After so long without more than usual an issue is closed."""
LONGEST = timedelta(days=90)
"""After so long it is what is usual."""
SOON = timedelta(days=28)
"""What comes back so soon after it was closed is the same issue, and the owner knows of it."""
KEPT = timedelta(days=180)
MORE_THAN_USUAL = 0.1
"""The probability by chance up to which an open issue is still one."""
SAME = 0.5
"""Of the feedback that an issue was raised by: in another theme's hands, it is that theme's issue now."""

type Key = tuple[str, str | None]
"""Theme and item."""


class Evidence(NamedTuple):
    """What a theme, or a theme on an item, has in the window beside its count: the worst of it first."""

    label: str
    places: tuple[Place, ...]
    net_sentiment: float
    items: tuple[ItemCount, ...]
    rating_effect: RatingEffect | None


class Day(NamedTuple):
    """A day's view: the signals and evidence of what was complained of, and which of it is to be told.

    Signals count what was read; in the window each piece `stands_for` so many, and that is what people are told.
    """

    today: date
    signals: Mapping[Key, Signal]
    told: Sequence[Key]
    evidence: Mapping[Key, Evidence]
    stands_for: float = 1.0


def carried_on(before: Sequence[FoundIssue], day: Day) -> tuple[FoundIssue, ...]:
    """The issues after this day, the latest first: those before it, as they are now, and new ones."""
    known = [_moved(each, day) for each in before if each.closed is None or day.today - each.closed <= KEPT]
    issues = [_followed(each, day) for each in known]
    for key in day.told:
        at = next((at for at, each in enumerate(issues) if _is_same(each, key, day)), None)
        if at is None:
            issues.append(_raised(key, day))
        elif issues[at].closed is not None:
            issues[at] = _updated(issues[at], day)
    # Open ones first: what does not fit into a record is cut off at the end.
    return tuple(sorted(issues, key=_order))


def sentence(count: int, label: str, item_id: str | None, expected: float) -> str:
    """What the owner reads first."""
    who = "1 person" if count == 1 else f"{count} people"
    on = f" on {item_id}" if item_id else ""
    return f"{who} mentioned “{label}”{on} this week; normally {usual(expected)}."


def usual(expected: float) -> str:
    """How many are to be expected, as people say it."""
    if expected < 0.05:
        return "none"
    return f"{expected:.1f}" if expected < 10 else f"{expected:.0f}"


def key_of(issue: FoundIssue) -> Key:
    """What an issue is of."""
    return issue.issue.theme_id, issue.issue.item_id


def _order(each: FoundIssue) -> tuple[bool, int, str]:
    return each.closed is not None, -(each.closed or each.issue.raised).toordinal(), each.issue.issue_id


def _is_same(issue: FoundIssue, key: Key, day: Day) -> bool:
    """Whether this is told already: the same, or the theme of an item's, or an item's of the theme."""
    if issue.closed is not None and day.today - issue.closed > SOON:
        return False
    theme, item = key_of(issue)
    return theme == key[0] and (item == key[1] or item is None)


def _moved(issue: FoundIssue, day: Day) -> FoundIssue:
    """The issue under the theme that has most of its feedback now, if its own is gone."""
    theme, item = key_of(issue)
    if any(known == theme for known, _ in day.signals):
        return issue
    mine = {place.feedback_id for place in issue.places}
    for key, evidence in day.evidence.items():
        theirs = {place.feedback_id for place in evidence.places}
        if key[1] == item and mine and len(mine & theirs) >= SAME * len(mine):
            return issue.model_copy(update={"issue": issue.issue.model_copy(update={"theme_id": key[0]})})
    return issue


def _followed(issue: FoundIssue, day: Day) -> FoundIssue:
    """An open issue as it is today."""
    if issue.closed is not None:
        return issue
    now = _updated(issue, day)
    over = day.today - now.active >= QUIET or day.today - issue.issue.raised >= LONGEST
    return _closed(now, day.today) if over else now


def _updated(issue: FoundIssue, day: Day) -> FoundIssue:
    key = key_of(issue)
    signal = day.signals.get(key)
    count, exposure = (signal.mentions, signal.exposure) if signal else (0, 0.0)
    expected = issue.rate * exposure
    p = _chance(count, expected, issue.size)
    again = p <= MORE_THAN_USUAL and count > 1
    seen = day.evidence.get(key)
    people, usually = round(count * day.stands_for), expected * day.stands_for
    figures = {
        "as_of": day.today,
        "status": "open",
        "count": people,
        "expected": usually,
        "p_value": p,
        "text": sentence(people, issue.issue.label, key[1], usually),
    } | (
        {"net_sentiment": seen.net_sentiment, "items": seen.items, "rating_effect": seen.rating_effect} if seen else {}
    )
    return issue.model_copy(
        update={
            "issue": issue.issue.model_copy(update=figures),
            "places": seen.places if seen and seen.places else issue.places,
            "active": max(day.today, issue.active) if again else issue.active,
            "closed": None,
        }
    )


def _closed(issue: FoundIssue, today: date) -> FoundIssue:
    closed = issue.issue.model_copy(update={"status": "closed"})
    return issue.model_copy(update={"issue": closed, "closed": today})


def _raised(key: Key, day: Day) -> FoundIssue:
    signal, seen = day.signals[key], day.evidence[key]
    people, usually = round(signal.mentions * day.stands_for), signal.expected * day.stands_for
    issue = Issue(
        issue_id=_issue_id(key, day.today),
        theme_id=key[0],
        item_id=key[1],
        label=seen.label,
        status="open",
        raised=day.today,
        as_of=day.today,
        days=WINDOW_DAYS,
        count=people,
        expected=usually,
        p_value=signal.p_value,
        net_sentiment=seen.net_sentiment,
        text=sentence(people, seen.label, key[1], usually),
        rating_effect=seen.rating_effect,
        items=seen.items,
    )
    rate = signal.expected / max(signal.exposure, 1.0)
    return FoundIssue(issue=issue, places=seen.places, rate=rate, size=signal.size, active=day.today)


def _chance(count: int, expected: float, size: float) -> float:
    return float(tail(np.array([float(count)]), Forecast(np.array([max(expected, 1e-9)]), np.array([size])))[0])


def _issue_id(key: Key, today: date) -> str:
    """The same for the same issue on the same day, so that a repeat of the run raises no second one."""
    return "is_" + hashlib.blake2s(f"{key[0]} {key[1] or ''} {today}".encode(), digest_size=6).hexdigest()
