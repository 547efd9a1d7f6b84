"""Gamma-Gamma has the figures that the literature has of CDNOW, and agrees with `lifetimes`."""

import csv

import numpy as np
import pytest

from tests.training.value import cdnow, made
from tests.training.value.peer import DATA, GammaGammaFitter
from training.value import bgnbd, gamma_gamma
from training.value.gamma_gamma import Spending
from training.value.model import fit
from training.value.prior import AMOUNTS, RATES


def published() -> Spending:
    """Repeat orders and their mean amount, as the authors' own sheet has them."""
    path = DATA / "cdnow_customers_summary_with_transactions.csv"
    rows = [[float(row["x"]), float(row["zbar"])] for row in csv.DictReader(path.read_text().splitlines())]
    return Spending(*np.array(rows).T)


def test_cdnow_has_its_known_parameters() -> None:
    """Fader and Hardie, 2013."""
    assert gamma_gamma.fit(published()) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)
    assert gamma_gamma.fit(cdnow.calibration().repeats) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)


def test_it_is_what_lifetimes_says() -> None:
    spending = published()
    again = spending.orders > 0
    peer = GammaGammaFitter().fit(spending.orders[again], spending.mean[again])
    amounts = gamma_gamma.fit(spending)
    assert amounts == pytest.approx(tuple(peer.params_), rel=1e-3)
    theirs = gamma_gamma.Amounts(*peer.params_)
    mean = peer.conditional_expected_average_profit(spending.orders[again], spending.mean[again])
    np.testing.assert_allclose(
        gamma_gamma.expected(Spending(spending.orders[again], spending.mean[again]), theirs), mean
    )


def test_who_has_no_amount_is_an_average_customer() -> None:
    amounts = gamma_gamma.fit(published())
    (nobody, many) = gamma_gamma.expected(Spending(np.array([0.0, 500.0]), np.array([np.nan, 80.0])), amounts)
    assert nobody == pytest.approx(amounts.average)
    assert many == pytest.approx(80, rel=0.01)


@pytest.mark.parametrize("place", range(3))
def test_the_slope_is_that_of_the_likelihood(place: int) -> None:
    spending = made.customers(500, 1).spending
    those = spending.orders > 0
    slope = gamma_gamma._slopes_of(spending.orders[those], (spending.orders * spending.mean)[those])
    at, step = np.array([4.0, 3.0, 20.0]), np.eye(3)[place] * 1e-5
    measured = (slope(at + step)[0] - slope(at - step)[0]) / 2e-5
    assert slope(at)[1][place] == pytest.approx(measured, rel=1e-5, abs=1e-4)


def test_another_currency_changes_the_scale_alone() -> None:
    spending = made.customers(5_000, 1).spending
    yen = Spending(spending.orders, spending.mean * 150)
    for prior in (None, AMOUNTS):
        ours, theirs = gamma_gamma.fit(spending, prior), gamma_gamma.fit(yen, prior)
        assert theirs == pytest.approx((ours.p, ours.q, ours.v * 150), rel=1e-4)


def test_held_out_money_is_foretold() -> None:
    """By the paper, of repeat orders alone; and as the function does it, of first orders too, which count less."""
    known, came = cdnow.calibration(), cdnow.future()
    model = fit(known)
    assert model.amounts is not None
    ahead = bgnbd.expected(known.frequency, cdnow.WEEKS, model.rates)
    papers, ours = (ahead * gamma_gamma.expected(each, model.amounts) for each in (known.repeats, known.typical))
    assert np.sqrt(np.mean((papers - came.money) ** 2)) <= 72.5
    assert np.sqrt(np.mean((ours - came.money) ** 2)) <= 72.5
    best = np.argsort(-ours, kind="stable")[: len(known) // 5]
    assert came.money[best].sum() / came.money.sum() >= 0.67


def test_a_small_shop_is_foretold_better_with_the_prior() -> None:
    """Of thirty customers of another kind of shop than those the prior comes from, and what others of it then do."""
    rates, errors = made.RATES._replace(r=1.0, alpha=10.0, a=0.4, b=6.0), []
    others = made.customers(2_000, 100, rates)
    for seed in range(12):
        few = made.customers(30, seed, rates).frequency
        ahead = (bgnbd.expected(others.frequency, 13, bgnbd.fit(few, prior)) for prior in (RATES, None))
        errors.append([float(np.sqrt(np.mean((each - others.later) ** 2))) for each in ahead])
    pooled, alone = np.mean(errors, axis=0)
    assert pooled < alone
