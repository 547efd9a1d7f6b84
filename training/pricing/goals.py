"""Stock as a reason for a price: what is about to run out, what lies too long, what must be gone by a day."""

from datetime import date
from typing import NamedTuple

from shared.domain.suggestions import PriceReason
from training.pricing.subjects import Subject

LEAST_ELASTICITY = 0.3


class Goal(NamedTuple):
    """The price at which the stock would last as long as the owner wants, and the reason in words."""

    price: float
    reason: PriceReason


def goal(subject: Subject, units_a_week: float, elasticity: float, today: date) -> Goal | None:
    """None where the stock is not counted, or lasts as it should. `elasticity` is a positive number."""
    stock, limits = subject.item.stock, subject.limits
    if stock is None or units_a_week <= 0:
        return None
    days = stock / (units_a_week / 7)
    if limits.clearance and today <= limits.clearance.until:
        left = (limits.clearance.until - today).days + 1
        text = f"To be sold off in {left} days; at this price the stock of {stock} lasts for {days:.0f}."
        return _goal(subject, days, left, elasticity, PriceReason(kind="clearance", text=text)) if days > left else None
    most, fewest = limits.most_days_of_cover, limits.fewest_days_of_cover
    if most and days > most:
        text = f"The stock of {stock} lasts for {days:.0f} days; you want {most} at most."
        return _goal(subject, days, most, elasticity, PriceReason(kind="stock", text=text))
    if fewest and days < fewest:
        text = f"The stock of {stock} lasts for {days:.0f} days only; you want {fewest} at least."
        return _goal(subject, days, fewest, elasticity, PriceReason(kind="stock", text=text))
    return None


def _goal(subject: Subject, days: float, wanted: float, elasticity: float, reason: PriceReason) -> Goal:
    """Sales must become `days / wanted` times what they are."""
    by = (days / wanted) ** (-1 / max(elasticity, LEAST_ELASTICITY))
    return Goal(float(subject.price.amount) * by, reason)
