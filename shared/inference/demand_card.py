"""The card of a demand model: what it was fitted on, how its intervals were judged, and its files."""

from datetime import date, datetime

from pydantic import Field

from shared.inference.card import FileInfo, Part

CARD, CURVES = "card.json", "curves.npz"


class UnreadableDemandModel(Exception):  # noqa: N818 - as the other artefacts' errors
    """An artefact is not a demand model of this version's format."""


class DemandCard(Part):
    """Figures of the fit.

    `coverage90` is of elasticities: how often the interval, after `widening`, held a truth that was simulated on the
    shop's own prices and weeks. `share_at_clip` is of the items whose price moved: where elasticity is at a bound.
    """

    model_id: str
    created: datetime
    first_monday: date | None
    weeks: int
    rows: int
    items: int
    items_with_moves: int
    covariates: tuple[str, ...] = ()
    elasticity: float
    elasticity_spread: float
    share_at_clip: float
    drift: float = 0.0
    coverage80: float | None = None
    coverage90: float | None = None
    widening: float = 1.0
    seconds: float = 0.0
    peak_memory_mb: float = 0.0
    files: dict[str, FileInfo] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    licences: dict[str, str] = Field(default_factory=dict)
