"""BG/NBD has the figures that the literature has of CDNOW, agrees with `lifetimes` and with drawn customers."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.integrate import quad
from scipy.stats import beta, rankdata

from tests.training.value import cdnow, made
from tests.training.value.peer import BetaGeoFitter
from training.value import bgnbd
from training.value.bgnbd import Frequency, Rates
from training.value.likelihood import NotFittedError, Prior, maximise

type Floats = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def rates() -> Rates:
    return bgnbd.fit(cdnow.calibration().frequency)


def test_cdnow_has_its_known_parameters(rates: Rates) -> None:
    """Fader, Hardie and Lee, 2005, table 2."""
    assert (len(cdnow.calibration()), cdnow.calibration().repeat_buyers) == (2357, 946)
    assert rates == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=0.0006)
    assert bgnbd.log_likelihood(cdnow.calibration().frequency, rates) == pytest.approx(-9582.4, abs=0.05)


def test_it_is_what_lifetimes_says(rates: Rates) -> None:
    known = cdnow.calibration().frequency
    peer = BetaGeoFitter().fit(known.x, known.recency, known.age)
    assert rates == pytest.approx(tuple(peer.params_), rel=1e-3)
    theirs = Rates(*peer.params_)
    ahead = peer.conditional_expected_number_of_purchases_up_to_time(39, known.x, known.recency, known.age)
    np.testing.assert_allclose(bgnbd.expected(known, 39, theirs), ahead, rtol=1e-9)
    chances = peer.conditional_probability_alive(known.x, known.recency, known.age)
    np.testing.assert_allclose(bgnbd.alive(known, theirs), chances, rtol=1e-9)


@pytest.mark.parametrize("place", range(4))
def test_the_slope_is_that_of_the_likelihood(place: int) -> None:
    known, at = made.customers(500, 1).frequency, np.array([0.4, 6.0, 0.7, 2.0])
    step = np.eye(4)[place] * 1e-5
    slope = bgnbd._slopes_of(known)
    measured = (slope(at + step)[0] - slope(at - step)[0]) / 2e-5
    assert slope(at)[1][place] == pytest.approx(measured, rel=1e-5, abs=1e-3)


def test_it_finds_the_parameters_that_customers_were_drawn_with() -> None:
    """Of so many, first of some and then of all; from another half of them it is not far."""
    first, second = (bgnbd.fit(made.customers(40_000, seed).frequency) for seed in (1, 2))
    assert first == pytest.approx(made.RATES, rel=0.06)
    assert second == pytest.approx(made.RATES, rel=0.06)
    assert first != second


def test_some_first_changes_nothing_but_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    known = made.customers(20_000, 3).frequency
    in_two = bgnbd.fit(known)
    monkeypatch.setattr(bgnbd, "ROUGHLY", len(known.x))
    assert in_two == pytest.approx(bgnbd.fit(known), rel=1e-5)


def test_what_is_expected_is_what_comes_on_average() -> None:
    drawn = made.customers(60_000, 4)
    ahead = bgnbd.expected(drawn.frequency, 13, made.RATES)
    for few, most in ((0, 0), (1, 2), (3, 9), (10, 10_000)):
        those = (drawn.frequency.x >= few) & (drawn.frequency.x <= most)
        spread = drawn.later[those].std() / np.sqrt(those.sum())
        assert abs(ahead[those].mean() - drawn.later[those].mean()) < 4 * spread


@pytest.mark.parametrize("a", [0.02, 0.999_999_9, 1.0, 1.7, 60.0])
@pytest.mark.parametrize(("x", "recency", "age"), [(0, 0, 3), (1, 2, 90), (40, 30, 31), (2_000, 200, 201)])
def test_the_formula_is_the_integral(a: float, x: int, recency: float, age: float) -> None:
    """Also where the paper's own form divides by zero, or multiplies nothing by infinity."""
    rates, weeks = Rates(0.6, 4.0, a, 3.0), 13.0
    known = Frequency(np.array([float(x)]), np.array([float(recency)]), np.array([float(age)]))

    def until_stopped(p: float) -> float:
        """What comes of somebody alive who stops with this chance, whatever their pace."""
        return float(-np.expm1(-(rates.r + x) * np.log1p(p * weeks / (rates.alpha + age))) / p)

    alive = quad(lambda p: until_stopped(p) * beta.pdf(p, a, rates.b + x), 0, 1, limit=500)[0]
    if a >= 0.5:
        ahead = float(bgnbd.expected(known, weeks, rates)[0])
        assert ahead == pytest.approx(alive * float(bgnbd.alive(known, rates)[0]), rel=2e-4)
    found = bgnbd.expected(known, weeks, rates)[0]
    assert 0 <= found <= (rates.r + x) / (rates.alpha + age) * weeks


def auc(score: Floats, positive: npt.NDArray[np.bool_]) -> float:
    """The chance that one of those has a higher score than one of the others."""
    ones, ranks = positive.sum(), rankdata(score)
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * (~positive).sum()))


def test_churn_is_ranked_by_expected_orders(rates: Rates) -> None:
    """By the chance of being alive it is worse than by lot: who ordered once has 1."""
    known, gone = cdnow.calibration().frequency, cdnow.future().orders == 0
    assert auc(-bgnbd.expected(known, cdnow.WEEKS, rates), gone) == pytest.approx(0.773, abs=0.001)
    assert auc(-bgnbd.alive(known, rates), gone) == pytest.approx(0.316, abs=0.001)
    assert (bgnbd.alive(known, rates)[known.x == 0] == 1).all()


def test_held_out_orders_are_foretold(rates: Rates) -> None:
    ahead = bgnbd.expected(cdnow.calibration().frequency, cdnow.WEEKS, rates)
    assert np.sqrt(np.mean((ahead - cdnow.future().orders) ** 2)) <= 1.61


def test_a_prior_holds_where_there_is_little_and_yields_where_there_is_much() -> None:
    prior = Prior((3.0, 30.0, 3.0, 3.0), (0.5, 0.5, 0.5, 0.5))
    few = bgnbd.fit(made.customers(4, 5).frequency, prior)
    assert few == pytest.approx(prior.centre, rel=0.6)
    many, alone = (bgnbd.fit(made.customers(40_000, 1).frequency, each) for each in (prior, None))
    assert many == pytest.approx(alone, rel=0.05)


def test_a_search_without_an_end_says_so() -> None:
    def jagged(values: Floats) -> tuple[float, Floats]:
        return float(np.nan), np.full(len(values), np.nan)

    with pytest.raises(NotFittedError):
        maximise([jagged], (1.0, 1.0), ((0.1, 10), (0.1, 10)), None)
