"""Made-up shops whose elasticities are known."""

from dataclasses import dataclass

import numpy as np

from training.demand.panel import Floats, Panel


@dataclass(frozen=True)
class Shop:
    """Sales, each item's category, and each one's true elasticity."""

    sales: Panel
    categories: list[str | None]
    truth: Floats


def shop(items: int = 150, weeks: int = 52, rate: float = 6.0, seed: int = 1, season: float = 0.3) -> Shop:
    """Five categories of different elasticity and season; prices are cut in one week of five."""
    draw = np.random.default_rng(seed)
    group = np.arange(items) % 5
    truth = np.clip(np.linspace(-3.2, -1.4, 5)[group] + 0.5 * draw.standard_normal(items), -6.0, -0.3)
    item, week = np.repeat(np.arange(items, dtype=np.int32), weeks), np.tile(np.arange(weeks, dtype=np.int32), items)
    cut = np.where(draw.random(len(item)) < 0.2, np.log(draw.choice([0.9, 0.8, 0.7], len(item))), 0.0)
    usual, level = draw.normal(2.0, 0.5, items), np.log(rate) + 0.7 * draw.standard_normal(items)
    course = season * np.sin(2 * np.pi * week / 52 + group[item])
    expected = np.exp(level[item] + course + truth[item] * cut)
    units = draw.poisson(expected * draw.gamma(6.0, 1 / 6.0, len(item))).astype(np.float64)
    sales = Panel(tuple(f"item {each}" for each in range(items)), item, week, np.exp(usual[item] + cut), units)
    return Shop(sales, [f"category {each}" for each in group], truth)
