"""The use case of recommend: from a request and what is known to a list of items in stock, with reasons."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from functions.recommend import ranking
from functions.recommend.ranking import Candidate, Rank, Ranking, ServedBy
from functions.recommend.reasons import Reason
from shared.domain.events import Event, Id
from shared.domain.items import Item, PublicItem
from shared.domain.vocabulary import EventName
from shared.inference.scorer import Scorer
from shared.stores.items import ItemStore

Surface = Literal["for-you", "similar", "buy-again", "trending"]

CANDIDATES = 100
"""As many as one BatchGetItem takes."""
ROUNDS = 4
FROM_MODEL = {"model", "popularity"}


class Request(BaseModel):
    """What to recommend, and for whom."""

    model_config = ConfigDict(extra="forbid")

    surface: Surface
    customer_id: Id | None = None
    anonymous_id: Id | None = None
    customer_token: str | None = Field(default=None, max_length=128)
    item_id: Id | None = None
    limit: int = Field(default=10, ge=1, le=100)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.surface == "similar") != (self.item_id is not None):
            raise ValueError("item_id goes with the surface similar, and only with it")
        if self.surface == "buy-again" and self.customer_id is None and self.anonymous_id is None:
            raise ValueError("customer_id or anonymous_id is required for buy-again")
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
    """What there is to recommend from. `trending` gives items with scores, best first, and is called when needed.

    `declined` says why there is no history although there may be events.
    """

    history: Sequence[Event]
    scorer: Scorer | None
    trending: Callable[[], Sequence[tuple[str, float]]]
    now: datetime
    declined: str | None = None


def recommend(request: Request, known: Known, items: ItemStore) -> Recommendations:
    """The list for this request, only of items that are in the catalogue and available right now.

    Where the surface's own ranking runs short, simpler ones fill the list, each item with its own reason; except for
    buy-again, where nothing stands that was not bought before, unless nothing was.
    """
    rankings, note = plan(request, known, items)
    shown: list[tuple[Ranking, Item, Candidate]] = []
    for ranked in rankings:
        if len(shown) == request.limit or (shown and request.surface == "buy-again"):
            break
        taken = {item.item_id for _, item, _ in shown}
        shown += [
            (ranked, *found) for found in _available(ranked.rank, known.now, items, request.limit - len(shown), taken)
        ]
    first = shown[0][0] if shown else rankings[0]
    if first is not rankings[0] and note is None:
        note = "The surface's own method has nothing to show here."
    return Recommendations(
        recommendation_id=secrets.token_hex(16),
        surface=request.surface,
        model_id=known.scorer.card.model_id if known.scorer and first.served_by in FROM_MODEL else None,
        served_by=first.served_by,
        personalised=any(ranked.personalised for ranked, _, _ in shown),
        note=note,
        items=_with_titles([(item, candidate) for _, item, candidate in shown], items),
    )


def plan(request: Request, known: Known, items: ItemStore) -> tuple[list[Ranking], str | None]:
    """The rankings to take items from, best first, and why the surface's own is not among them where it is not."""
    bought = _bought(known.history) if request.surface == "for-you" else set()
    exclude = bought | ({request.item_id} if request.item_id else set())
    live = ranking.trending(known.trending, exclude)
    rest = [live, ranking.catalogue(lambda k: [item.item_id for item in items.page(k)[0]], exclude)]
    if known.scorer:
        rest.insert(1 if request.surface == "trending" else 0, ranking.popular(known.scorer, exclude))
    own, note = _own_ranking(request, known)
    return ([own, *rest] if own else rest), note


def _own_ranking(request: Request, known: Known) -> tuple[Ranking | None, str | None]:
    """The surface's own ranking, or why there is none. Trending has none: it is the first of the simple ones."""
    if request.surface == "trending":
        return None, None
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
    rank: Rank, now: datetime, items: ItemStore, limit: int, taken: set[str]
) -> list[tuple[Item, Candidate]]:
    """The first `limit` candidates that can be bought now; asks for more candidates while too few of them can."""
    found: list[tuple[Item, Candidate]] = []
    for start in range(0, ROUNDS * CANDIDATES, CANDIDATES):
        candidates = rank(start + CANDIDATES)[start:]
        catalogue = items.get(each.item_id for each in candidates if each.item_id not in taken)
        for candidate in candidates:
            item = catalogue.get(candidate.item_id)
            if item and item.is_available(now):
                found.append((item, candidate))
        if len(found) >= limit or len(candidates) < CANDIDATES:
            break
    return found[:limit]


def _with_titles(shown: Sequence[tuple[Item, Candidate]], items: ItemStore) -> list[Recommended]:
    """The reasons' sentences completed with the titles of the items that they name."""
    named = {reason.item_id for _, candidate in shown for reason in candidate.reasons if reason.item_id}
    titles = {item_id: item.title for item_id, item in items.get(named).items()}
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
