"""`regulars prices simulate`: what pricing policies earn where demand is known, and whether the safe rule is safe."""

from collections.abc import Iterable

from rich.table import Table

from training.pricing.compare import Score
from training.pricing.scenarios import SCENARIOS

RULE = "safe rule"
LEAST_GAIN = {True: 0.0, False: -0.005}
"""Of the safe rule, where the prior is right and where it is wrong."""
MOST_LOSS = 0.05


def table(scores: Iterable[Score]) -> Table:
    """A row for each scenario and policy."""
    found = Table(
        "scenario", "policy", "profit against fixed", "worst item", "items that lose over 5%", "target", box=None
    )
    for score in scores:
        found.add_row(
            score.scenario,
            score.policy,
            f"{score.gain:+.2%} ± {score.error:.2%}",
            f"{score.worst:+.1%}",
            f"{score.losers:.2%}",
            verdict(score),
        )
    return found


def verdict(score: Score) -> str:
    """Whether the safe rule reaches its targets; of the other policies nothing is expected."""
    if score.policy != RULE:
        return ""
    (scenario,) = (each for each in SCENARIOS if each.name == score.scenario)
    least = LEAST_GAIN[scenario.well_specified]
    missed = [
        *([f"gain below {least:+.1%}"] if score.gain < least else []),
        *(["an item loses over 5%"] if score.worst < -MOST_LOSS else []),
    ]
    return f"missed: {', '.join(missed)}" if missed else "reached"
