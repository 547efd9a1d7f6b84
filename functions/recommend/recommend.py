"""The use case of recommend: from a request and what is known to a list of items in stock, with reasons."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from functions.recommend import ranking
from functions.recommend.ranking import Candidate, Rank, Ranking, ServedBy
from functions.recommend.reasons import Reason
from functions.recommend.shelf import Shelf
from shared.domain.events import Event, Id
from shared.domain.items import Item, PublicItem
from shared.domain.vocabulary import EventName
from shared.inference.scorer import Scorer

Surface = Literal["for-you", "similar", "buy-again", "trending", "popular"]

MOST_CANDIDATES = 400
"""Of one ranking, while too few of them can be had."""
POPULAR_DAYS = 7


class Request(BaseModel):
    """What to recommend, and for whom."""

    model_config = ConfigDict(extra="forbid")

    surface: Surface
    customer_id: Id | None = None
    anonymous_id: Id | None = None
    customer_token: str | None = Field(default=None, max_length=128)
    item_id: Id | None = None
    limit: int = Field(default=10, ge=1, le=100)
    window_days: Literal[1, 7, 30] | None = Field(
        default=None, description=f"For popular: sold in how many days, today included; {POPULAR_DAYS} if not given."
    )
    category: str | None = Field(
        default=None, min_length=1, max_length=256, description="For popular: only items of this category."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.surface == "similar") != (self.item_id is not None):
            raise ValueError("item_id goes with the surface similar, and only with it")
        if self.surface == "buy-again" and self.customer_id is None and self.anonymous_id is None:
            raise ValueError("customer_id or anonymous_id is required for buy-again")
        if self.surface != "popular" and (self.window_days is not None or self.category is not None):
            raise ValueError("window_days and category go with the surface popular only")
        return self


class Recommended(BaseModel):
    """One recommended item. `score` is the sum of the reasons' contributions and of `other_terms`."""

    item: PublicItem
    score: float
    reasons: list[Reason]
    other_terms: float


class Recommendations(BaseModel):
    """A list, with what is behind it. `note` says why a simpler method answered than the surface's own."""

    recommendation_id: str
    surface: Surface
    model_id: str | None
    served_by: ServedBy
    personalised: bool
    note: str | None
    items: list[Recommended]


class Known(NamedTuple):
    """What there is to recommend from.

    `trending`, and `sold` for a number of days and a category (None: all), give items with scores, best first; they are
    called when needed. `declined` says why there is no history although there may be events.
    """

    history: Sequence[Event]
    scorer: Scorer | None
    trending: Callable[[], Sequence[tuple[str, float]]]
    sold: Callable[[int, str | None], Sequence[tuple[str, float]]]
    now: datetime
    declined: str | None = None


def recommend(request: Request, known: Known, shelf: Shelf) -> Recommendations:
    """The list for this request, only of items that are in the catalogue and available right now.

    Where the surface's own ranking runs short, simpler ones fill the list, each item with its own reason; except for
    buy-again, where nothing stands that was not bought before, unless nothing was.
    """
    rankings, note = plan(request, known, shelf)
    shown: list[tuple[Ranking, Item, Candidate]] = []
    for ranked in rankings:
        if len(shown) == request.limit or (shown and request.surface == "buy-again"):
            break
        taken = {item.item_id for _, item, _ in shown}
        shown += [(ranked, *found) for found in _available(ranked.rank, request, known.now, shelf, taken)]
    first = shown[0][0] if shown else rankings[0]
    if first is not rankings[0] and note is None:
        note = "The surface's own method has nothing to show here."
    return Recommendations(
        recommendation_id=secrets.token_hex(16),
        surface=request.surface,
        model_id=known.scorer.card.model_id if known.scorer and first.by_model else None,
        served_by=first.served_by,
        personalised=any(ranked.personalised for ranked, _, _ in shown),
        note=note,
        items=_with_titles([(item, candidate) for _, item, candidate in shown], shelf),
    )


def plan(request: Request, known: Known, shelf: Shelf) -> tuple[list[Ranking], str | None]:
    """The rankings to take items from, best first, and why the surface's own is not among them where it is not."""
    bought = _bought(known.history) if request.surface == "for-you" else set()
    exclude = bought | ({request.item_id} if request.item_id else set())
    live = ranking.trending(known.trending, exclude)
    rest = [live, ranking.catalogue(shelf.first, exclude)]
    if known.scorer:
        rest.insert(1 if request.surface == "trending" else 0, ranking.popular(known.scorer, exclude))
    own, note = _own_ranking(request, known)
    return ([own, *rest] if own else rest), note


def _own_ranking(request: Request, known: Known) -> tuple[Ranking | None, str | None]:
    """The surface's own ranking, or why there is none. Trending has none: it is the first of the simple ones."""
    if request.surface == "trending":
        return None, None
    if request.surface == "popular":
        days = request.window_days or POPULAR_DAYS
        return ranking.sold(lambda: known.sold(days, request.category), days), None
    if known.scorer is None:
        return None, "There is no model yet."
    decision = known.scorer.card.surfaces[request.surface]
    if decision.serve == "popularity":
        return None, decision.reason
    if request.item_id is not None:
        return ranking.similar(known.scorer, request.item_id), None
    return _personal_ranking(request, known.scorer, known)


def _personal_ranking(request: Request, scorer: Scorer, known: Known) -> tuple[Ranking | None, str | None]:
    if not known.history:
        return None, known.declined or "There is no history to personalise from."
    if request.surface == "for-you":
        return ranking.for_you(scorer, known.history, known.now.timestamp()), None
    return ranking.again(scorer, known.history, known.now.timestamp()), None


def _bought(history: Sequence[Event]) -> set[str]:
    return {item for event in history if event.name == EventName.ORDER_COMPLETED for item in event.items}


def _available(
    rank: Rank, request: Request, now: datetime, shelf: Shelf, taken: set[str]
) -> list[tuple[Item, Candidate]]:
    """The first candidates that can be bought now and are of the category asked for, as many as the list still lacks.

    Asks for more candidates while too few of them can.
    """
    found: list[tuple[Item, Candidate]] = []
    for some in _rounds(rank, request.limit):
        candidates = [each for each in some if each.item_id not in taken]
        # What the reasons name is needed for the titles; asked for together, it is one call to the table.
        items = shelf.get([*(each.item_id for each in candidates), *_named(candidates)])
        for candidate in candidates:
            item = items.get(candidate.item_id)
            if item and item.is_available(now) and request.category in (None, item.category):
                found.append((item, candidate))
        if len(found) + len(taken) >= request.limit:
            break
    return found[: request.limit - len(taken)]


def _rounds(rank: Rank, wanted: int) -> Iterator[list[Candidate]]:
    """The ranking in parts: first a few more than are wanted, since each is read, then ever more at once."""
    start, end = 0, wanted + wanted // 4 + 2
    while start < end:
        candidates = rank(end)[start:]
        yield candidates
        if len(candidates) < end - start:
            return
        start, end = end, min(4 * end, MOST_CANDIDATES)


def _named(candidates: Iterable[Candidate]) -> set[str]:
    return {reason.item_id for candidate in candidates for reason in candidate.reasons if reason.item_id}


def _with_titles(shown: Sequence[tuple[Item, Candidate]], shelf: Shelf) -> list[Recommended]:
    """The reasons' sentences completed with the titles of the items that they name."""
    named = _named(candidate for _, candidate in shown)
    titles = {item_id: item.title for item_id, item in shelf.get(named).items()}
    return [
        Recommended(
            item=item,
            score=candidate.score,
            reasons=[_told(reason, titles) for reason in candidate.reasons],
            other_terms=candidate.rest,
        )
        for item, candidate in shown
    ]


def _told(reason: Reason, titles: Mapping[str, str]) -> Reason:
    title = titles.get(reason.item_id or "", "something no longer sold")
    return reason.model_copy(update={"text": reason.text.replace("{title}", title)})
