"""`regulars evaluate-demand` on a file, as a stranger runs it."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli.app import app
from infra.cli.evaluation import NotPossibleError
from infra.imports.files import SourceError
from tests.training.demand.shops import shop

RUN = CliRunner()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    known = shop(items=40, weeks=40)
    path = tmp_path / "sales.csv"
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["units", "week", "category", "item", "price", "true_elasticity"])
        sales = known.sales
        for item, week, price, units in zip(
            sales.item.tolist(), sales.week.tolist(), sales.price.tolist(), sales.units.tolist(), strict=True
        ):
            writer.writerow([units, week, known.categories[item], item, round(price, 2), known.truth[item]])
    return path


def test_the_report_is_one_json_object(file: Path, tmp_path: Path) -> None:
    slopes = tmp_path / "elasticities.csv"
    run = RUN.invoke(app, ["evaluate-demand", str(file), "--json", "--elasticities", str(slopes)])
    assert run.exit_code == 0, run.output
    report = json.loads(run.stdout)
    assert (report["items"], report["weeks"], report["weeks_held_out"], report["rows_judged"]) == (40, 40, 10, 400)
    assert set(report["methods"]) == {
        "regulars", "per-item OLS", "per-item OLS, prices in range", "pooled slope", "no price",
    }  # fmt: skip
    assert 0 < report["methods"]["regulars"]["wape"] < report["methods"]["no price"]["wape"]
    assert report["coverage"]["elasticity_true"]["judged"] == 40
    assert report["coverage"]["units"]["90"] > 0.8
    rows = list(csv.DictReader(slopes.read_text().splitlines()))
    assert len(rows) == 40
    assert all(float(row["low90"]) <= float(row["value"]) <= float(row["high90"]) for row in rows)


def test_weeks_and_hold_out(file: Path) -> None:
    run = RUN.invoke(app, ["evaluate-demand", str(file), "--json", "--hold-out", "5", "--weeks", "13"])
    report = json.loads(run.stdout)
    assert (report["weeks_of_history"], report["rows_of_history"], report["rows_judged"]) == (13, 520, 200)


def test_the_table_names_every_method(file: Path) -> None:
    run = RUN.invoke(app, ["evaluate-demand", str(file)])
    assert run.exit_code == 0, run.output
    assert "regulars" in run.output
    assert "no price" in run.output


def test_what_cannot_be_done_is_said(file: Path, tmp_path: Path) -> None:
    run = RUN.invoke(app, ["evaluate-demand", str(file), "--hold-out", "40"])
    assert isinstance(run.exception, NotPossibleError)
    assert "none is left" in str(run.exception)
    assert isinstance(RUN.invoke(app, ["evaluate-demand", str(tmp_path / "none.csv")]).exception, SourceError)
    assert RUN.invoke(app, ["evaluate-demand", str(file), "--gaps", "odd"]).exit_code == 2
    assert RUN.invoke(app, ["evaluate-demand", str(file), "--map", "units"]).exit_code == 2
