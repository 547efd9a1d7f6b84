"""A demand model read from its artefact: what an item sells at a price, and how sure that is. Numpy only.

log(units a week) = base + season + elasticity x log(price / reference). Base and elasticity of an item are uncertain
together; every figure is given with the interval that this makes.
"""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from shared.inference.demand_answers import Change, Curve, ElasticityOf, Range
from shared.inference.demand_card import CARD, CURVES, DemandCard, UnreadableDemandModel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

STEEPEST, FLATTEST = -6.0, -0.3
"""Elasticities are clipped to these: beyond, data of shops show errors rather than demand."""
DRAWS = 2_000
FURTHEST = float(np.log(8.0))
"""A price further from the item's own is taken to be so far, as a logarithm."""
LONGEST_TREND = 26
"""Weeks for which an item's trend is believed to go on."""
WIDEST = 9.0
"""The most variance of a forecast's logarithm: any more is no knowledge either way."""
NORMAL = {0.8: 1.2815515655446004, 0.9: 1.6448536269514722}


@dataclass(frozen=True)
class DemandModel:
    """All items' curves. Arrays have one entry per item; `season` is [groups, weeks ahead], added to the logarithm."""

    model_id: str
    items: tuple[str, ...]
    reference: Floats
    """Logarithm of the price at which `base` holds."""
    base: Floats
    base_sd: Floats
    elasticity: Floats
    elasticity_sd: Floats
    correlation: Floats
    """Of base and elasticity."""
    prior: Floats
    prior_sd: Floats
    own_share: Floats
    size: Floats
    """Of the negative binomial: a week's units vary by mean + mean^2 / size."""
    last_price: Floats
    weeks: Ints
    prices: Ints
    group: Ints
    season: Floats
    covariates: Floats
    """[items, names]: what a covariate adds to the logarithm."""
    trend: Floats
    """Added to the logarithm with every week."""
    names: tuple[str, ...] = ()
    span: Floats = field(default_factory=lambda: np.empty((2, 0)))
    """[2, names]: a covariate's least and largest values that were seen; a forecast goes no further."""
    drift: float = 0.0
    """The variance that a week adds to the base."""
    widening: float = 1.0
    """What intervals of elasticity are multiplied by to hold as often as they say."""
    coverage80: float | None = None
    coverage90: float | None = None
    """How many of the elasticities simulated on the shop's own prices and weeks the intervals held."""

    @cached_property
    def rows(self) -> dict[str, int]:
        return {item: row for row, item in enumerate(self.items)}

    def elasticity_of(self, item_id: str) -> ElasticityOf:
        """Raises `KeyError` for an item that the model does not know."""
        row = self.rows[item_id]
        value = float(self.elasticity[row])
        low80, high80 = self.elasticity_interval(0.8)[row].tolist()
        low90, high90 = self.elasticity_interval(0.9)[row].tolist()
        return ElasticityOf(
            value=value,
            sd=float(self.elasticity_sd[row] * self.widening),
            low80=low80,
            high80=high80,
            low90=low90,
            high90=high90,
            prior=float(self.prior[row]),
            prior_sd=float(self.prior_sd[row]),
            own_share=float(self.own_share[row]),
            weeks=int(self.weeks[row]),
            prices=int(self.prices[row]),
            at_clip=value <= STEEPEST or value >= FLATTEST,
        )

    def elasticity_interval(self, share: float) -> Floats:
        """[items, 2]: the interval that holds an item's elasticity with this probability, .8 or .9."""
        reach = NORMAL[share] * self.widening * self.elasticity_sd
        bounds = np.stack([self.elasticity - reach, self.elasticity + reach], axis=1)
        return np.clip(bounds, STEEPEST, FLATTEST)

    def curve(self, item_id: str, prices: Sequence[float] | Floats, cost: float | None = None, ahead: int = 0) -> Curve:
        """Expected units, revenue and profit of the week `ahead` weeks after the next, with 80% intervals."""
        at = np.asarray(prices, dtype=np.float64)
        draws = self._draws(item_id, at, ahead)
        units = _ranges(draws, self._expected(item_id, at, ahead))
        profit = None if cost is None else units * (at - cost)[:, None]
        if profit is not None:
            # A price below cost turns the interval round.
            profit[:, 1:] = np.sort(profit[:, 1:], axis=1)
        return Curve(at, units, units * at[:, None], profit)

    def change(
        self, item_id: str, current: float, suggested: float, cost: float | None = None, ahead: int = 0
    ) -> Change:
        """What `suggested` changes against `current`, a week; both are drawn together, so that the level cancels."""
        at = np.array([current, suggested])
        draws, middle = self._draws(item_id, at, ahead), self._expected(item_id, at, ahead)
        worth = [np.ones(2), at] + ([] if cost is None else [at - cost])
        ranges = [
            _range((draws[:, 1] * by[1] - draws[:, 0] * by[0]), middle[1] * by[1] - middle[0] * by[0]) for by in worth
        ]
        gain = draws[:, 1] * worth[-1][1] - draws[:, 0] * worth[-1][0]
        return Change(ranges[0], ranges[1], ranges[2] if cost is not None else None, gain)

    def expected(self, rows: Ints, prices: Floats, ahead: Ints, covariates: Floats | None = None) -> Floats:
        """Units expected of items (by row) at prices, so many weeks after the next.

        An unknown price (NaN, zero or less) is taken to be the item's last one.
        """
        level = self.base[rows] + self.season[self.group[rows], np.minimum(ahead, self.season.shape[1] - 1)]
        level += self.trend[rows] * np.minimum(ahead + 1, LONGEST_TREND)
        if covariates is not None and self.names:
            within = np.clip(np.nan_to_num(covariates), *self.span) if self.span.size else covariates
            level += (self.covariates[rows] * within).sum(axis=1)
        return np.asarray(np.exp(level + self.elasticity[rows] * self.distance(rows, prices)))

    def sizes(self, rows: Ints, ahead: Ints) -> Floats:
        """Of the negative binomial of a week's units, what is uncertain of the level counted in."""
        uncertain = np.expm1(np.minimum(self.base_sd[rows] ** 2 + self.drift * (ahead + 1), WIDEST))
        return np.asarray(1 / (uncertain + (1 + uncertain) / self.size[rows]))

    def distance(self, rows: Ints, prices: Floats) -> Floats:
        """log(price / reference), 0 where the item never had a price."""
        known = np.where(np.isfinite(prices) & (prices > 0), prices, self.last_price[rows])
        far = np.log(known) - self.reference[rows]
        return np.asarray(np.clip(np.where(np.isfinite(far), far, 0.0), -FURTHEST, FURTHEST))

    def _expected(self, item_id: str, prices: Floats, ahead: int) -> Floats:
        rows = np.full(len(prices), self.rows[item_id])
        return self.expected(rows, prices, np.full(len(prices), ahead))

    def _draws(self, item_id: str, prices: Floats, ahead: int) -> Floats:
        """[draws, prices] of expected units: the same draws for every call, so that answers can be compared."""
        row = self.rows[item_id]
        first, second, third = np.random.default_rng(0).standard_normal((3, DRAWS))
        rho = self.correlation[row]
        base = self.base_sd[row] * first + np.sqrt(self.drift * (ahead + 1)) * third
        mixed = rho * first + np.sqrt(1.0 - rho**2) * second
        slope = self.elasticity[row] + self.elasticity_sd[row] * self.widening * mixed
        slope = np.clip(slope, STEEPEST, FLATTEST)
        away = self.distance(np.full(len(prices), row), prices)
        off = np.exp(base[:, None] + (slope - self.elasticity[row])[:, None] * away[None, :])
        return np.asarray(self._expected(item_id, prices, ahead)[None, :] * off)

    @classmethod
    def read(cls, files: Mapping[str, bytes]) -> Self:
        """The model of an artefact's files. Raises `UnreadableDemandModel`."""
        try:
            if hashlib.sha256(files[CURVES]).hexdigest() != (card := _card(files)).files[CURVES].sha256:
                raise UnreadableDemandModel(f"{CURVES} is not what the card of {card.model_id} says.")
            with np.load(io.BytesIO(files[CURVES]), allow_pickle=False) as arrays:
                columns = {name: _wide(arrays[name]) for name in arrays.files}
            return cls(
                card.model_id,
                tuple(columns.pop("items").tolist()),
                names=card.covariates,
                drift=card.drift,
                widening=card.widening,
                coverage80=card.coverage80,
                coverage90=card.coverage90,
                **columns,
            )
        except (KeyError, ValueError, TypeError, OSError) as error:
            raise UnreadableDemandModel(f"The demand model cannot be read: {error!r}") from error


def _card(files: Mapping[str, bytes]) -> DemandCard:
    return DemandCard.model_validate_json(files[CARD])


def _wide(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Numbers are stored with 32 bits, and counted with 64."""
    return array.astype(np.float64) if array.dtype == np.float32 else array


def _range(draws: Floats, value: float) -> Range:
    low, high = np.quantile(draws, [0.1, 0.9])
    return Range(float(value), float(low), float(high))


def _ranges(draws: Floats, values: Floats) -> Floats:
    low, high = np.quantile(draws, [0.1, 0.9], axis=0)
    return np.stack([values, low, high], axis=1)
