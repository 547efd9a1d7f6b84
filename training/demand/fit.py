"""Fits the demand model: sales of a shop in, every item's curve out."""

from collections.abc import Sequence

from shared.inference.demand import DemandModel
from training.demand.panel import Panel


def fit(sales: Panel, categories: Sequence[str | None]) -> DemandModel:
    """The model of these sales; `categories` has one entry per item of the panel, None where an item has none."""
    raise NotImplementedError
