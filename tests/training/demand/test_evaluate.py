"""Judging on held-out weeks: against peers, on equal terms."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.demand.shops import shop
from training.demand.evaluate import OURS, NothingToJudgeError, evaluate, judgeable, split
from training.demand.peers import Rows, no_price, per_item, per_item_in_range, pooled

OLS, IN_RANGE, POOLED, NO_PRICE = (
    "per-item OLS",
    "per-item OLS, prices in range",
    "pooled slope",
    "no price",
)


def test_ours_is_the_nearest_and_intervals_hold_what_they_say() -> None:
    known = shop(weeks=64)
    result = evaluate(known.sales, known.categories, 12, truth=known.truth)
    ours = result.methods[OURS]
    for name in (OLS, IN_RANGE, POOLED, NO_PRICE):
        assert ours.wape < result.methods[name].wape, name
        assert ours.wape_of_mean < result.methods[name].wape_of_mean, name
        assert ours.deviance < result.methods[name].deviance, name
    assert result.judged == 150 * 12
    assert result.units.of90 == pytest.approx(0.92, abs=0.05)
    assert result.truth is not None
    assert result.truth.of90 is not None
    assert 0.8 <= result.truth.of90 <= 1


def test_forecasts_of_other_prices_than_were_charged_are_worse() -> None:
    """What breaks the model's only new information breaks its forecasts."""
    known = shop(weeks=64)
    held = known.sales.week >= 52
    draw = np.random.default_rng(1)
    price = known.sales.price.copy()
    price[held] = draw.permutation(price[held])
    wrong = evaluate(replace(known.sales, price=price), known.categories, 12).methods[OURS]
    right = evaluate(known.sales, known.categories, 12).methods[OURS]
    assert wrong.wape > 1.2 * right.wape
    assert wrong.deviance > 1.2 * right.deviance


def test_the_past_alone_is_fitted() -> None:
    """Whatever happens in the held-out weeks, the model is the same."""
    known = shop(items=30, weeks=40)
    later = replace(known.sales, units=np.where(known.sales.week >= 28, 999.0, known.sales.units))
    models = [evaluate(sales, known.categories, 12).model for sales in (known.sales, later)]
    assert (models[0].elasticity == models[1].elasticity).all()
    assert (models[0].base == models[1].base).all()


def test_a_short_history_is_the_last_weeks_before_those_held_out() -> None:
    known = shop(items=10, weeks=40)
    past, future = split(known.sales, 12, 13)
    assert [past.weeks, int(future.week.min()), int(future.week.max())] == [13, 13, 24]
    assert len(past.units) == 130
    assert (past.units == known.sales.units[(known.sales.week >= 15) & (known.sales.week < 28)]).all()


@pytest.mark.parametrize("hold_out", [40, 41, 400])
def test_no_week_left_is_said(hold_out: int) -> None:
    known = shop(items=5, weeks=40)
    with pytest.raises(NothingToJudgeError, match="none is left"):
        evaluate(known.sales, known.categories, hold_out)


def test_new_items_and_stock_outs_are_not_judged_and_counted() -> None:
    known = shop(items=5, weeks=20)
    stocked = np.ones(100, dtype=np.bool_)
    stocked[[18, 19]] = False
    sales = replace(known.sales, in_stock=stocked).where((known.sales.item != 4) | (known.sales.week >= 10))
    asked, left_out = judgeable(*split(sales, 10, None))
    assert left_out == {"held out, out of stock": 2, "held out, of new items": 10}
    assert len(asked.units) == 38


def rows(item: list[int], price: list[float], units: list[float]) -> Rows:
    return Rows(np.array(item, np.int32), np.log(price), np.array(units))


def test_peers_by_hand() -> None:
    past = rows([0, 0, 0, 0, 1, 1], [1, 2, 1, 2, 5, 5], [7.5, 1.5, 7.5, 1.5, 3, 5])
    asked = rows([0, 0, 1], [1, 4, 5], [0, 0, 0])
    assert no_price(past, asked, 2).units == pytest.approx([4.5, 4.5, 4])
    # (8, 2) units at prices (1, 2): the slope is -2, half a unit is taken off again.
    assert per_item(past, asked, 2).slope == pytest.approx([-2, 0])
    assert per_item(past, asked, 2).units == pytest.approx([7.5, 0.0, np.sqrt(3.5 * 5.5) - 0.5])
    assert per_item_in_range(past, asked, 2).units[1] == pytest.approx(1.5)
    # Poisson: 15 units at 1 and 3 at 2 are a slope of log(5) / log(2).
    slope = -np.log(5) / np.log(2)
    assert pooled(past, asked, 2).slope == pytest.approx([slope, slope], abs=1e-4)
    assert pooled(past, asked, 2).units == pytest.approx([7.5, 1.5 / 5, 4], abs=1e-4)
