"""The use case of recommend: from a request and what is known to a list of items in stock, with reasons."""

import secrets
from collections.abc import Sequence

from pydantic import BaseModel

from functions.recommend.messages import Messages
from functions.recommend.plan import Known, Plan, plan
from functions.recommend.ranking import ServedBy
from functions.recommend.reasons import Reason, told
from functions.recommend.request import Wanted
from functions.recommend.selection import Pick, Selection, named
from functions.recommend.shelf import Shelf
from functions.recommend.shown import Shown
from shared.domain.items import PublicItem
from shared.domain.rules import Surface

NOTHING_MATCHES = "No item that can be had now passes the filter."
NOTHING_OF_ITS_OWN = "The surface's own method has nothing to show here."


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


class RecommendationLists(BaseModel):
    """The lists in the order asked for."""

    lists: list[Recommendations]


def recommend(
    wanted: Wanted, known: Known, shelf: Shelf, messages: Messages, shown: Shown | None = None
) -> Recommendations:
    """One list, only of items that are in the catalogue and available right now, without what is `shown` already.

    Where the surface's own ranking runs short, simpler ones fill the list, each item with its own reason; except for
    buy-again, where nothing stands that was not bought before, unless nothing was.
    """
    shown = shown or Shown()
    planned = plan(wanted, known, shelf, shown.item_ids | set(wanted.exclude))
    selection = Selection(wanted, known, shelf, shown)
    picks = selection.of(planned)
    for pick in picks:
        shown.add(pick.item)
    first = next((pick.ranking for pick in picks if pick.ranking), planned.rankings[0])
    return Recommendations(
        recommendation_id=secrets.token_hex(16),
        surface=wanted.surface,
        model_id=known.scorer.card.model_id if known.scorer and first.by_model else None,
        served_by=first.served_by,
        personalised=any(pick.ranking.personalised for pick in picks if pick.ranking),
        note=_note(planned, picks, selection),
        items=_told(picks, shelf, messages, trusted=known.trusted),
    )


def several(wanted: Sequence[Wanted], known: Known, shelf: Shelf, messages: Messages) -> RecommendationLists:
    """Lists without repeats across them."""
    shown = Shown()
    return RecommendationLists(lists=[recommend(each, known, shelf, messages, shown) for each in wanted])


def _note(planned: Plan, picks: Sequence[Pick], selection: Selection) -> str | None:
    if not picks and selection.is_filtered:
        return NOTHING_MATCHES
    if planned.note is not None:
        return planned.note
    served = next((pick.ranking for pick in picks if pick.ranking), planned.rankings[0])
    return None if served is planned.rankings[0] else NOTHING_OF_ITS_OWN


def _told(picks: Sequence[Pick], shelf: Shelf, messages: Messages, *, trusted: bool) -> list[Recommended]:
    """The items with their reasons' sentences, in which stand the titles of the items that they name."""
    titles = {item_id: item.title for item_id, item in shelf.get(named(pick.candidate for pick in picks)).items()}
    return [
        Recommended(
            item=pick.item,
            score=pick.candidate.score,
            reasons=[told(term, titles.get, messages, trusted=trusted) for term in pick.candidate.reasons],
            other_terms=pick.candidate.rest,
        )
        for pick in picks
    ]
