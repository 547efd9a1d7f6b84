"""How well demand is forecast in weeks that were held out, beside simpler ways, and how sure it rightly is."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.stats import nbinom, poisson

from shared.inference.demand import DemandModel
from training.demand import peers
from training.demand.artefact import share_at_clip
from training.demand.dense import MOST_WEEKS, dense
from training.demand.fit import fit
from training.demand.panel import Floats, Panel
from training.demand.peers import Forecast, Rows

OURS = "regulars"
PEERS = {
    "per-item OLS": peers.per_item,
    "per-item OLS, prices in range": peers.per_item_in_range,
    "pooled slope": peers.pooled,
    "no price": peers.no_price,
}
LEAST = 1e-3
"""A forecast of less is taken as this in the Poisson deviance, which is infinite at 0."""
TOO_STEEP = -8.0


class NothingToJudgeError(Exception):
    """The data cannot be split; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """`wape` judges the median that a method forecasts, which minimises it; `wape_of_mean` and `deviance` the mean.

    `bias` is the sum of forecasts over that of units. Of slopes: the shares above 0, below -8, and at our clip.
    """

    wape: float
    wape_of_mean: float
    deviance: float
    bias: float
    wrong_sign: float = 0.0
    too_steep: float = 0.0
    at_clip: float = 0.0
    seconds: float


class Coverage(NamedTuple):
    """How often the 80% and the 90% interval held the truth, of `judged` truths."""

    of80: float | None
    of90: float | None
    judged: int | None


class Result(NamedTuple):
    """The methods' scores and the intervals' coverage: of held-out units, and of elasticities where these are known."""

    model: DemandModel
    methods: dict[str, Scores]
    units: Coverage
    simulated: Coverage
    truth: Coverage | None
    judged: int
    left_out: dict[str, int]
    past_rows: int


def evaluate(
    sales: Panel,
    categories: Sequence[str | None],
    hold_out: int,
    weeks: int | None = None,
    truth: Floats | None = None,
) -> Result:
    """Fit on the weeks before the held-out ones (the last `weeks` of them), and judge on these.

    `truth` are the items' elasticities where a simulator knows them, NaN where not. Raises `NothingToJudgeError`.
    """
    past, future = split(sales, hold_out, weeks)
    asked, left_out = judgeable(past, future)
    if not asked.units.any():
        raise NothingToJudgeError(_nothing(len(asked.units), left_out))
    began = time.perf_counter()
    model = fit(past, categories)
    seconds = time.perf_counter() - began
    seen, rows = _rows(past, asked, model)
    ahead = (asked.week - past.weeks).astype(np.int32)
    mean = model.expected(asked.item, asked.price, ahead, asked.covariates if asked.names else None)
    size = model.sizes(asked.item, ahead)
    methods = {OURS: _ours(model, mean, size, rows, seconds)}
    methods |= {name: _peer(make, seen, rows, len(sales.items)) for name, make in PEERS.items()}
    return Result(
        model,
        methods,
        _units_held(mean, size, rows.units),
        Coverage(model.coverage80, model.coverage90, None),
        None if truth is None else _truths_held(model, truth),
        len(rows.units),
        left_out,
        len(past.units),
    )


def split(sales: Panel, hold_out: int, weeks: int | None) -> tuple[Panel, Panel]:
    """Past and future; in both, week 0 is the first that counts. Raises `NothingToJudgeError`."""
    held = sales.weeks - hold_out
    if held < 1:
        raise NothingToJudgeError(f"The data span {sales.weeks} weeks: with {hold_out} held out, none is left.")
    first = 0 if weeks is None else max(held - weeks, 0)
    past, future = sales.where((sales.week >= first) & (sales.week < held)), sales.where(sales.week >= held)
    if not past.units.size:
        raise NothingToJudgeError(f"There are no sales in the {held - first} weeks before those held out.")
    shifted = (replace(each, week=(each.week - first).astype(np.int32)) for each in (past, future))
    return next(shifted), next(shifted)


def _nothing(rows: int, left_out: dict[str, int]) -> str:
    if rows:
        return f"Of the {rows:,} item-weeks held out none sold anything: no error can be put beside what was sold."
    why = "; ".join(f"{count:,} rows {why}" for why, count in left_out.items()) or "no row is held out"
    return f"No item-week can be judged: {why}."


def judgeable(past: Panel, future: Panel) -> tuple[Panel, dict[str, int]]:
    """The held-out rows that every method can forecast, and how many are left out by why."""
    known = np.zeros(len(past.items), dtype=np.bool_)
    known[past.item if past.in_stock is None else past.item[past.in_stock]] = True
    stocked = np.ones(len(future.units), dtype=np.bool_) if future.in_stock is None else future.in_stock
    new = ~known[future.item]
    left_out = {"held out, out of stock": int((~stocked).sum()), "held out, of new items": int((stocked & new).sum())}
    return future.where(stocked & ~new), {why: count for why, count in left_out.items() if count}


def _rows(past: Panel, asked: Panel, model: DemandModel) -> tuple[Rows, Rows]:
    """What the peers are given: the same rows with the same cleaned prices as the model."""
    first = past.weeks - min(past.weeks, MOST_WEEKS)
    recent = past.where(past.week >= first)
    weeks = dense(recent)
    at = recent.item, recent.week - first
    counted = weeks.counted[at] > 0
    middle = np.nan_to_num(weeks.reference)
    seen = Rows(recent.item, weeks.price[at] + middle[recent.item], recent.units)
    price = middle[asked.item] + model.distance(asked.item, asked.price)
    return Rows(seen.item[counted], seen.price[counted], seen.units[counted]), Rows(asked.item, price, asked.units)


def _ours(model: DemandModel, mean: Floats, size: Floats, rows: Rows, seconds: float) -> Scores:
    median = np.asarray(nbinom.median(size, size / (size + mean)))
    return Scores(**_scored(rows.units, mean, median), at_clip=share_at_clip(model), seconds=seconds)


def _peer(make: Callable[[Rows, Rows, int], Forecast], seen: Rows, rows: Rows, items: int) -> Scores:
    began = time.perf_counter()
    found = make(seen, rows, items)
    seconds = time.perf_counter() - began
    # What a regression of logarithms gives is nearer to a median than to a mean already.
    median = np.asarray(poisson.median(found.units)) if found.poisson else found.units
    slope = found.slope[np.unique(seen.item)]
    wrong, steep = float((slope > 0).mean()), float((slope < TOO_STEEP).mean())
    return Scores(**_scored(rows.units, found.units, median), wrong_sign=wrong, too_steep=steep, seconds=seconds)


def _scored(units: Floats, mean: Floats, median: Floats) -> dict[str, float]:
    sold = max(float(units.sum()), 1e-9)
    least = np.maximum(mean, LEAST)
    deviance = 2 * (np.where(units > 0, units * np.log(np.maximum(units, 1e-9) / least), 0.0) - units + least)
    return {
        "wape": float(np.abs(units - median).sum()) / sold,
        "wape_of_mean": float(np.abs(units - mean).sum()) / sold,
        "deviance": float(deviance.mean()),
        "bias": float(mean.sum()) / sold,
    }


def _units_held(mean: Floats, size: Floats, units: Floats) -> Coverage:
    held = []
    for tail in (0.1, 0.05):
        low, high = (nbinom.ppf(each, size, size / (size + mean)) for each in (tail, 1 - tail))
        held.append(float(((units >= low) & (units <= high)).mean()))
    return Coverage(held[0], held[1], len(units))


def _truths_held(model: DemandModel, truth: Floats) -> Coverage:
    known = np.isfinite(truth) & (model.weeks > 0)
    held = []
    for share in (0.8, 0.9):
        low, high = model.elasticity_interval(share)[known].T
        # Bounds are clipped, so a truth that is a bound may miss it by a rounding.
        held.append(float(((truth[known] >= low - 1e-6) & (truth[known] <= high + 1e-6)).mean()))
    return Coverage(held[0], held[1], int(known.sum()))
