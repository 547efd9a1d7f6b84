"""Why an item is in a list: the terms of its score, in data and in a sentence that a shopper understands."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from pydantic import BaseModel, Field

from functions.recommend.messages import Messages
from shared.domain.opinions import Opinion
from shared.domain.vocabulary import EventName

Kind = Literal[
    "bought",
    "added",
    "viewed",
    "goes_with",
    "bought_before",
    "popular",
    "trending",
    "new",
    "catalogue",
    "listed",
    "uncommon",
    "rule",
]

MOST_REASONS = 5
LEAST_SHARE = 0.01
"""A term that makes up less than this of the score is no reason that a person would give."""
BECAUSE: dict[str, Kind] = {
    EventName.ORDER_COMPLETED: "bought",
    EventName.PRODUCT_ADDED: "added",
    EventName.PRODUCT_VIEWED: "viewed",
}


class Reason(BaseModel):
    """One term of an item's score, told. `rule_id` is that of the owner's rule, where one moved the item."""

    kind: Kind
    text: str
    contribution: float
    item_id: str | None = None
    rule_id: str | None = Field(default=None, description="The shop's rule that moved the item.")
    detail: str | None = Field(
        default=None, description="The figures that a rule went by: for the shop alone, never with a publishable key."
    )


class Term(NamedTuple):
    """One term of an item's score; `message` is the key of its sentence, and `values` fill that."""

    kind: Kind
    message: str
    contribution: float
    item_id: str | None = None
    rule_id: str | None = None
    values: Mapping[str, str | int] = MappingProxyType({})
    time: float | None = None
    opinion: Opinion | None = None


def taken_up(contribution: float) -> Term:
    """The part of a score for discovery that is the same for everybody: how many buy the item who never had."""
    return Term("popular", "taken_up", contribution)


def popular(contribution: float) -> Term:
    return Term("popular", "popular", contribution)


def sold(contribution: float, days: int) -> Term:
    return Term("popular", "popular_today" if days == 1 else "popular_days", contribution, values={"days": days})


def trending(contribution: float) -> Term:
    return Term("trending", "trending", contribution)


def in_catalogue(contribution: float) -> Term:
    return Term("catalogue", "catalogue", contribution)


def listed(contribution: float) -> Term:
    """Of an item that the request named itself and nothing else speaks for."""
    return Term("listed", "listed", contribution)


def uncommon(contribution: float) -> Term:
    """What a discount of popularity adds to what few take."""
    return Term("uncommon", "uncommon", contribution)


def new(since: float, contribution: float) -> Term:
    """`since` in seconds since the epoch, UTC."""
    return Term("new", "new", contribution, time=since)


def bought_before(times: int, last: float, contribution: float) -> Term:
    """`last` in seconds since the epoch, UTC."""
    message = "bought_before_once" if times == 1 else "bought_before_often"
    return Term("bought_before", message, contribution, values={"times": times}, time=last)


def ruled(rule_id: str, name: str, contribution: float, opinion: Opinion | None = None) -> Term:
    """What an owner's rule did to the item's score: nothing where it only moved the item.

    `opinion` is what feedback says of the item, where the rule goes by that.
    """
    return Term("rule", "rule", contribution, rule_id=rule_id, values={"rule": name}, opinion=opinion)


def terms(
    contributions: Iterable[tuple[str, float]], common: Term, did: Mapping[str, Kind]
) -> tuple[list[Term], float]:
    """The largest positive terms as reasons, and the sum of the other terms: together, exactly the score.

    `did` says for each item of the query what the customer did with it, and nothing for one that speaks against its
    like: no term of such an item is a reason. `common` is the term that everybody has.
    """
    contributions = list(contributions)
    all_terms = [Term(did[item], did[item], value, item) for item, value in contributions if item in did]
    against = sum(value for item, value in contributions if item not in did)
    all_terms.append(common)
    all_terms.sort(key=lambda term: -term.contribution)
    least = LEAST_SHARE * (abs(against) + sum(abs(term.contribution) for term in all_terms))
    named = [term for term in all_terms[:MOST_REASONS] if term.contribution > least]
    return named, against + sum(term.contribution for term in all_terms[len(named) :])


def told(term: Term, title: Callable[[str], str | None], messages: Messages, *, trusted: bool = False) -> Reason:
    """The reason with its sentence; `title` knows the titles of items, None for one that is gone.

    The figures behind a rule are told only where the shop's own server asks (`trusted`).
    """
    values = dict(term.values)
    if term.item_id is not None:
        values["title"] = title(term.item_id) or messages.text("gone")
    if term.time is not None:
        values["date"] = messages.date(term.time)
    return Reason(
        kind=term.kind,
        text=messages.text(term.message, **values),
        contribution=term.contribution,
        item_id=term.item_id,
        rule_id=term.rule_id,
        detail=figures(term.opinion, messages) if trusted and term.opinion else None,
    )


def figures(opinion: Opinion, messages: Messages) -> str:
    """What feedback says of an item, in words."""
    return messages.text("feedback", score=f"{opinion.mean:+.2f}", count=opinion.pieces, days=opinion.days)
