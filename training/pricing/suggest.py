"""From demand, limits and stock to the night's suggestions, or why there is none for an item."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from shared.domain.currencies import major, minor_units
from shared.domain.money import Money
from shared.domain.price_limits import Bounded, Refused, bounded
from shared.domain.suggestions import VALID, Elasticity, Estimate, Suggestion, suggestion_id
from shared.inference.demand import DemandModel
from training.demand.panel import Panel
from training.pricing import words
from training.pricing.arrays import Doubles, Whole
from training.pricing.belief import Belief, believe
from training.pricing.demanded import Demanded, demanded, known, lately, usual, weekly_prices
from training.pricing.estimates import Forecast
from training.pricing.goals import Goal, goal
from training.pricing.rule import MOST_LOSS, STEP, cautious_gain, safe_price, worst_gain
from training.pricing.subjects import NoSuggestion, Sorted, Subject, Why

READERS = 8
CURVE = [0.85, 0.88, 0.91, 0.94, 0.97, 1.0, 1.03, 1.06, 1.09, 1.12, 1.15]
"""Of the current price; the suggested one is added."""

Recent = Callable[[Subject], Sequence[Decimal]]
"""What an item cost in the last seven days, by its ledger."""


@dataclass(frozen=True)
class Night:
    """All that is known of the subjects, as arrays by subject."""

    subjects: Sequence[Subject]
    model: DemandModel
    demand: Demanded
    belief: Belief
    past: Doubles
    aims: Doubles
    now: datetime

    def one(self, at: int) -> Belief:
        return Belief(self.belief.weights[at : at + 1], self.belief.markup)

    def forecast(self, at: int) -> Forecast:
        subject = self.subjects[at]
        units, uncertain = float(self.demand.units[at]), float(self.demand.uncertain[at])
        return Forecast(self.belief.weights[at], units, uncertain, float(subject.price.amount), subject.cost)

    def elasticity(self, at: int, forecast: Forecast) -> Elasticity:
        demand = self.demand
        rests = {"weeks": int(demand.weeks[at]), "prices": int(demand.prices[at])}
        share = min(max(float(demand.own_share[at]), 0.0), 1.0)
        return Elasticity(**forecast.elasticity().model_dump(), **rests, own_share=share)


def night(found: Sorted, model: DemandModel, panel: Panel, now: datetime) -> Night:
    """What the safe rule aims at for each subject, before limits."""
    rows: Whole = np.array([model.rows[each.item.item_id] for each in found.subjects], np.int64)
    prices, costs = found.prices(), found.costs()
    past = weekly_prices(panel, [each.item.item_id for each in found.subjects])
    with np.errstate(divide="ignore", invalid="ignore"):
        multiple = usual(past, prices) / costs
    multiple = np.where(np.isfinite(multiple) & (multiple > 1), multiple, np.nan)
    belief = believe(known(model, rows, multiple))
    step = np.array([min(float(each.limits.maximum_weekly_step or STEP), STEP) for each in found.subjects])
    with np.errstate(invalid="ignore"):
        aims = safe_price(belief, prices, lately(past, prices), costs, step)
    return Night(found.subjects, model, demanded(model, rows, prices), belief, past, aims, now)


class Move(NamedTuple):
    """A price that is suggested for the subject `at` that place, as far as it takes to rank it among the others."""

    at: int
    item_id: str
    allowed: Bounded
    aimed: Goal | None
    forced: Bounded | None
    profit: Estimate | None

    def rank(self) -> tuple[float, str]:
        """What promises the most profit comes first."""
        return -(self.profit.value if self.profit else 0.0), self.item_id


def moves(tonight: Night, recent: Recent) -> Iterator[Move | NoSuggestion]:
    """For each subject one or the other, in their order; ledgers are read side by side."""
    with ThreadPoolExecutor(READERS) as pool:
        yield from pool.map(lambda at: _move(tonight, at, recent), range(len(tonight.subjects)))


def _move(tonight: Night, at: int, recent: Recent) -> Move | NoSuggestion:
    """Of one subject. A price that is not allowed any more must move; one that is allowed, only if that pays.

    What the week's step has left of the aim may lie on the other side of a price that was just changed by more.
    """
    subject, forecast = tonight.subjects[at], tonight.forecast(at)
    item_id, current = subject.item.item_id, subject.price
    aimed = goal(subject, forecast.units, -forecast.elasticity().value, tonight.now.date())
    aim = _aim(float(tonight.aims[at]), float(current.amount), aimed)
    staying = _bounded(subject, current.amount, (), tonight.now)
    if isinstance(staying, Refused):
        return NoSuggestion(item_id, Why.REFUSED, f"{staying.limit}: {staying.why}")
    now = major(minor_units(current.amount, current.currency), current.currency)
    forced = staying.price != now
    if not forced and aim == float(current.amount):
        return NoSuggestion(item_id, Why.NO_COST if subject.cost is None else Why.UNSURE)
    allowed = _bounded(subject, Decimal(repr(aim)), recent(subject), tonight.now)
    if isinstance(allowed, Refused):
        return NoSuggestion(item_id, Why.REFUSED, f"{allowed.limit}: {allowed.why}")
    onwards = (allowed.price > now) == (aim > float(current.amount))
    if allowed.price == now or not (forced or (onwards and (aimed or _pays(tonight, at, float(allowed.price))))):
        return NoSuggestion(item_id, Why.LIMITS, " ".join(bound.text for bound in allowed.bounds))
    profit = forecast.change_of_profit(float(allowed.price))
    return Move(at, item_id, allowed, aimed, staying if forced else None, profit)


def _aim(safe: float, current: float, aimed: Goal | None) -> float:
    """Stock decides the way; the safe rule may go further the same way."""
    if aimed is None:
        return safe
    return max(aimed.price, safe) if aimed.price > current else min(aimed.price, safe)


def _bounded(subject: Subject, wanted: Decimal, recent: Sequence[Decimal], now: datetime) -> Bounded | Refused:
    cost, limits, others = subject.item.cost, subject.limits, subject.competitors
    return bounded(wanted, subject.price, cost, limits, others, now.date(), recent=recent)


def _pays(tonight: Night, at: int, to: float) -> bool:
    """Whether what the limits have left of the aim still pays, with the same caution."""
    subject = tonight.subjects[at]
    if subject.cost is None or to <= subject.cost:
        return False
    price, there, cost = (np.array([each]) for each in (float(subject.price.amount), to, subject.cost))
    belief, span = tonight.one(at), lately(tonight.past[at : at + 1], price)
    gains = cautious_gain(belief, price, there, cost), worst_gain(belief, price, there, span, cost)
    return bool(gains[0][0] > 0 and gains[1][0] > -MOST_LOSS)


def suggestion(tonight: Night, chosen: Move) -> Suggestion:
    """The move with all that the owner is told of it."""
    at, allowed, aimed, forced = chosen.at, chosen.allowed, chosen.aimed, chosen.forced
    subject, forecast, now = tonight.subjects[at], tonight.forecast(at), tonight.now
    item, to = subject.item, float(allowed.price)
    elasticity = tonight.elasticity(at, forecast)
    suggested = Money(amount=allowed.price, currency=subject.price.currency)
    reasons = [
        *(words.of_limits(forced.bounds) if forced else []),
        *([aimed.reason] if aimed else []),
        *words.of_demand(elasticity, float(tonight.demand.season[at])),
    ]
    return Suggestion(
        suggestion_id=suggestion_id(item.item_id, subject.price, suggested, now.date()),
        item_id=item.item_id,
        title=item.title,
        category=item.category,
        created=now,
        expires=now + VALID,
        current=subject.price,
        suggested=suggested,
        units=forecast.change_of_units(to),
        revenue=forecast.change_of_revenue(to),
        profit=chosen.profit,
        elasticity=elasticity,
        reasons=tuple(reasons),
        bounds=allowed.bounds,
        would_change=words.would_change(forecast, to, elasticity),
        curve=tuple(forecast.point(price) for price in _curve(subject.price, allowed.price)),
        model_id=tonight.model.model_id,
    )


def _curve(current: Money, suggested: Decimal) -> list[Decimal]:
    """Prices around the current one, that can be paid, with both in it."""
    currency = current.currency
    around = (major(minor_units(current.amount * Decimal(repr(share)), currency), currency) for share in CURVE)
    return sorted({current.amount, suggested, *(price for price in around if price > 0)})


def tally(found: Sequence[NoSuggestion]) -> Mapping[str, int]:
    """How many items each reason holds for."""
    return {why.value: count for why in Why if (count := sum(each.why is why for each in found))}
