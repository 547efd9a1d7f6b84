"""The commands about feedback: reviews and surveys imported from a file, and listed."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from infra.cli import show, sources
from infra.cli.calls import call, said
from infra.cli.history import Progress, in_parallel
from infra.cli.imports import Problems, options_of
from infra.cli.options import AsJson, Columns, DryRun, Errors, Key, Local, Stack, find
from infra.imports.files import Bad, Problem
from infra.imports.opinions import Piece, read
from shared.domain.feedback import MOST_BATCH_BYTES, Source

app = typer.Typer(no_args_is_help=True, help="What customers say: reviews, survey answers, posts.")
console = Console(stderr=True)

A_CALL = 100
ANSWERED = frozenset({httpx.codes.OK, httpx.codes.MULTI_STATUS, httpx.codes.BAD_REQUEST})


@app.command("import")
def import_feedback(
    file: Annotated[
        Path, typer.Argument(help="CSV, TSV, JSON lines or Parquet: text or rating, and what else there is.")
    ],
    source: Annotated[Source, typer.Option(help="Of lines without a column `source`.")] = Source.REVIEW,
    columns: Columns = None,
    errors: Errors = None,
    dry_run: DryRun = False,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Import feedback: scored, and without personal data. Importing again changes nothing."""
    problems = Problems(errors)
    pieces = list(read(file, source, options_of(columns, ""), problems))
    counts: Counter[str] = Counter(feedback=len(pieces))
    if not dry_run:
        with find(local, stack, key).api(key) as api, sources.progress_on(console) as progress:
            task = progress.add_task("feedback", total=len(pieces))
            counts += send(api, pieces, problems, lambda done, of: progress.update(task, completed=done, total=of))
    problems.write(console)
    show.counts({**counts, "bad": len(problems.found)}, as_json)


@app.command("list")
def list_feedback(
    source: Annotated[Source | None, typer.Option(help="Only of this source.")] = None,
    item: Annotated[str | None, typer.Option(help="Only about this item_id.")] = None,
    label: Annotated[str | None, typer.Option(help="positive, neutral or negative.")] = None,
    aspect: Annotated[str | None, typer.Option(help="Only what speaks of this aspect, such as fit.")] = None,
    category: Annotated[str | None, typer.Option(help="Only of this category.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 20,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """The latest feedback, newest first."""
    asked: dict[str, Any] = {"source": source, "item_id": item, "label": label, "aspect": aspect, "category": category}
    query = {name: str(value) for name, value in said(asked).items()}
    with find(local, stack, key).api(key) as api:
        found = list(_latest(api, query, limit))
    if as_json:
        print(json.dumps(found))
        return
    table = Table("time", "source", "stars", "score", "item", "text", box=None, header_style="bold")
    for each in found:
        table.add_row(*_columns(each))
    show.console.print(table)


def send(api: httpx.Client, pieces: Sequence[Piece], bad: Bad, progress: Progress) -> Counter[str]:
    """Send these; how many were known already and how many were not kept as they came. Raises `RefusedError`."""
    counts: Counter[str] = Counter()

    def post(some: Sequence[Piece]) -> None:
        body = {"feedback": [each.said.model_dump(mode="json", exclude_none=True) for each in some]}
        if len(json.dumps(body)) > MOST_BATCH_BYTES and len(some) > 1:
            for half in (some[: len(some) // 2], some[len(some) // 2 :]):
                post(half)
            return
        told = call(api, "POST", "/v1/feedback", ANSWERED, json=body).json()
        for each in told["rejected"]:
            file, line = some[each["index"]].place
            bad(Problem(file, line, each["field"], each["message"]))
        counts.update({"known": told["known"]} | told["not_kept"])

    in_parallel(post, pieces, A_CALL, progress)
    return counts


def _latest(api: httpx.Client, query: dict[str, str], limit: int) -> Iterator[dict[str, Any]]:
    left = limit
    while left:
        page = call(api, "GET", "/v1/feedback", params=query | {"limit": str(left)}).json()
        yield from page["feedback"]
        left -= len(page["feedback"])
        if not page.get("next_cursor"):
            return
        query["cursor"] = page["next_cursor"]


def _columns(each: Mapping[str, Any]) -> tuple[str, ...]:
    stars = each.get("rating")
    score = f"{each['score']:+.2f}{'?' if each['abstained'] else ''}"
    text = " ".join(each["text"].split())
    return each["time"][:16], each["source"], f"{stars:g}" if stars else "", score, each.get("item_id") or "", text[:80]
