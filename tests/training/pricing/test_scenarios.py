"""The scenarios are as they were committed, before any policy was; what is simulated can be worked out by hand."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import pytest

from training.pricing.arrays import Doubles
from training.pricing.scenarios import DAYS, HISTORY, ITEMS, SCENARIOS, SEEDS, Scenario, shop
from training.pricing.simulator import Seen, Shop, best, fixed, simulate

FIRST, LATER = SCENARIOS[:7], SCENARIOS[7:]
TRUTHS = "73b287c181e88eb6b2f237f460fe2d71b2fee69fd73889eaf3348703acdb3976"
"""Never to be changed: whoever needs another scenario adds one, with a hash of its own."""
LATER_TRUTHS = "9db98faa8a1acaf1b2830377d77d20debf1b514bcd7d76b03016e5a395176aa9"
"""Of those that were added before the safe rule was tuned."""


def flat(**changes: object) -> Shop:
    """One item that costs 5, is sold at 10 twice a day at an elasticity of 2, with nothing else happening."""
    days = 14
    truth: dict[str, object] = {
        "category": np.zeros(1, np.int64),
        "cost": np.array([5.0]),
        "price": np.array([10.0]),
        "elasticity": np.array([2.0]),
        "rate": np.full((1, days), 2.0),
        "history": np.full((1, 7), 10.0),
        "in_stock": np.ones((1, days), np.bool_),
        "competitor": np.full((1, days), 10.0),
        "cross": np.array([0.6]),
        "steeper": np.ones((1, days)),
        "prior_mean": np.log([2.0]),
        "prior_spread": 0.25,
        "uniform": np.full((1, days), 0.5),
    }
    return Shop(**(truth | changes))  # type: ignore[arg-type]


def always(share: float) -> object:
    def policy(seen: Seen, _draw: np.random.Generator) -> Doubles:
        return seen.first_price * share

    return policy


@pytest.mark.parametrize(("scenarios", "count", "truths"), [(FIRST, 7, TRUTHS), (LATER, 4, LATER_TRUTHS)])
def test_the_truths_are_those_that_were_committed_before_any_policy(
    scenarios: Sequence[Scenario], count: int, truths: str
) -> None:
    digest = sha256()
    for scenario in scenarios:
        for seed in SEEDS:
            digest.update(f"{scenario.name} {seed} {shop(scenario, seed).fingerprint()};".encode())
    assert (len(SEEDS), len(scenarios), ITEMS, HISTORY, DAYS) == (20, count, 200, 91, 60)
    assert digest.hexdigest() == truths


def test_what_policies_are_promised_is_of_the_pinned_scenarios() -> None:
    """A prior that is wrong is called wrong, else its target would be another one."""
    wrong = {"prior too elastic", "prior too flat", "one markup, too elastic", "one markup, too flat"}
    assert {each.name for each in SCENARIOS if not each.well_specified} == wrong


def test_another_spread_is_another_truth() -> None:
    as_it_is, other = SCENARIOS[0], Scenario("well priced", bias=0.0, spread=0.1001)
    assert shop(as_it_is, 1).fingerprint() != shop(other, 1).fingerprint()


def test_the_profit_of_a_price_is_units_times_margin() -> None:
    assert simulate(flat(), fixed, 1) == pytest.approx(7 * 2 * (10 - 5))
    dearer = simulate(flat(), always(1.1), 1)  # type: ignore[arg-type]
    assert dearer == pytest.approx(7 * 2 * 1.1**-2 * (11 - 5))


def test_no_policy_leaves_the_range_and_none_sets_a_price_that_is_none() -> None:
    beyond, edge = simulate(flat(), always(3.0), 1), simulate(flat(), always(1.2), 1)  # type: ignore[arg-type]
    assert beyond == pytest.approx(edge)
    with pytest.raises(ValueError, match="none"):
        simulate(flat(), always(float("nan")), 1)  # type: ignore[arg-type]


def test_the_best_of_a_price_that_is_right_is_to_leave_it() -> None:
    assert best(flat()) == pytest.approx(simulate(flat(), fixed, 1))
    assert best(flat(cost=np.array([7.0]))) == pytest.approx(7 * 2 * 1.2**-2 * (12 - 7))


def test_what_is_out_of_stock_earns_nothing_and_a_cheaper_competitor_takes_sales() -> None:
    out = np.ones((1, 14), np.bool_)
    out[:, 7:] = False
    assert simulate(flat(in_stock=out), fixed, 1) == 0
    assert simulate(flat(competitor=np.full((1, 14), 8.5)), fixed, 1) == pytest.approx(70 * 0.85**0.6)


def test_a_policy_sees_what_was_sold_and_nothing_of_days_to_come() -> None:
    looks: list[Seen] = []

    def looking(seen: Seen, _draw: np.random.Generator) -> Doubles:
        looks.append(seen)
        return seen.current

    simulate(flat(uniform=np.full((1, 14), 0.9)), looking, 1)
    assert [look.units.tolist() for look in looks] == [[[4] * 7]]
    assert looks[0].competitor.shape == looks[0].in_stock.shape == (1, 7)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_there_is_something_to_gain_in_each_scenario_and_not_much(scenario: Scenario) -> None:
    gain = best(one := shop(scenario, SEEDS[0])).sum() / simulate(one, fixed, SEEDS[0]).sum() - 1
    assert 0.01 < gain < (0.15 if scenario.markup else 0.08)
