"""What works now, and what is missing for the rest, in numbers: from the model's card, the counters, the catalogue."""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.recommend import ranking
from shared.domain.rules import Surface
from shared.inference.card import BOUGHT_TOGETHER, BUY_AGAIN, CART, FOR_YOU, SIMILAR, Card, SurfaceCard

LEAST_TESTED = 20
"""How many customers the gate wants to test a surface on; `training.gate` has the same."""
LEAST_DAYS = 4
"""How long a history must be for a day of it to be held out, twice; `training.split` has the same."""
MOST_COUNTED = 1_000
"""Items of the catalogue; more are not counted."""
WINDOW_DAYS = 30
JUDGED_ON: dict[Surface, str] = {
    "for-you": FOR_YOU,
    "similar": SIMILAR,
    "bought-together": BOUGHT_TOGETHER,
    "cart": CART,
    "buy-again": BUY_AGAIN,
    "next-article": FOR_YOU,
}
"""The surface of the card on which each of ours stands or falls."""

OF_ORDERS = {SIMILAR: "two", BOUGHT_TOGETHER: "two", CART: "three"}
"""How many items an order must have for the gate to test a surface on it."""

Served = Literal["model", "popularity", "live", "catalogue", "nothing"]


class Missing(BaseModel):
    """So many more of something are needed."""

    what: Literal["items", "orders", "customers", "days", "training"]
    count: int
    text: str


class SurfaceReadiness(BaseModel):
    """One surface: what serves it now, why, and what is missing for its own method."""

    surface: Surface
    serves: Served
    reason: str
    missing: list[Missing]


class ModelReadiness(BaseModel):
    """The model that serves, and what it learned from."""

    model_config = ConfigDict(protected_namespaces=())

    model_id: str
    created: datetime
    events: int
    customers: int
    items: int
    recommendable: int
    last_event: datetime


class Readiness(BaseModel):
    """The whole shop. `items` stops at the number up to which they are counted."""

    items: int = Field(description=f"In the catalogue, counted up to {MOST_COUNTED:,}.")
    sold_items: int = Field(description=f"Items that were sold in the last {WINDOW_DAYS} days.")
    sold: int = Field(description=f"Orders of the last {WINDOW_DAYS} days, each counted once for each item in it.")
    trending_items: int = Field(description="Items that were bought or looked at in the last seven days.")
    model: ModelReadiness | None
    surfaces: list[SurfaceReadiness]


Ranked = Sequence[tuple[str, float]]


def readiness(card: Card | str, count: Callable[[int], int], sold: Ranked, trending: Ranked) -> Readiness:
    """From the champion's card or why there is none, a way to count items, and the rankings of 30 and of 7 days."""
    items = count(MOST_COUNTED)
    learned = [_learned(surface, judged, card, items) for surface, judged in JUDGED_ON.items()]
    return Readiness(
        items=items,
        sold_items=len(sold),
        sold=round(sum(orders for _, orders in sold)),
        trending_items=len(trending),
        model=_model(card) if isinstance(card, Card) else None,
        surfaces=[*learned, *_live(items, sold, trending)],
    )


def _model(card: Card) -> ModelReadiness:
    return ModelReadiness(
        model_id=card.model_id,
        created=card.created,
        events=card.window.events,
        customers=card.window.customers,
        items=card.window.items,
        recommendable=card.recommendable,
        last_event=card.window.last,
    )


def _learned(surface: Surface, judged: str, card: Card | str, items: int) -> SurfaceReadiness:
    if items == 0:
        return _nothing(surface)
    if isinstance(card, str):
        text = "A training on events that name items; it runs every night."
        missing = [Missing(what="training", count=1, text=text)]
        return SurfaceReadiness(surface=surface, serves="live", reason=card, missing=missing)
    decision = _decision(judged, card)
    return SurfaceReadiness(
        surface=surface, serves=decision.serve, reason=decision.reason, missing=list(_lacking(judged, card))
    )


def _decision(judged: str, card: Card) -> SurfaceCard:
    return card.surfaces[ranking.own_or_similar(card, judged)]


def _lacking(judged: str, card: Card) -> Iterator[Missing]:
    """What would let the gate test the surface; where it has tested it and found against it, no number is missing."""
    decision = _decision(judged, card)
    if card.window.test_from is None:
        days = max(1, math.ceil(LEAST_DAYS - (card.window.last - card.window.first) / timedelta(days=1)))
        yield Missing(what="days", count=days, text=f"{days} more days of events, so that some can be held out.")
        return
    lacks = LEAST_TESTED - (decision.tested if decision.customers is None else decision.customers)
    if decision.serve == "model" or lacks <= 0:
        return
    if (least := OF_ORDERS.get(judged)) is not None:
        text = f"{lacks} more customers with an order of {least} items or more in the month that the gate tests on."
        yield Missing(what="customers", count=lacks, text=text)
    else:
        what = "buy again" if judged == BUY_AGAIN else "buy something new"
        text = f"{lacks} more customers who come back and {what} in the month that the gate tests on."
        yield Missing(what="customers", count=lacks, text=text)


def _live(items: int, sold: Ranked, trending: Ranked) -> Iterator[SurfaceReadiness]:
    if items == 0:
        yield from (_nothing(surface) for surface in ("trending", "popular", "new"))
        return
    yield _counted("trending", trending, "the last seven days")
    yield _counted("popular", sold, f"the last {WINDOW_DAYS} days")
    yield SurfaceReadiness(surface="new", serves="live", reason="It needs the catalogue only.", missing=[])


def _counted(surface: Surface, ranked: Ranked, when: str) -> SurfaceReadiness:
    if ranked:
        reason = f"{len(ranked)} items have been counted in {when}."
        return SurfaceReadiness(surface=surface, serves="live", reason=reason, missing=[])
    missing = [Missing(what="orders", count=1, text="1 order is enough for a beginning.")]
    reason = f"Nothing was counted in {when}."
    return SurfaceReadiness(surface=surface, serves="catalogue", reason=reason, missing=missing)


def _nothing(surface: Surface) -> SurfaceReadiness:
    missing = [Missing(what="items", count=1, text="1 item in the catalogue.")]
    return SurfaceReadiness(surface=surface, serves="nothing", reason="The catalogue is empty.", missing=missing)
