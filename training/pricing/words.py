"""What a suggestion says to the owner: its reasons, and what would change it."""

import math

from shared.domain.suggestions import Bound, Elasticity, PriceReason
from training.pricing.estimates import Forecast

WORTH_SAYING = 0.1
"""A season that changes sales by less than a tenth is not mentioned."""
MOSTLY = 0.5
FORCED = {
    "minimum_margin": "margin_floor",
    "minimum_advertised": "margin_floor",
    "clearance": "margin_floor",
    "competitors": "competitor",
}
"""Limits that are themselves a reason to move."""


def of_demand(elasticity: Elasticity, season: float) -> list[PriceReason]:
    """What is known of the item's demand, and from where."""
    said = [PriceReason(kind="elasticity", text=_elasticity(elasticity))]
    if elasticity.own_share < MOSTLY:
        said.append(PriceReason(kind="prior", text=_prior(elasticity)))
    if abs(math.expm1(season)) >= WORTH_SAYING:
        way = "rise" if season > 0 else "fall"
        text = f"By season, sales are about to {way} by {abs(math.expm1(season)):.0%} within four weeks, at any price."
        said.append(PriceReason(kind="season", text=text))
    return said


def of_limits(bounds: tuple[Bound, ...]) -> list[PriceReason]:
    """Where the current price is not allowed, that is the reason."""
    kinds = {FORCED.get(bound.limit): bound.text for bound in bounds}
    return [PriceReason(kind=kind, text=text) for kind, text in kinds.items() if kind]


def would_change(forecast: Forecast, to: float, elasticity: Elasticity) -> tuple[str, ...]:
    """What the owner should look out for."""
    said = []
    even = break_even(forecast, to)
    if even is not None:
        way = "more" if to > forecast.price else "less"
        said.append(f"It does not pay if a price 1% higher costs {even:.1f}% of sales or {way}.")
    if elasticity.prices < 2:
        said.append("The price was never different: after some weeks at another one, more will be known.")
    if forecast.cost is None:
        said.append("With the item's cost, its profit could be told.")
    return tuple(said)


def break_even(forecast: Forecast, to: float) -> float | None:
    """The elasticity at which both prices earn the same; None where there is none."""
    if forecast.cost is None or min(forecast.price, to) <= forecast.cost or to == forecast.price:
        return None
    even = math.log((to - forecast.cost) / (forecast.price - forecast.cost)) / math.log(to / forecast.price)
    return even if even > 0 else None


def _elasticity(elasticity: Elasticity) -> str:
    value, least, most = -elasticity.value, -elasticity.high, -elasticity.low
    return f"A price 1% higher sells about {value:.1f}% less (with 80% probability {least:.1f}% to {most:.1f}%)."


def _prior(elasticity: Elasticity) -> str:
    if elasticity.prices < 2:
        return (
            "Its price was never different, so that is what its category and your other prices say, not its own sales."
        )
    return (
        f"Its own sales, {elasticity.weeks} weeks at {elasticity.prices} prices, decide {elasticity.own_share:.0%} of "
        "that; the rest is what its category says."
    )
