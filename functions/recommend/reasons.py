"""Why an item is in a list: the terms of its score, in data and in a sentence that a shopper understands."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel

from shared.domain.vocabulary import EventName

Kind = Literal["bought", "added", "viewed", "goes_with", "bought_before", "popular", "trending", "catalogue"]

MOST_REASONS = 5
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


def popular(contribution: float) -> Reason:
    return Reason(kind="popular", text="Popular with other customers", contribution=contribution)


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
    contributions: Iterable[tuple[str, float]], prior: float, did: Mapping[str, tuple[Kind, str]]
) -> tuple[list[Reason], float]:
    """The largest positive terms as reasons, and the sum of the other terms: together, exactly the score.

    `did` says for each item of the query what the customer did with it.
    """
    all_terms = [
        Reason(kind=did[item][0], text=did[item][1], contribution=value, item_id=item) for item, value in contributions
    ]
    if prior:
        all_terms.append(popular(prior))
    all_terms.sort(key=lambda term: -term.contribution)
    named = [term for term in all_terms[:MOST_REASONS] if term.contribution > 0]
    rest = sum(term.contribution for term in all_terms[len(named) :])
    # What the customer did says more to the customer than what everybody does.
    return sorted(named, key=lambda term: term.kind == "popular"), rest
