"""Sales that broke the model: units in the millions, covariates that leap, weeks that are odd by themselves."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from tests.training.demand.shops import Shop, shop
from training.demand.evaluate import OURS, NothingToJudgeError, Result, evaluate
from training.demand.panel import Floats

HELD = 8


def judged(known: Shop, covariate: Floats | None = None) -> Result:
    sales = known.sales
    if covariate is not None:
        sales = replace(sales, covariates=covariate[:, None], names=("x",))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return evaluate(sales, known.categories, HELD, truth=known.truth)


def wape(result: Result) -> float:
    return result.methods[OURS].wape


@pytest.fixture(scope="module")
def known() -> Shop:
    return shop(items=20, weeks=40)


@pytest.fixture(scope="module")
def noise(known: Shop) -> Floats:
    return np.random.default_rng(3).standard_normal(len(known.sales.units))


def test_units_in_the_millions_are_forecast_like_others() -> None:
    result = judged(shop(items=20, weeks=40, rate=5e6))
    assert wape(result) < result.methods["no price"].wape
    assert result.model.widening < 2
    assert result.truth is not None
    assert (result.truth.of90 or 0) > 0.8


def test_a_covariate_that_leaps_after_the_past_is_held_at_what_was_seen(known: Shop, noise: Floats) -> None:
    leaping = np.where(known.sales.week >= known.sales.weeks - HELD, 1e6, noise)
    assert wape(judged(known, leaping)) < 1.5 * wape(judged(known, noise))


@pytest.mark.parametrize("odd", [1e9, 1e300, -1e308, np.nan])
def test_odd_values_of_a_covariate_do_not_hide_the_others(known: Shop, noise: Floats, odd: float) -> None:
    """Units follow the covariate, but for one row."""
    follow = np.maximum(np.round(known.sales.units * np.exp(0.8 * noise)), 0)
    driven = replace(known, sales=replace(known.sales, units=follow))
    one = noise.copy()
    one[45] = odd
    assert wape(judged(driven, one)) < 1.1 * wape(judged(driven, noise)) < 0.8 * wape(judged(driven))


def test_new_items_alone_cannot_be_judged(known: Shop) -> None:
    old = known.sales.item < 10
    sales = known.sales.where(old == (known.sales.week < known.sales.weeks - HELD))
    with pytest.raises(NothingToJudgeError, match="80 rows held out, of new items"):
        evaluate(sales, known.categories, HELD)


def test_weeks_without_any_sale_cannot_be_judged(known: Shop) -> None:
    sold = known.sales.week < known.sales.weeks - HELD
    with pytest.raises(NothingToJudgeError, match="160 item-weeks held out none sold anything"):
        evaluate(replace(known.sales, units=known.sales.units * sold), known.categories, HELD)


def test_odd_weeks_of_all_items_widen_what_is_forecast(monkeypatch: pytest.MonkeyPatch) -> None:
    calm = shop(items=60, weeks=64, rate=30.0, season=0.0)
    odd = np.exp(0.5 * np.random.default_rng(2).standard_normal(64))[calm.sales.week]
    sales = replace(calm.sales, units=np.round(calm.sales.units * odd))
    right = evaluate(sales, calm.categories, 20).units
    monkeypatch.setattr("training.demand.curves._shock", lambda _: 0.0)
    without = evaluate(sales, calm.categories, 20).units
    assert right.of80 is not None
    assert without.of80 is not None
    assert abs(right.of80 - 0.8) < abs(without.of80 - 0.8)
