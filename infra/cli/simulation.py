"""`regulars prices simulate`: what pricing policies earn where demand is known, and whether the safe rule is safe."""

from collections.abc import Iterable
from math import isnan

from rich.table import Table

from training.pricing.compare import Score
from training.pricing.scenarios import SCENARIOS

RULE = "safe rule"
LEAST_GAIN = {True: 0.0, False: -0.005}
"""Of the safe rule, where the prior is right and where it is wrong."""
MOST_LOSS = 0.05
CAPTION = (
    "Profit of 60 days against prices left as they are: the mean of the shops, ± its standard error. Worst item: what "
    "the item that does worst gains or loses. Lose > 5%: the share of items that do. Targets are the safe rule's."
)


def table(scores: Iterable[Score]) -> Table:
    """A row for each scenario and policy."""
    found = Table(box=None, caption=CAPTION, caption_justify="left")
    for title in ("scenario", "policy", "profit", "worst item", "lose > 5%", "target"):
        found.add_column(title, no_wrap=title != "target")
    for score in scores:
        sure = "" if isnan(score.error) else f" ± {score.error:.2%}"
        gain, worst = f"{score.gain:+z.2%}{sure}", f"{score.worst:+z.1%}"
        found.add_row(score.scenario, score.policy, gain, worst, f"{score.losers:.1%}", verdict(score))
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
