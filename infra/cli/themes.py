"""The commands about what customers speak of: themes, issues, and the nightly run that finds them, run now."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from functions.feedback.themes import Issues, IssueStatus, Sign, Themes
from infra.cli import nightly
from infra.cli.calls import said, told
from infra.cli.options import AsJson, Key, Local, Stack, find
from shared.domain.feedback import Issue, Quote, Theme

BARS = "▁▂▃▄▅▆▇█"
SHOWN_WEEKS = 13
app = typer.Typer()
"""Part of `regulars feedback`."""
out = Console()

Limit = Annotated[int, typer.Option(min=1, max=100, help="How many at most.")]


@app.command("themes")
def list_themes(
    item: Annotated[str | None, typer.Option(help="Only those that are about this item.")] = None,
    aspect: Annotated[str | None, typer.Option(help="Only those of this aspect.")] = None,
    sentiment: Annotated[Sign | None, typer.Option(help="Only the good or the bad ones.")] = None,
    limit: Limit = 20,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """What customers speak of, the most spoken of first: how often, how gladly, and in whose words."""
    wanted = {"item_id": item, "aspect": aspect, "sentiment": sentiment and sentiment.value, "limit": limit}
    with find(local, stack, key).api(key) as api:
        found = Themes.model_validate(told(api.get("/v1/feedback/themes", params=said(wanted))))
    if as_json:
        print(found.model_dump_json())
    else:
        show_themes(found, out)


@app.command("issues")
def list_issues(
    status: Annotated[IssueStatus | None, typer.Option(help="Only open or closed ones.")] = None,
    limit: Limit = 20,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """What has just begun to go wrong, with quotes; open ones first."""
    wanted = {"status": status and status.value, "limit": limit}
    with find(local, stack, key).api(key) as api:
        found = Issues.model_validate(told(api.get("/v1/feedback/issues", params=said(wanted))))
    if as_json:
        print(found.model_dump_json())
    else:
        show_issues(found, out)


@app.command("analyse")
def analyse_now(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """Look for themes and issues now, and not at night. New issues are told to whoever is to be told."""
    done = nightly.run(find(local, stack), "themes")
    if as_json:
        print(json.dumps(done))
    elif done["run_id"] is None:
        out.print(done["reason"], highlight=False)
    else:
        out.print(
            f"{done['read']:,} of {done['feedback']:,} pieces of feedback read: {done['themes']} themes, "
            f"{done['open_issues']} open issues, {done['told']} of them told now.",
            highlight=False,
        )


def show_themes(found: Themes, to: Console) -> None:
    """A table, and under it quotes of each theme."""
    if not found.themes:
        to.print("No themes yet: `regulars feedback analyse` looks for them now.", highlight=False)
        return
    table = Table("theme", "feedback", "weeks", "mood", "trend", "stars", "items", box=None, header_style="bold")
    for each in found.themes:
        table.add_row(*_row(each))
    to.print(table)
    for each in found.themes:
        _quotes(each.label, each.quotes, to)
    _head(found, to)


def show_issues(found: Issues, to: Console) -> None:
    """A sentence for each, and quotes."""
    if not found.issues:
        to.print("No issues.", highlight=False)
    for each in found.issues:
        to.print(f"[bold]{each.text}[/bold] {_state(each)}", highlight=False)
        items = ", ".join(f"{item.item_id} ({item.count})" for item in each.items[:5])
        if items:
            to.print(f"  items: {items}", highlight=False)
        _quotes("", each.quotes, to)
    _head(found, to)


def sparkline(counts: Sequence[int]) -> str:
    """Counts as bars, the highest one full."""
    most = max(counts, default=0)
    return "".join(BARS[round(count / most * (len(BARS) - 1))] if most else BARS[0] for count in counts)


def _row(theme: Theme) -> tuple[str, ...]:
    change, effect = theme.trend, theme.rating_effect
    sure = theme.trend_low is not None and theme.trend_high is not None and not theme.trend_low <= 1 <= theme.trend_high
    return (
        theme.label,
        str(theme.count),
        sparkline([each.count for each in theme.weeks[-SHOWN_WEEKS:]]),
        f"{theme.net_sentiment:+.2f}",
        "" if change is None else f"x{change:.1f}" if sure else "steady",
        "" if effect is None else f"{effect.stars:+.1f} ({effect.low:+.1f} to {effect.high:+.1f})",
        ", ".join(each.item_id for each in theme.items[:3]),
    )


def _state(issue: Issue) -> str:
    return f"({issue.status}, since {_day(issue.raised)})"


def _quotes(label: str, quotes: Sequence[Quote], to: Console) -> None:
    for each in quotes:
        before = f"{label}: " if label else ""
        to.print(f"  {before}“{each.text.strip()}” ({_day(each.time.date())})", markup=False, highlight=False)


def _head(found: Themes | Issues, to: Console) -> None:
    if found.as_of is None:
        return
    part = "" if found.sampled >= 1 else f", {found.sampled:.0%} of it read, counts are estimates"
    to.print(f"As of {found.as_of:%d %B %Y %H:%M} UTC, {found.feedback:,} pieces of feedback{part}.", highlight=False)


def _day(day: date) -> str:
    return f"{day:%d %B}"
