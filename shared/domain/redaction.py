"""Takes personal data out of what customers write, before anything is stored: what is cut out is kept nowhere.

Looked for are e-mail addresses, telephone numbers, numbers of payment cards and bank accounts, US social security
numbers, postal addresses, links with tokens or to a person's page, and names in social networks. People's names are
not, nor what is told in plain words ("the blue house behind the church"). infra/decisions.md says how much is found.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from shared.domain.personal.accounts import accounts, identities
from shared.domain.personal.addresses import addresses
from shared.domain.personal.cards import cards
from shared.domain.personal.emails import emails
from shared.domain.personal.links import handles, links
from shared.domain.personal.phones import phones
from shared.domain.personal.shadow import Span, shadow

MOST_PASSES = 5
"""What is left may make sense anew once its neighbour is gone; seldom more than once."""

MARKS = {
    "link": "[link]",
    "email": "[e-mail]",
    "iban": "[account]",
    "card": "[card]",
    "id": "[identity]",
    "phone": "[phone]",
    "address": "[address]",
    "handle": "[handle]",
}
"""What stands in the text instead; where kinds overlap, the first of them names what was found."""
_ORDER = list(MARKS)
_MARK = re.compile("|".join(map(re.escape, MARKS.values())))
_BLANK = "\ue000"
"""Neither letter nor digit nor space; a mark is longer than what may separate the digits of one number."""
_FINDERS: tuple[Callable[[str], Iterable[Span]], ...] = (
    emails, links, cards, accounts, identities, phones, addresses, handles,
)  # fmt: skip


class Redacted(NamedTuple):
    """The text without personal data, and how many pieces of each kind were taken out."""

    text: str
    counts: dict[str, int]


def redact(text: str) -> Redacted:
    """The text with a mark in place of everything personal that was found. Doing it twice is doing it once."""
    counts: dict[str, int] = {}
    for _ in range(MOST_PASSES):
        spans = _merged(_found(text))
        if not spans:
            break
        for span in spans:
            counts[span.kind] = counts.get(span.kind, 0) + 1
        text = _without(text, spans)
    return Redacted(text, counts)


def _found(text: str) -> Iterator[Span]:
    """Everything personal outside of the marks that are there already."""
    searched = shadow(_MARK.sub(lambda mark: _BLANK * len(mark.group()), text))
    for finder in _FINDERS:
        yield from map(searched.back, finder(searched.text))


def _merged(spans: Iterable[Span]) -> list[Span]:
    """What overlaps becomes one, named after the kind that comes first."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            last = merged.pop()
            kind = min(last.kind, span.kind, key=_ORDER.index)
            span = Span(last.start, max(last.end, span.end), kind)  # noqa: PLW2901 - the two become one
        merged.append(span)
    return merged


def _without(text: str, spans: Iterable[Span]) -> str:
    kept, at = [], 0
    for span in spans:
        kept += [text[at : span.start], MARKS[span.kind]]
        at = span.end
    return "".join([*kept, text[at:]])
