"""What an offer brings: shrinkage, the sign of a decision, and intervals that hold the truth as often as they say."""

import random

import pytest

from shared.domain.uplift import Arm, Figures, expected_profit, incremental, rate_of, shrunken


def drawn(rng: random.Random, customers: int, rate: float, profit: int) -> Arm:
    profits = [profit + rng.randint(-900, 900) if rng.random() < rate else 0 for _ in range(customers)]
    return Arm(customers, sum(each != 0 for each in profits), sum(profits), sum(each**2 for each in profits))


def test_without_any_customers_the_owners_guess_stands() -> None:
    assert shrunken(0.04, Figures(), []).mean == 0.04


def test_few_customers_move_it_little_and_many_nearly_all_the_way() -> None:
    few = shrunken(0.03, Figures(Arm(10, 5), Arm(10, 0)), []).mean
    many = shrunken(0.03, Figures(Arm(50_000, 5_000), Arm(50_000, 4_900)), []).mean
    assert 0.03 < few < 0.15
    assert many == pytest.approx(0.002, abs=0.002)


def test_the_shops_other_offers_say_what_to_expect_of_a_new_one() -> None:
    useless = Figures(Arm(20_000, 1_000), Arm(20_000, 1_000))
    assert shrunken(0.05, Figures(), [useless]).mean == pytest.approx(0, abs=0.005)


def test_who_comes_anyway_costs_the_discount() -> None:
    assert expected_profit(0.05, 0.03, 15, 5) > 0 > expected_profit(0.5, 0.03, 15, 5)
    assert expected_profit(0.05, 0.03, 15, 20) < 0
    assert expected_profit(1.0, 0.5, 15, 5) == pytest.approx(-5)
    assert rate_of(90, 90) == pytest.approx(1)
    assert rate_of(0, 14) == 0


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """4 of 100 more order, at 1,500 in place of 2,000: (.10 x 1,500 - .06 x 2,000) = 30 a customer."""
    rng = random.Random(7)  # noqa: S311 - invented customers
    hits = 0
    for _ in range(400):
        figures = Figures(drawn(rng, 900, 0.10, 1_500), drawn(rng, 300, 0.06, 2_000))
        found = incremental(figures)
        assert found is not None
        low, high = found.interval
        hits += low <= 900 * 30 <= high
    assert 0.85 <= hits / 400 <= 0.95


def test_of_few_nothing_is_said() -> None:
    assert incremental(Figures(Arm(9, 1, 100, 10_000), Arm(500, 10, 100, 10_000))) is None
    assert incremental(Figures(Arm(500, 1, 100, 10_000), Arm(9, 0, 0, 0))) is None


def test_sums_in_large_currencies_do_not_cancel() -> None:
    """A billion rupiah each, all alike: there is no variance, in floats there would be."""
    profit = 10**15 + 1
    alike = Arm(1000, 1000, 1000 * profit, 1000 * profit**2)
    found = incremental(Figures(alike, alike))
    assert found is not None
    assert found == (0, 0)
