"""The commands about what customers speak of: themes, issues, and the nightly run that finds them, run now."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from functions.feedback.themes import Issues, IssueStatus, Sign, Themes
from infra.cli import nightly
from infra.cli.deployment import Deployment
from infra.cli.feedback import app
from infra.cli.history import RefusedError
from infra.cli.options import AsJson, Key, Local, Stack, find
from shared.domain.feedback import Issue, Quote, Theme

BARS = "▁▂▃▄▅▆▇█"
SHOWN_WEEKS = 13
out = Console()

Limit = Annotated[int, typer.Option(min=1, max=100, help="How many at most.")]


@app.command("themes")
def list_themes(  # noqa: PLR0913, PLR0917 - a command's options
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
    told = Themes.model_validate(_get(find(local, stack, key), key, "themes", wanted))
    if as_json:
        print(told.model_dump_json())
    else:
        show_themes(told, out)


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
    told = Issues.model_validate(
        _get(find(local, stack, key), key, "issues", {"status": status and status.value, "limit": limit})
    )
    if as_json:
        print(told.model_dump_json())
    else:
        show_issues(told, out)


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


def show_themes(told: Themes, to: Console) -> None:
    """A table, and under it quotes of each theme."""
    if not told.themes:
        to.print("No themes yet: `regulars feedback analyse` looks for them now.", highlight=False)
        return
    table = Table("theme", "feedback", "weeks", "mood", "trend", "stars", "items", box=None, header_style="bold")
    for each in told.themes:
        table.add_row(*_row(each))
    to.print(table)
    for each in told.themes:
        _quotes(each.label, each.quotes, to)
    _head(told, to)


def show_issues(told: Issues, to: Console) -> None:
    """A sentence for each, and quotes."""
    if not told.issues:
        to.print("No issues.", highlight=False)
    for each in told.issues:
        to.print(f"[bold]{each.text}[/bold] {_state(each)}", highlight=False)
        items = ", ".join(f"{item.item_id} ({item.count})" for item in each.items[:5])
        if items:
            to.print(f"  items: {items}", highlight=False)
        _quotes("", each.quotes, to)
    _head(told, to)


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


def _head(told: Themes | Issues, to: Console) -> None:
    if told.as_of is None:
        return
    part = "" if told.sampled >= 1 else f", {told.sampled:.0%} of it read"
    to.print(f"As of {told.as_of:%d %B %Y %H:%M} UTC, {told.feedback:,} pieces of feedback{part}.", highlight=False)


def _day(day: date) -> str:
    return f"{day:%d %B}"


def _get(deployment: Deployment, key: str | None, what: str, wanted: dict[str, Any]) -> Any:
    with deployment.api(key) as api:
        reply: httpx.Response = api.get(
            f"/v1/feedback/{what}", params={name: each for name, each in wanted.items() if each is not None}
        )
    if reply.is_error:
        raise RefusedError(f"{reply.status_code}: {reply.text}")
    return reply.json()
