"""`regulars evaluate-demand`. Loads numpy and scipy only when it is called."""

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from infra.cli.evaluation import NotPossibleError
from infra.cli.options import AsJson, Columns

if TYPE_CHECKING:
    from infra.evaluation.demand_file import Sales
    from training.demand.evaluate import Coverage, Result

console = Console()
HELD_OUT = 12
GAPS = ("auto", "zero", "missing")


class Wish(NamedTuple):
    """What the command line asks for."""

    file: Path
    hold_out: int | None
    weeks: int | None
    gaps: str
    columns: list[str]
    elasticities: Path | None


def run_demand_evaluation(
    file: Annotated[Path, typer.Argument(help="A row an item and week: item, category, week, price, units, ...")],
    hold_out: Annotated[
        int | None, typer.Option(min=1, help="Weeks to forecast. [12, or a quarter of a short file]")
    ] = None,
    weeks: Annotated[int | None, typer.Option(min=1, help="Learn only from so many weeks before those.")] = None,
    gaps: Annotated[
        str, typer.Option(help="A week without a row: missing, zero (nothing sold), or auto: zero if no row is.")
    ] = "auto",
    elasticities: Annotated[Path | None, typer.Option(help="Write every item's elasticity to this CSV file.")] = None,
    columns: Columns = None,
    as_json: AsJson = False,
) -> None:
    """How well the demand model forecasts weeks that it has not seen, beside simpler ways; on any shop's weekly sales.

    Other columns than those named are covariates: promotions, displays. in_stock or out_of_stock masks stock-outs.
    """
    show(evaluate(Wish(file, hold_out, weeks, gaps, columns or [], elasticities)), as_json)


def evaluate(wish: Wish) -> dict[str, Any]:
    """The report. Raises `SourceError` for a bad file and `NotPossibleError` for one that cannot be split."""
    try:
        from infra.evaluation import demand_file  # noqa: PLC0415
        from training.demand import evaluate as judge  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise NotPossibleError(f"evaluate-demand needs what training needs ({error}): run `make setup`.") from error
    if wish.gaps not in GAPS:
        raise typer.BadParameter(f"say one of {', '.join(GAPS)}", param_hint="--gaps")
    sales = demand_file.read(wish.file, _names(wish.columns), wish.gaps)
    hold_out = wish.hold_out or min(HELD_OUT, max(sales.panel.weeks // 4, 1))
    try:
        result = judge.evaluate(sales.panel, sales.categories, hold_out, wish.weeks, sales.truth)
    except judge.NothingToJudgeError as error:
        raise NotPossibleError(f"{wish.file}: {error}") from error
    if wish.elasticities is not None:
        write(wish.elasticities, sales, result)
    return report(wish, sales, hold_out, result)


def _names(columns: list[str]) -> dict[str, str]:
    pairs = [each.partition("=") for each in columns]
    if wrong := [ours + equals + theirs for ours, equals, theirs in pairs if not (ours and theirs)]:
        raise typer.BadParameter(f"{wrong[0]} is not of the form units=Name", param_hint="--map")
    return {ours: theirs for ours, _, theirs in pairs}


def report(wish: Wish, sales: "Sales", hold_out: int, result: "Result") -> dict[str, Any]:
    """What was read, what was judged, each method's figures, and how often intervals held."""
    model = result.model
    ours, methods = result.methods["regulars"], result.methods
    return {
        "file": str(wish.file),
        "rows": sales.rows,
        "items": len(sales.panel.items),
        "items_with_price_moves": int((model.prices > 1).sum()),
        "weeks": sales.panel.weeks,
        "weeks_of_history": min(wish.weeks or sales.panel.weeks, sales.panel.weeks - hold_out),
        "weeks_held_out": hold_out,
        "rows_of_history": result.past_rows,
        "rows_judged": result.judged,
        "left_out": result.left_out,
        "notes": list(sales.notes),
        "methods": {
            name: {key: _short(value) for key, value in asdict(each).items()} for name, each in methods.items()
        },
        "wape_ratio_to": {name: _ratio(ours.wape, each.wape) for name, each in methods.items() if each is not ours},
        "coverage": {
            "units": _coverage(result.units),
            "elasticity_simulated": _coverage(result.simulated),
            "elasticity_true": _coverage(result.truth) if result.truth else None,
        },
        "elasticity": {
            "median": _short(_quantile(model.elasticity, 0.5)),
            "tenth": _short(_quantile(model.elasticity, 0.1)),
            "ninetieth": _short(_quantile(model.elasticity, 0.9)),
            "share_at_clip": _short(ours.at_clip),
            "own_share": _short(float(model.own_share.mean())),
            "widening": _short(model.widening),
        },
        "seconds": _short(ours.seconds),
    }


def _quantile(values: Any, share: float) -> float:
    import numpy as np  # noqa: PLC0415 - as the model

    return float(np.quantile(values, share))


def _coverage(found: "Coverage") -> dict[str, float | int | None]:
    return {"80": _short(found.of80), "90": _short(found.of90), "judged": found.judged}


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _ratio(ours: float, theirs: float) -> float | None:
    return round(ours / theirs, 4) if theirs else None


def write(path: Path, sales: "Sales", result: "Result") -> None:
    """Every item's elasticity with its intervals, as CSV."""
    model = result.model
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["item", "category", *model.elasticity_of(model.items[0])._fields, "moved"])
        for item, category in zip(model.items, sales.categories, strict=True):
            found = model.elasticity_of(item)
            writer.writerow([item, category or "", *(_cell(each) for each in found), found.moved])


def _cell(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value


def show(found: dict[str, Any], as_json: bool) -> None:
    """The methods side by side, then the intervals."""
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    said = (
        "{file}: {items:,} items, {rows_judged:,} item-weeks judged in {weeks_held_out} weeks after {weeks_of_history}"
    )
    console.print(said.format(**found), markup=False, highlight=False)
    for note in found["notes"]:
        console.print(f"  {note}", markup=False, highlight=False)
    for why, count in found["left_out"].items():
        console.print(f"  Not judged: {count:,} {why}.", markup=False, highlight=False)
    columns = ["WAPE", "WAPE of the mean", "Poisson deviance", "bias", "wrong sign", "< -8", "at the clip", "seconds"]
    table = Table("method", *columns, box=None, header_style="bold")
    for name, each in found["methods"].items():
        shares = [f"{each[key]:.1%}" for key in ("wrong_sign", "too_steep", "at_clip")]
        figures = [f"{each[key]:.3f}" for key in ("wape", "wape_of_mean", "deviance", "bias")]
        table.add_row(name, *figures, *shares, f"{each['seconds']:.2f}")
    console.print(table)
    for name, each in found["coverage"].items():
        if each and each["90"] is not None:
            console.print(
                f"{name}: 80% intervals held {each['80']:.1%}, 90% intervals {each['90']:.1%}", highlight=False
            )
