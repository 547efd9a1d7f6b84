"""The safe rule where demand is known, and what it believes of shops whose prices say something, or nothing."""

import numpy as np
import pytest

from training.pricing import belief as beliefs
from training.pricing import rule
from training.pricing.belief import GRID, Belief, Known, believe
from training.pricing.policies import safe
from training.pricing.rule import Lately, safe_price
from training.pricing.scenarios import ITEMS, SCENARIOS, shop
from training.pricing.simulator import fixed, simulate

NAMED = {each.name: each for each in SCENARIOS}
UNSEEN = 901
"""A seed that neither a report nor a choice of parameters has seen."""


def believed(elasticity: float, spread: float) -> Belief:
    weights = np.exp(-0.5 * ((GRID - np.log(elasticity)) / spread) ** 2)[None, :]
    return Belief(weights / weights.sum(), 0.0)


def moved(elasticity: float, cost: float, spread: float = 0.08, high: float = 10.0) -> float:
    price = np.array([10.0])
    lately = Lately(np.array([10.0]), np.array([high]))
    return float(safe_price(believed(elasticity, spread), price, lately, np.array([cost]))[0])


@pytest.mark.parametrize(("cost", "way"), [(3.0, -1), (6.0, 0), (8.0, 1)])
def test_a_price_moves_towards_the_best_by_a_step_at_most(cost: float, way: int) -> None:
    """At an elasticity of 2.5 the best price is 5/3 of the cost."""
    assert moved(2.5, cost) == pytest.approx(10 * (1 + 0.05 * way))


def test_who_is_not_sure_does_not_move() -> None:
    flat = Belief(np.full((1, len(GRID)), 1 / len(GRID)), 0.0)
    lately = Lately(np.array([10.0]), np.array([10.0]))
    assert safe_price(flat, np.array([10.0]), lately, np.array([5.0]))[0] == 10


def test_small_steps_do_not_add_up_to_a_large_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    assert moved(2.5, 4.0, spread=0.2) == pytest.approx(9.5)
    assert moved(2.5, 4.0, spread=0.2, high=13.0) == 10
    monkeypatch.setattr(rule, "MOST_LOSS", 1.0)
    assert moved(2.5, 4.0, spread=0.2, high=13.0) == pytest.approx(9.5)


def test_margins_count_where_they_follow_elasticities_and_not_where_they_are_a_markup() -> None:
    draw = np.random.default_rng(5)
    log_elasticity = draw.normal(np.log(2.5), 0.25, 300)
    best = np.exp(log_elasticity) / (np.exp(log_elasticity) - 1)
    told = {
        "likelihood": np.ones((300, len(GRID))),
        "mean": np.full(300, np.log(2.5)),
        "spread": np.full(300, 0.25),
        "category": np.zeros(300, np.int64),
    }
    follows = believe(Known(**told, multiple=best * np.exp(draw.normal(0, 0.05, 300))))
    markup = believe(Known(**told, multiple=1.67 * np.exp(draw.normal(0, 0.02, 300))))
    assert follows.markup < 0.01
    assert markup.markup > 0.99
    assert np.corrcoef(np.log(follows.quantile(0.5)), log_elasticity)[0, 1] > 0.8
    assert np.ptp(markup.quantile(0.5)) < 0.01


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    one = shop(NAMED["somewhat off"], UNSEEN)
    mean, spread = one.prior_mean[one.category], np.full(ITEMS, 0.25)
    known = Known(np.ones((ITEMS, len(GRID))), mean, spread, one.category, one.price / one.cost)
    whole = believe(known).weights
    monkeypatch.setattr(beliefs, "CHUNK", 33)
    assert believe(known).weights == pytest.approx(whole)


@pytest.mark.parametrize("name", ["somewhat off", "prior too elastic", "one markup"])
def test_the_rule_earns_in_a_shop_that_nothing_was_chosen_on(name: str) -> None:
    one = shop(NAMED[name], UNSEEN)
    before, after = simulate(one, fixed, UNSEEN), simulate(one, safe, UNSEEN)
    assert after.sum() > before.sum()
    assert (after / before).min() > 0.95
