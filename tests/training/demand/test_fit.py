"""The demand model against sales whose elasticities are known, and on the bad days of a shop."""

from dataclasses import replace

import numpy as np
import pytest

from shared.inference.demand import FLATTEST, STEEPEST
from tests.training.demand.shops import Shop, shop
from training.demand.fit import fit
from training.demand.panel import Floats, Panel, on_sale


@pytest.fixture(scope="module")
def known() -> Shop:
    return shop()


def few(price: Floats, units: Floats, **other: object) -> Panel:
    """One item, a row a week."""
    weeks = np.arange(len(price), dtype=np.int32)
    return Panel(("a",), np.zeros_like(weeks), weeks, price, units, **other)  # type: ignore[arg-type]


def joined(one: Panel, price: Floats, units: Floats) -> Panel:
    """A shop with one item more."""
    weeks = np.arange(len(price), dtype=np.int32)
    return Panel(
        (*one.items, "more"),
        np.concatenate([one.item, np.full_like(weeks, len(one.items))]),
        np.concatenate([one.week, weeks]),
        np.concatenate([one.price, price]),
        np.concatenate([one.units, units]),
    )


def test_known_elasticities_are_found_and_the_intervals_hold_them(known: Shop) -> None:
    model = fit(known.sales, known.categories)
    assert np.sqrt(np.mean((model.elasticity - known.truth) ** 2)) < 0.55
    assert np.corrcoef(model.elasticity, known.truth)[0, 1] > 0.8


def test_nine_tenths_of_true_elasticities_are_in_their_90_percent_intervals() -> None:
    held = []
    for seed in range(4):
        known = shop(items=120, weeks=40, seed=seed)
        low, high = fit(known.sales, known.categories).elasticity_interval(0.9).T
        held.append(((known.truth >= low) & (known.truth <= high)).mean())
    assert 0.85 <= np.mean(held) <= 0.96


def test_without_the_prices_the_answer_is_another(known: Shop) -> None:
    """Prices shuffled over the weeks say that price does nothing."""
    mixed = np.random.default_rng(0).permutation(len(known.sales.price))
    items = known.sales.item
    at_random = known.sales.price[np.lexsort((mixed, items))]
    flat = fit(replace(known.sales, price=at_random), known.categories)
    assert np.median(flat.elasticity) > -0.6
    assert np.median(fit(known.sales, known.categories).elasticity) < -1.8


def test_all_is_finite_and_inside_the_clip(known: Shop) -> None:
    model = fit(known.sales, known.categories)
    for name in (
        "base",
        "base_sd",
        "elasticity",
        "elasticity_sd",
        "prior",
        "own_share",
        "size",
        "season",
        "correlation",
    ):
        assert np.isfinite(getattr(model, name)).all(), name
    assert model.elasticity.min() >= STEEPEST
    assert model.elasticity.max() <= FLATTEST


def test_an_item_with_five_sales_is_mostly_its_category_and_says_so(known: Shop) -> None:
    price = np.where(np.arange(52) % 5 == 0, 3.0, 4.0)
    units = np.zeros(52)
    units[[3, 10, 20, 31, 45]] = 1
    model = fit(joined(known.sales, price, units), [*known.categories, "category 0"])
    found = model.elasticity_of("more")
    assert found.own_share < 0.25
    assert found.weeks == 5
    assert abs(found.value - found.prior) < 0.5
    busy = model.elasticity_of(model.items[int(np.argmax(known.truth * 0 + model.own_share[:-1]))])
    assert busy.own_share > 0.5


def test_a_price_that_never_moved_has_its_categorys_elasticity_and_says_so(known: Shop) -> None:
    model = fit(joined(known.sales, np.full(52, 4.0), np.full(52, 7.0)), [*known.categories, "category 0"])
    found = model.elasticity_of("more")
    assert not found.moved
    assert found.own_share == pytest.approx(0.0, abs=1e-6)
    assert found.value == pytest.approx(found.prior, abs=0.02)
    assert found.low90 < found.value < found.high90


def test_where_no_price_ever_moved_the_usual_is_assumed_and_doubted() -> None:
    known = shop(items=20)
    model = fit(replace(known.sales, price=np.full(len(known.sales.price), 4.0)), known.categories)
    assert model.elasticity == pytest.approx(np.full(20, -2.0), abs=0.1)
    low, high = model.elasticity_interval(0.9).T
    assert ((high - low) > 1.5).all()


def test_stock_outs_are_masked(known: Shop) -> None:
    """A tenth of weeks sold nothing because there was none: masked, levels stay; unmasked, they fall."""
    out = np.random.default_rng(2).random(len(known.sales.units)) < 0.25
    emptied = replace(known.sales, units=np.where(out, 0.0, known.sales.units))
    whole = fit(known.sales, known.categories).base
    masked = fit(replace(emptied, in_stock=~out), known.categories).base
    unmasked = fit(emptied, known.categories).base
    assert abs(np.mean(masked - whole)) < 0.05
    assert np.mean(unmasked - whole) < -0.15


def test_a_covariate_takes_its_part(known: Shop) -> None:
    """Half of the cuts were also displayed, which doubles sales: told, elasticities stay; untold, they look steeper."""
    draw = np.random.default_rng(3)
    regular = np.array([known.sales.price[known.sales.item == each].max() for each in range(len(known.sales.items))])
    shown = (known.sales.price < 0.95 * regular[known.sales.item]) & (draw.random(len(known.sales.price)) < 0.5)
    units = np.where(shown, draw.poisson(2 * known.sales.units), known.sales.units).astype(np.float64)
    untold = replace(known.sales, units=units)
    told = replace(untold, covariates=shown[:, None].astype(np.float64), names=("display",))
    model = fit(told, known.categories)
    assert np.mean(model.covariates) == pytest.approx(np.log(2), abs=0.2)
    assert abs(np.mean(model.elasticity - known.truth)) < 0.25
    assert np.mean(fit(untold, known.categories).elasticity - known.truth) < -0.5


def test_a_covariate_in_other_units_gives_the_same_forecasts(known: Shop) -> None:
    draw = np.random.default_rng(4)
    degrees = draw.normal(15, 8, len(known.sales.units))
    rows, ahead = np.arange(3, dtype=np.int32), np.zeros(3, np.int32)
    found = []
    for scale, shift in ((1.0, 0.0), (1.8, 32.0)):
        sales = replace(known.sales, covariates=(degrees * scale + shift)[:, None], names=("temperature",))
        model = fit(sales, known.categories)
        found.append(model.expected(rows, np.full(3, 7.0), ahead, np.full((3, 1), 20.0 * scale + shift)))
    assert found[0] == pytest.approx(found[1], rel=1e-3)


def test_a_yearly_course_is_told_for_the_weeks_to_come() -> None:
    known = shop(items=60, weeks=110, season=0.6)
    model = fit(known.sales, known.categories)
    week = 110 + np.arange(26)
    truth = 0.6 * np.sin(2 * np.pi * week / 52)
    course = model.season[0, :26]
    assert np.corrcoef(course, truth)[0, 1] > 0.9


@pytest.mark.parametrize("bad", [np.nan, 0.0, -3.0, np.inf])
def test_unknown_prices_do_no_harm(known: Shop, bad: float) -> None:
    price = known.sales.price.copy()
    price[np.random.default_rng(5).random(len(price)) < 0.02] = bad
    model = fit(replace(known.sales, price=price), known.categories)
    assert np.sqrt(np.mean((model.elasticity - known.truth) ** 2)) < 0.6


def test_mistyped_prices_and_spikes_do_little_harm(known: Shop) -> None:
    draw = np.random.default_rng(6)
    price, units = known.sales.price.copy(), known.sales.units.copy()
    price[draw.random(len(price)) < 0.01] *= 100
    units[draw.random(len(units)) < 0.002] += 5_000
    model = fit(replace(known.sales, price=price, units=units), known.categories)
    assert np.sqrt(np.mean((model.elasticity - known.truth) ** 2)) < 0.8
    at_regular = model.expected(np.arange(150, dtype=np.int32), np.exp(model.reference), np.zeros(150, np.int32))
    assert np.median(at_regular) < 15


@pytest.mark.parametrize("weeks", [1, 2, 5])
def test_a_few_weeks_of_one_item_are_enough_to_say_little(weeks: int) -> None:
    model = fit(few(np.linspace(4, 5, weeks), np.full(weeks, 3.0)), [None])
    found = model.elasticity_of("a")
    assert found.own_share < 0.3
    assert found.high90 - found.low90 > 0.8
    assert 1 < model.curve("a", [4.5]).units[0, 0] < 9


def test_nothing_sold_at_all() -> None:
    model = fit(few(np.full(20, 4.0), np.zeros(20)), [None])
    assert model.curve("a", [4.0]).units[0, 0] < 0.2


def test_no_price_ever() -> None:
    model = fit(few(np.full(20, np.nan), np.full(20, 3.0)), [None])
    assert not model.elasticity_of("a").moved
    assert model.curve("a", [4.0]).units[0, 0] == pytest.approx(3.0, rel=0.15)


def test_no_rows_and_weeks_told_twice_are_refused() -> None:
    empty = np.empty(0)
    with pytest.raises(ValueError, match="no sales"):
        fit(Panel((), empty.astype(np.int32), empty.astype(np.int32), empty, empty), [])
    twice = replace(few(np.full(3, 4.0), np.ones(3)), week=np.array([0, 1, 1], np.int32))
    with pytest.raises(ValueError, match="more than once"):
        fit(twice, [None])


def test_weeks_not_written_down_become_zeros_at_the_last_price() -> None:
    sparse = Panel(
        ("a", "b"),
        np.array([0, 0, 1], np.int32),
        np.array([1, 4, 2], np.int32),
        np.array([3.0, 2.0, 9.0]),
        np.array([1.0, 5.0, 2.0]),
    )
    filled = on_sale(sparse)
    rows = sorted(
        zip(filled.item.tolist(), filled.week.tolist(), filled.price.tolist(), filled.units.tolist(), strict=True)
    )
    assert rows == [(0, 1, 3, 1), (0, 2, 3, 0), (0, 3, 3, 0), (0, 4, 2, 5), (1, 2, 9, 2), (1, 3, 9, 0), (1, 4, 9, 0)]


def test_more_items_than_the_sample_are_all_fitted(known: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shared is learnt on a sample: the items beyond it come out as if it were learnt on all."""
    whole = fit(known.sales, known.categories)
    monkeypatch.setattr("training.demand.fit.SAMPLE", 80)
    monkeypatch.setattr("training.demand.passes.CHUNK", 37)
    sampled = fit(known.sales, known.categories)
    assert np.corrcoef(whole.elasticity, sampled.elasticity)[0, 1] > 0.97
    assert np.abs(whole.base - sampled.base).max() < 0.3
