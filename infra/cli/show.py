"""What the commands print: tables for people on a terminal, or JSON."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Column, Table

from infra.cli.history import Imported
from infra.cli.redrive import Tally
from infra.cli.train import Outcome
from shared.domain.budget import MEANS, NO_BUDGET, Standing
from shared.inference.card import Card, Metrics, SurfaceCard

if TYPE_CHECKING:
    from infra.evaluation.report import Report

console = Console()

TASKS = {
    "for-you": "for-you (discovery)",
    "buy-again": "buy-again (repeat)",
    "similar": "similar (rest of the basket)",
    "bought-together": "bought together (rest of the basket)",
    "cart": "cart (other half of the basket)",
}


def plain(values: dict[str, Any], as_json: bool) -> None:
    """Bare values, one a line."""
    if as_json:
        print(json.dumps(values))
    else:
        for value in values.values():
            print(value)


def counts(values: dict[str, int], as_json: bool) -> None:
    """How many of each there were."""
    if as_json:
        print(json.dumps(values))
    else:
        console.print(", ".join(f"{value:,} {name}" for name, value in values.items()))


def keys(found: Iterable[Mapping[str, str | None]], as_json: bool) -> None:
    """All keys, by their ids."""
    if as_json:
        print(json.dumps(list(found)))
        return
    table = Table("id", "kind", "label", "created", "ends", "valid", box=None, header_style="bold")
    for each in found:
        table.add_row(*(value or "" for value in each.values()))
    console.print(table)


def budget(standing: Standing, as_json: bool) -> None:
    """How the month stands, and what it goes on."""
    if as_json:
        print(standing.model_dump_json())
        return
    if standing.budget <= NO_BUDGET:
        console.print("No budget: nothing is priced, and nothing switched off.")
        return
    share = standing.spent / standing.budget
    said = f"{standing.month}: about ${standing.spent:.2f} of ${standing.budget:.2f}, {share:.0%}"
    console.print(f"{said}, as of {standing.measured:%d %B %H:%M} UTC.", highlight=False)
    console.print(f"{'Lifted. ' if standing.lifted else ''}{MEANS[standing.level]}", highlight=False)
    for name, usd in standing.dearest.items():
        console.print(f"  ${usd:.2f} {name}", highlight=False)


def redriven(tallies: Mapping[str, Tally], as_json: bool) -> None:
    """What became of the records that each function was given again."""
    if as_json:
        print(json.dumps({name: tally._asdict() for name, tally in tallies.items()}))
        return
    for name, tally in tallies.items():
        console.print(f"{name}: {tally.redriven:,} redriven, {tally.failed:,} failed again", highlight=False)
        if tally.gone:
            console.print(
                f"  {tally.gone:,} are in the stream no more. Their events are in the table.", highlight=False
            )


def imported(outcome: Imported, as_json: bool) -> None:
    if as_json:
        print(json.dumps(outcome._asdict()))
    else:
        console.print(f"{outcome.events:,} events in the archive, {outcome.served:,} of them in the table for serving.")


def training(outcome: Outcome, as_json: bool) -> None:
    if as_json:
        card = outcome.card.model_dump(mode="json") if outcome.card else None
        print(json.dumps({"card": card, "reason": outcome.reason}))
    elif outcome.card is None:
        console.print(f"No model: {outcome.reason}")
    else:
        evaluation(outcome.card)
        if outcome.reason:
            console.print(f"Not promoted: {outcome.reason}", style="yellow", highlight=False)


def evaluation(card: Card, to: Console = console) -> None:
    """The held-out month: ours and popularity, surface by surface, and what the gate decided."""
    figures(card, to)
    for surface, decision in card.surfaces.items():
        to.print(f"  {surface} serves [bold]{decision.serve}[/bold]: {decision.reason}", highlight=False)


def figures(card: Card, to: Console = console) -> None:
    """What was measured on the held-out month, where there was somebody to ask."""
    to.print(
        f"Model [bold]{card.model_id}[/bold], tested on what came after {card.window.test_from:%d %B %Y}"
        if card.window.test_from
        else f"Model [bold]{card.model_id}[/bold], too little data to test it"
    )
    columns = ("surface", "method", "NDCG@10", "Recall@20", "coverage@10", "ratio (95%)", "tested")
    table = Table(*columns, box=None, header_style="bold")
    for surface, decision in card.surfaces.items():
        for method, metrics in decision.metrics.items() if decision.tested else ():
            table.add_row(*_row(surface, method, metrics, decision))
    to.print(table)


def _row(surface: str, method: str, metrics: Metrics, decision: SurfaceCard) -> Iterable[str]:
    intervals = {"model": decision.ratio_to_popularity, "challenger": decision.ratio_to_champion}
    interval = intervals.get(method)
    return (
        TASKS.get(surface, surface),
        method,
        f"{metrics.ndcg_at_10:.4f}",
        f"{metrics.recall_at_20:.4f}",
        f"{metrics.coverage_at_10:.1%}",
        f"{interval.low:.2f} to {interval.high:.2f}" if interval else "",
        f"{decision.tested:,}",
    )


def recommendations(reply: dict[str, Any], as_json: bool, to: Console = console) -> None:
    """A list with its reasons."""
    if as_json:
        print(json.dumps(reply))
        return
    how = "personalised" if reply["personalised"] else "not personalised"
    to.print(
        f"[bold]{reply['surface']}[/bold] by {reply['served_by']}, {how}"
        + (f": {reply['note']}" if reply["note"] else ""),
        highlight=False,
    )
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for n, each in enumerate(reply["items"], start=1):
        price = each["item"].get("price")
        reasons = "; ".join(reason["text"] for reason in each["reasons"])
        amount = f"{price['amount']} {price['currency']}" if price else ""
        table.add_row(f"{n:>2}", each["item"]["title"], amount, f"[dim]{reasons}[/dim]")
    to.print(table)


def report(found: "Report", as_json: bool) -> None:
    """An evaluation: a line for each model."""
    if as_json:
        print(found.model_dump_json(indent=1))
        return
    asked = found.asked.counts
    console.print(f"{found.protocol}: {asked['cases']:,} cases, {asked['targets']:,} targets", highlight=False)
    priced = any(model.revenue_recall_at_20 is not None for model in found.models.values())
    revenue = ["revenue"] if priced else []
    of_quality, of_cost = ("", "NDCG@10", "Recall@20", *revenue, "coverage"), ("fit s", "MB", "p50 ms")
    whole = [[Column(name, no_wrap=True) for name in names] for names in (of_quality, of_cost)]
    table = Table(*whole[0], "Regulars x", *whole[1], box=None, padding=(0, 1, 0, 0))
    for name, model in found.models.items():
        ratio = found.ratios.get(name)
        times = f"{ratio.ndcg:.2f} ({ratio.low:.2f}-{ratio.high:.2f})" if ratio and ratio.ndcg is not None else ""
        of_money = (model.revenue_recall_at_20 or 0.0,) if priced else ()
        figures = (model.ndcg_at_10, model.recall_at_20, *of_money, model.coverage_at_10)
        costs = (f"{model.cpu_seconds.fit:.1f}", f"{model.model_bytes / 1e6:.1f}", f"{model.inference_ms.p50:.2f}")
        table.add_row(name, *(f"{value:.4f}" for value in figures), times, *costs)
    console.print(table)
