"""The limits inside which prices may be suggested and set: the owner's, for all items, a category or one item."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import mean, median
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.domain.currencies import at_least, at_most, major, minor_units
from shared.domain.ledger import Entry, periods
from shared.domain.money import Money
from shared.domain.price_endings import ended
from shared.domain.suggestions import Bound

Share = Annotated[Decimal, Field(ge=0, le=10, allow_inf_nan=False)]
"""A share of something: .05 is five percent."""
Ending = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,3}(\.[0-9]{1,3})?$", min_length=1)]
"""The last digits of a price: "9", ".99", "4.95"."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class CompetitorRule(_Part):
    """No more than `above` over the `of` of the competitors' prices for the same item."""

    above: Annotated[Decimal, Field(ge=-1, le=10, allow_inf_nan=False)]
    of: Literal["lowest", "median", "mean"] = "median"
    most_days_old: Annotated[int, Field(ge=1, le=365)] = 14


class Clearance(_Part):
    """To be sold off by a day: the price may fall below the minimum margin, never below `floor` (of the cost)."""

    until: date
    floor: Share = Decimal(0)


class Limits(_Part):
    """What the owner allows. None: not said here, so what a wider scope says holds."""

    minimum: Money | None = None
    maximum: Money | None = None
    minimum_margin: Annotated[Share | None, Field(description="Price >= cost x (1 + this).")] = None
    minimum_advertised: Annotated[Money | None, Field(description="The maker's minimum advertised price (MAP).")] = None
    maximum_weekly_step: Annotated[Decimal | None, Field(gt=0, le=1, allow_inf_nan=False)] = None
    endings: Annotated[tuple[Ending, ...] | None, Field(max_length=10)] = None
    competitors: CompetitorRule | None = None
    clearance: Clearance | None = None
    fewest_days_of_cover: Annotated[int | None, Field(ge=0, le=3650)] = None
    most_days_of_cover: Annotated[int | None, Field(ge=0, le=3650)] = None
    autopilot: bool | None = None


DEFAULTS = Limits(minimum_margin=Decimal(0), maximum_weekly_step=Decimal("0.05"), autopilot=False)
"""Of a shop that never said any: no price below cost, steps of at most 5% a week, and nothing without approval."""


def merged(narrowest_first: Iterable[Limits]) -> Limits:
    """The limits that hold where several scopes speak: of each field what the narrowest says, at last `DEFAULTS`."""
    told: dict[str, object] = {}
    for limits in (*narrowest_first, DEFAULTS):
        said = {name: value for name in Limits.model_fields if (value := getattr(limits, name)) is not None}
        told = said | told
    return Limits.model_validate(told)


class Bounded(NamedTuple):
    """The price that the limits allow, and what they held back on the way to it."""

    price: Decimal
    bounds: tuple[Bound, ...] = ()


class Refused(NamedTuple):
    """No price can be told: `limit` is the field that is wrong, of the limits or of the item."""

    limit: str
    why: str


class _Rule(NamedTuple):
    """One side of a limit in minor units: a price is at least, or at most, that."""

    limit: str
    units: int
    least: bool
    says: str

    def broken_by(self, units: int) -> bool:
        return units < self.units if self.least else units > self.units


def bounded(
    wanted: Decimal,
    current: Money,
    cost: Money | None,
    limits: Limits,
    competitors: Sequence[Decimal],
    today: date,
    *,
    recent: Sequence[Decimal] = (),
) -> Bounded | Refused:
    """The price nearest to the wanted one that all limits allow, in the currency's own decimals.

    `competitors` are those prices that are fresh enough and in this currency; `recent` is what the item cost in the
    last seven days (`prices_of_week`), so that two steps in a week are not two times the step. Where limits contradict
    each other, the earlier of these wins, and the bounds say so: the cost with its margin, the minimum advertised
    price, the minimum, the maximum, the weekly step, the competitors. An ending never breaks another limit.
    """
    limits = merged([limits])
    refused = _refused(wanted, current, cost, limits)
    if refused:
        return refused
    currency = current.currency
    rules = list(_rules(current, cost, limits, _sane(competitors), today, _sane(recent)))
    aim = minor_units(wanted, currency)
    low, high, overruled = _range(rules)
    bounds = [_bound(rule, currency, overruled) for rule in rules if rule.broken_by(aim) or rule in overruled]
    inside = min(max(aim, low), high)
    now = minor_units(current.amount, currency)
    units = ended(inside, now, range(low, high + 1), limits.endings or (), currency)
    if units != inside:
        bounds.append(_ending(inside, units, limits.endings or (), currency))
    return Bounded(major(units, currency), tuple(bounds))


def prices_of_week(entries: Sequence[Entry], currency: str, now: datetime) -> list[Decimal]:
    """What an item cost at any time of the last seven days, the current price included, by its ledger."""
    start = now - timedelta(days=7)
    held = periods(entries, currency)
    return [period.amount for period in held if period.until is None or period.until > start]


def _refused(wanted: Decimal, current: Money, cost: Money | None, limits: Limits) -> Refused | None:
    if not wanted.is_finite() or wanted <= 0:
        return Refused("price", "A price is a number above zero.")
    if minor_units(current.amount, current.currency) <= 0:
        return Refused("price", "The item has no price above zero to start from.")
    others = {"cost": cost} | {name: getattr(limits, name) for name in ("minimum", "maximum", "minimum_advertised")}
    for name, money in others.items():
        if money and money.currency != current.currency:
            return Refused(name, f"It is in {money.currency}, and the price in {current.currency}.")
    return None


def _sane(prices: Iterable[Decimal]) -> list[Decimal]:
    return [price for price in prices if price.is_finite() and price > 0]


def _rules(
    current: Money, cost: Money | None, limits: Limits, competitors: list[Decimal], today: date, recent: list[Decimal]
) -> Iterator[_Rule]:
    """Each side of each limit, the one that wins over others first."""
    currency = current.currency
    yield _Rule("price", 1, True, "the smallest price that there is")
    if cost:
        limit, floor = _cost_floor(cost.amount, limits, today)
        yield _Rule(limit, at_least(floor, currency), True, f"the cost of {cost.amount:f} allows")
    if limits.minimum_advertised:
        least = at_least(limits.minimum_advertised.amount, currency)
        yield _Rule("minimum_advertised", least, True, "the maker lets be advertised")
    if limits.minimum:
        yield _Rule("minimum", at_least(limits.minimum.amount, currency), True, "you set as the minimum")
    if limits.maximum:
        yield _Rule("maximum", at_most(limits.maximum.amount, currency), False, "you set as the maximum")
    yield from _step(limits, [current.amount, *recent], currency)
    if limits.competitors and competitors:
        most = _of(limits.competitors, competitors) * (1 + limits.competitors.above)
        says = f"the {limits.competitors.of} of {len(competitors)} competitors' prices allows"
        yield _Rule("competitors", at_most(most, currency), False, says)


def _cost_floor(cost: Decimal, limits: Limits, today: date) -> tuple[str, Decimal]:
    if limits.clearance and today <= limits.clearance.until:
        return "clearance", cost * limits.clearance.floor
    return "minimum_margin", cost * (1 + (limits.minimum_margin or 0))


def _step(limits: Limits, recent: Sequence[Decimal], currency: str) -> Iterator[_Rule]:
    """From any price of the week. Where the week had two that are too far apart, no step is left: the current stays."""
    step = limits.maximum_weekly_step
    if step is None:
        return
    least, most = at_least(max(recent) * (1 - step), currency), at_most(min(recent) * (1 + step), currency)
    if least > most:
        least = most = minor_units(recent[0], currency)
    says = f"a step of {_percent(step)} a week allows"
    yield _Rule("maximum_weekly_step", least, True, says)
    yield _Rule("maximum_weekly_step", most, False, says)


def _of(rule: CompetitorRule, prices: list[Decimal]) -> Decimal:
    match rule.of:
        case "lowest":
            return min(prices)
        case "median":
            return median(prices)
        case "mean":
            return mean(prices)


def _range(rules: Iterable[_Rule]) -> tuple[int, int, list[_Rule]]:
    """The fewest and most minor units that are allowed, and the limits that earlier ones overrule.

    Of an overruled one as much is kept as can be: the range shrinks to its end that is nearest.
    """
    low, high = 0, 10**22
    overruled: list[_Rule] = []
    for rule in rules:
        if rule.broken_by(high if rule.least else low):
            overruled.append(rule)
        units = min(max(rule.units, low), high)
        low, high = (units, high) if rule.least else (low, units)
    return low, high, overruled


def _bound(rule: _Rule, currency: str, overruled: Sequence[_Rule]) -> Bound:
    side = "least" if rule.least else "most"
    allows = f"{major(rule.units, currency)} {currency} is the {side} that {rule.says}"
    beaten = "; a limit that counts more does not let this one hold" if rule in overruled else ""
    return Bound(limit=rule.limit, text=allows + beaten + ".")


def _ending(inside: int, units: int, endings: Sequence[str], currency: str) -> Bound:
    text = f"For the ending {' or '.join(endings)} it is {major(units, currency)}, not {major(inside, currency)}."
    return Bound(limit="endings", text=text)


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}%"
