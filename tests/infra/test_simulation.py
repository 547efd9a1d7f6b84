"""What `regulars prices simulate` prints fits a screen, and calls a target that is missed missed."""

from math import nan

import pytest
from rich.console import Console

from infra.cli.simulation import RULE, table, verdict
from training.pricing.compare import Score
from training.pricing.scenarios import SCENARIOS


@pytest.mark.parametrize(
    ("scenario", "gain", "worst", "said"),
    [
        ("well priced", 0.0, -0.05, "reached"),
        ("well priced", -0.001, -0.01, "missed: gain below +0.0%"),
        ("prior too flat", -0.005, 0.0, "reached"),
        ("prior too flat", -0.006, -0.051, "missed: gain below -0.5%, an item loses over 5%"),
    ],
)
def test_a_miss_is_called_one(scenario: str, gain: float, worst: float, said: str) -> None:
    assert verdict(Score(scenario, RULE, gain, 0.001, worst, 0.0)) == said
    assert not verdict(Score(scenario, "greedy", gain, 0.001, worst, 0.0))


def test_each_row_is_a_line_of_a_screen_and_nothing_is_minus_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    scores = [Score(each.name, RULE, -0.000001, 0.0012, -0.0001, 0.0) for each in SCENARIOS]
    Console(width=90).print(table([*scores, Score("trend", "best possible", 0.02, nan, 0.0, 0.0)]))
    printed = capsys.readouterr().out
    assert all(any(each.name in line and "± 0.12%" in line for line in printed.splitlines()) for each in SCENARIOS)
    assert "-0.0%" not in printed
    assert "nan" not in printed
    assert "standard error" in " ".join(printed.split())
