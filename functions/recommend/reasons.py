"""Why an item is in a list: the terms of its score, in data and in a sentence that a shopper understands."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel

from shared.domain.vocabulary import EventName

Kind = Literal["bought", "added", "viewed", "goes_with", "bought_before", "popular", "trending", "catalogue"]

MOST_REASONS = 5
LEAST_SHARE = 0.01
"""A term that makes up less than this of the score is no reason that a person would give."""
BECAUSE: dict[str, tuple[Kind, str]] = {
    EventName.ORDER_COMPLETED: ("bought", "Because you bought {title}"),
    EventName.PRODUCT_ADDED: ("added", "Because you added {title} to your cart"),
    EventName.PRODUCT_VIEWED: ("viewed", "Because you looked at {title}"),
}
GOES_WITH: tuple[Kind, str] = ("goes_with", "Goes with {title}")


class Reason(BaseModel):
    """One term of an item's score. `text` still has `{title}` in it until the item's title is known."""

    kind: Kind
    text: str
    contribution: float
    item_id: str | None = None


def taken_up(contribution: float) -> Reason:
    """The part of a score for discovery that is the same for everybody: how many buy the item who never had."""
    return Reason(kind="popular", text="Other customers are trying this", contribution=contribution)


def popular(contribution: float) -> Reason:
    return Reason(kind="popular", text="Popular with other customers", contribution=contribution)


def sold(contribution: float, days: int) -> Reason:
    text = "Popular today" if days == 1 else f"Popular in the last {days} days"
    return Reason(kind="popular", text=text, contribution=contribution)


def trending(contribution: float) -> Reason:
    return Reason(kind="trending", text="Trending this week", contribution=contribution)


def in_catalogue(contribution: float) -> Reason:
    return Reason(kind="catalogue", text="From the catalogue", contribution=contribution)


def bought_before(times: int, last: float, contribution: float) -> Reason:
    """`last` in seconds since the epoch, UTC."""
    day = datetime.fromtimestamp(last, UTC)
    often = "once" if times == 1 else f"{times} times"
    text = f"You bought this {often}, last on {day.day} {day:%B %Y}"
    return Reason(kind="bought_before", text=text, contribution=contribution)


def terms(
    contributions: Iterable[tuple[str, float]], common: Reason, did: Mapping[str, tuple[Kind, str]]
) -> tuple[list[Reason], float]:
    """The largest positive terms as reasons, and the sum of the other terms: together, exactly the score.

    `did` says for each item of the query what the customer did with it; `common` is the term that everybody has.
    """
    all_terms = [
        Reason(kind=did[item][0], text=did[item][1], contribution=value, item_id=item) for item, value in contributions
    ]
    all_terms.append(common)
    all_terms.sort(key=lambda term: -term.contribution)
    least = LEAST_SHARE * sum(abs(term.contribution) for term in all_terms)
    named = [term for term in all_terms[:MOST_REASONS] if term.contribution > least]
    return named, sum(term.contribution for term in all_terms[len(named) :])
