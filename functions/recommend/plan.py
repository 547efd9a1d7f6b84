"""Which rankings a list is taken from: the surface's own where it can serve, and simpler ones after it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from functions.recommend import ranking
from functions.recommend.ranking import Ranking
from functions.recommend.request import POPULAR_DAYS, Wanted
from functions.recommend.shelf import Shelf
from shared.domain.events import Event
from shared.domain.opinions import Opinions
from shared.domain.rules import Rule
from shared.domain.vocabulary import EventName
from shared.inference.card import FOR_YOU, SIMILAR, Card, SurfaceCard
from shared.inference.facets import Facets
from shared.inference.history import in_cart, newest_first
from shared.inference.scorer import Scorer

WITHOUT_MODEL = {"trending", "popular", "new"}
"""Surfaces whose own ranking needs no model."""


class Known(NamedTuple):
    """What there is to recommend from.

    `trending`, and `sold` for a number of days and a category (None: all), give items with scores, best first; `newest`
    gives ids with the time since when. They are called when needed. `declined` says why there is no history although
    there may be events, `saving` why no model is asked although there may be one, `absence` why there is none. `facets`
    gives what filters read of all items, as of the last training, where there is that; `opinions` what feedback says of
    items. `trusted` is whether the shop's own server is told, which may know the figures behind a rule.
    """

    history: Sequence[Event]
    scorer: Scorer | None
    trending: Callable[[], Sequence[tuple[str, float]]]
    sold: Callable[[int, str | None], Sequence[tuple[str, float]]]
    newest: Callable[[int], Sequence[tuple[str, float]]]
    now: datetime
    rules: Sequence[Rule] = ()
    declined: str | None = None
    saving: str | None = None
    absence: str = ""
    facets: Callable[[], Facets | None] = lambda: None
    opinions: Callable[[], Opinions | None] = lambda: None
    trusted: bool = False


class Plan(NamedTuple):
    """The rankings to take items from, best first; why the surface's own is not among them where it is not.

    `start` are the items that the list starts from.
    """

    rankings: list[Ranking]
    note: str | None
    start: list[str]


def plan(wanted: Wanted, known: Known, shelf: Shelf, exclude: set[str]) -> Plan:
    """How to answer; nothing of `exclude` is worth ranking."""
    start = _start(wanted, known)
    hidden = exclude | set(start) | (_bought(known.history) if wanted.surface == "for-you" else set())
    own, note = _own(wanted, known, start, exclude)
    rest = [ranking.trending(known.trending, hidden), ranking.catalogue(shelf.first, hidden)]
    if known.scorer:
        rest.insert(1 if wanted.surface == "trending" else 0, ranking.popular(known.scorer, hidden))
    rankings = [own, *rest] if own else rest
    if wanted.candidates is None:
        return Plan(rankings, note, start)
    some = list(dict.fromkeys(wanted.candidates))
    return Plan([*(ranking.among(each, some) for each in rankings[:-1]), ranking.listed(some)], note, start)


def _start(wanted: Wanted, known: Known) -> list[str]:
    if wanted.surface == "cart" and not wanted.named:
        return in_cart(newest_first(known.history), known.now.timestamp())
    return wanted.named


def _own(wanted: Wanted, known: Known, start: list[str], exclude: set[str]) -> tuple[Ranking | None, str | None]:
    """The surface's own ranking, or why there is none. Trending has none: it is the first of the simple ones."""
    if wanted.surface in WITHOUT_MODEL:
        return _live(wanted, known, exclude), None
    if known.saving or known.scorer is None:
        return None, known.saving or known.absence
    decision = _decision(wanted, known.scorer.card)
    if decision.serve == "popularity":
        return None, decision.reason
    return _by_model(wanted, known.scorer, known, start, exclude)


def _live(wanted: Wanted, known: Known, exclude: set[str]) -> Ranking | None:
    match wanted.surface:
        case "popular":
            days = wanted.window_days or POPULAR_DAYS
            return ranking.sold(lambda: known.sold(days, wanted.category), days)
        case "new":
            return ranking.newest(known.newest, exclude)
    return None


def _decision(wanted: Wanted, card: Card) -> SurfaceCard:
    """What the gate decided: for a surface that it does not judge, on the one whose ranking it is shown with."""
    if wanted.surface in card.surfaces:
        return card.surfaces[wanted.surface]
    match wanted.surface:
        case "bought-together" | "cart":
            return card.surfaces[SIMILAR]
        case "next-article":
            return card.surfaces[SIMILAR if wanted.named else FOR_YOU]
    raise LookupError(wanted.surface)


def _by_model(
    wanted: Wanted, scorer: Scorer, known: Known, start: list[str], exclude: set[str]
) -> tuple[Ranking | None, str | None]:
    now = known.now.timestamp()
    if start:
        return _from_start(wanted, scorer, now, start, exclude), None
    if wanted.surface == "cart":
        return None, known.declined or "There is nothing in the cart."
    if not known.history:
        return None, known.declined or "There is no history to personalise from."
    if wanted.surface == "buy-again":
        return ranking.again(scorer, known.history, now), None
    return ranking.for_you(scorer, known.history, now, exclude), None


def _from_start(wanted: Wanted, scorer: Scorer, now: float, start: list[str], exclude: set[str]) -> Ranking:
    match wanted.surface:
        case "for-you":
            return ranking.from_items(scorer, start, now, exclude)
        case "cart" | "bought-together":
            table = ranking.own_or_similar(scorer.card, wanted.surface)
            own = wanted.surface == "cart" and not wanted.named
            return ranking.beside(scorer, start, exclude, table, own=own)
    return ranking.beside(scorer, start, exclude)


def _bought(history: Sequence[Event]) -> set[str]:
    return {item for event in history if event.name == EventName.ORDER_COMPLETED for item in event.items}
