"""What policies earn over the scenarios, in profit against prices left as they are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from training.pricing.arrays import Doubles
from training.pricing.scenarios import SCENARIOS, SEEDS, Scenario, shop
from training.pricing.simulator import Policy, best, fixed, simulate


class Score(NamedTuple):
    """Shares of the profit of fixed prices: the mean gain over shops, its standard error, and the worst item's."""

    scenario: str
    policy: str
    gain: float
    error: float
    worst: float
    losers: float
    """The share of items that lose over 5%."""


BEST = "best possible"
MUCH = 0.05


def compare(
    policies: Mapping[str, Policy], scenarios: Sequence[Scenario] = SCENARIOS, seeds: Sequence[int] = SEEDS
) -> Iterator[Score]:
    """Each policy in each scenario, after the best that is possible there."""
    for scenario in scenarios:
        shops = {seed: shop(scenario, seed) for seed in seeds}
        kept = [simulate(each, fixed, seed) for seed, each in shops.items()]
        yield _score(scenario, BEST, [best(each) for each in shops.values()], kept)
        for name, policy in policies.items():
            yield _score(scenario, name, [simulate(each, policy, seed) for seed, each in shops.items()], kept)


def _score(scenario: Scenario, policy: str, earned: Sequence[Doubles], kept: Sequence[Doubles]) -> Score:
    gains = np.array([made.sum() / before.sum() - 1 for made, before in zip(earned, kept, strict=True)])
    items = np.concatenate([_each(made, before) for made, before in zip(earned, kept, strict=True)])
    error = gains.std(ddof=1) / len(gains) ** 0.5 if len(gains) > 1 else float("nan")
    losers = float((items < -MUCH).mean())
    return Score(scenario.name, policy, float(gains.mean()), float(error), float(items.min()), losers)


def _each(made: Doubles, before: Doubles) -> Doubles:
    """Of the items that earn anything; one that was out of stock all the time neither gains nor loses."""
    earns = before > 0
    shares: Doubles = made[earns] / before[earns] - 1
    return shares
