"""The commands about themes and issues: what an owner reads of an answer."""

import io
from datetime import UTC, date, datetime
from typing import Any

from rich.console import Console

from functions.feedback.themes import Issues, Themes
from infra.cli.themes import show_issues, show_themes, sparkline
from shared.domain.feedback import Issue, ItemCount, Quote, RatingEffect, Theme, WeekCount

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
QUOTE = Quote(feedback_id="f", text="The zip [broke].", score=-0.8, time=NOW, item_id="coat")
THEME = Theme(
    theme_id="th_1",
    label="broken zip",
    terms=("broken zip",),
    count=12,
    net_sentiment=-0.71,
    trend=2.4,
    trend_low=1.2,
    trend_high=4.8,
    rating_effect=RatingEffect(stars=-1.3, low=-1.9, high=-0.7, rated=11),
    weeks=tuple(WeekCount(week=date(2026, 11, 2 + 7 * n), count=n * 4, total=20) for n in range(3)),
    items=(ItemCount(item_id="coat", count=9),),
    quotes=(QUOTE,),
    first_seen=date(2026, 11, 2),
)
ISSUE = Issue(
    issue_id="is_1",
    theme_id="th_1",
    label="broken zip",
    status="open",
    raised=date(2026, 11, 21),
    as_of=date(2026, 11, 22),
    days=7,
    count=3,
    expected=0.2,
    p_value=0.0004,
    net_sentiment=-0.8,
    text="3 people mentioned “broken zip” this week; normally 0.2.",
    items=(ItemCount(item_id="coat", count=3),),
    quotes=(QUOTE,),
)


def shown(what: Any, told: Any) -> str:
    to = Console(file=io.StringIO(), width=160)
    what(told, to)
    file: Any = to.file
    return str(file.getvalue())


def test_a_theme_is_a_line_with_its_weeks_and_quotes() -> None:
    text = shown(show_themes, Themes(as_of=NOW, feedback=300, sampled=0.4, themes=[THEME]))
    for part in ("broken zip", "12", "▁▅█", "-0.71", "x2.4", "-1.3 (-1.9 to -0.7)", "coat", "“The zip [broke].”"):
        assert part in text
    assert "300 pieces of feedback, 40% of it read" in text


def test_a_trend_that_may_be_chance_is_called_steady() -> None:
    steady = THEME.model_copy(update={"trend_low": 0.8})
    text = shown(show_themes, Themes(as_of=NOW, themes=[steady]))
    assert "steady" in text
    assert "x2.4" not in text


def test_an_issue_is_a_sentence_with_quotes() -> None:
    text = shown(show_issues, Issues(as_of=NOW, feedback=300, issues=[ISSUE]))
    assert "3 people mentioned “broken zip” this week; normally 0.2. (open, since 21 November)" in text
    assert "coat (3)" in text


def test_nothing_is_said_to_be_nothing() -> None:
    assert "regulars feedback analyse" in shown(show_themes, Themes(as_of=None, themes=[]))
    assert "No issues." in shown(show_issues, Issues(as_of=None, issues=[]))


def test_bars_reach_from_nothing_to_the_most() -> None:
    assert sparkline([0, 1, 2, 4]) == "▁▃▅█"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([]) == ""
