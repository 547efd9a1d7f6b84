"""`regulars feedback`: files of reviews become feedback, once, and what is bad is named by its line."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from infra.cli import app as cli
from infra.cli import feedback
from infra.imports.files import SourceError
from shared.stores.table import Table
from tests.conftest import Keys
from tests.infra.shop import InProcess

ROWS = [
    {"id": "1", "Review": "Great lamp.", "Stars": "5", "sku": "lamp", "when": "2026-11-01T10:00:00Z", "more": "x"},
    {"id": "2", "Review": "Awful.", "Stars": "", "sku": "7", "when": "2026-11-02", "more": ""},
    {"id": "3", "Review": "", "Stars": "4.5", "sku": "", "when": "2026-11-03 10:00:00+02:00", "more": ""},
]
MAPPED = ["--map", "feedback_id=id", "--map", "text=Review", "--map", "rating=Stars", "--map", "item_id=sku"]
MAPPED += ["--map", "time=when"]


class Shop:
    """The command line in front of a deployment in process."""

    def __init__(self, deployment: InProcess, folder: Path) -> None:
        self.deployment, self.folder = deployment, folder

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli.app, ["feedback", *arguments, "--json"])

    def told(self, *arguments: str) -> Any:
        """What the command printed; it must have gone well."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.exception
        return json.loads(result.stdout)

    def csv(self, *rows: dict[str, Any], delimiter: str = ",", name: str = "reviews.csv") -> str:
        path = self.folder / name
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
        return str(path)

    def listed(self, *arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.told("list", *arguments)
        return found


@pytest.fixture
def shop(keys: Keys, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    deployment = InProcess(keys)
    assert deployment.access.table_name == table.name
    monkeypatch.setattr(feedback, "find", lambda *_: deployment)
    return Shop(deployment, tmp_path)


def test_a_file_with_mapped_columns_is_imported_once(shop: Shop) -> None:
    file = shop.csv(*ROWS)
    assert shop.told("import", file, *MAPPED) == {"feedback": 3, "bad": 0}
    third, second, first = shop.listed()
    assert (first["feedback_id"], first["text"], first["rating"], first["item_id"]) == ("1", "Great lamp.", 5.0, "lamp")
    assert (second["time"], second["label"], second["source"]) == ("2026-11-02T00:00:00Z", "negative", "review")
    assert (third["time"], third["rating"]) == ("2026-11-03T08:00:00Z", 4.5)
    assert shop.told("import", file, *MAPPED) == {"feedback": 3, "known": 3, "bad": 0}
    assert len(shop.listed()) == 3


@pytest.mark.parametrize(("name", "delimiter"), [("a.tsv", "\t"), ("a.txt", ";")])
def test_tables_of_other_kinds(shop: Shop, name: str, delimiter: str) -> None:
    assert shop.told("import", shop.csv(*ROWS, delimiter=delimiter, name=name), *MAPPED)["feedback"] == 3


def test_json_lines_of_a_survey(shop: Shop) -> None:
    path = shop.folder / "survey.jsonl"
    lines: list[dict[str, Any]] = [{"text": "Great.", "feedback_id": 7, "language": "English"}]
    lines.append({"text": "Bad.", "source": "support", "language": "en-GB"})
    path.write_text("\n".join(map(json.dumps, lines)))
    assert shop.told("import", str(path), "--source", "survey")["feedback"] == 2
    assert {each["sentiment"]["language"] if "sentiment" in each else each["language"] for each in shop.listed()} == {
        "en"
    }
    assert {(each["text"], each["source"]) for each in shop.listed()} == {("Great.", "survey"), ("Bad.", "support")}
    assert "7" in {each["feedback_id"] for each in shop.listed()}


def test_stars_and_days_as_spreadsheets_have_them(shop: Shop) -> None:
    file = shop.csv(
        {"text": "a", "rating": "4,5", "time": "2.11.2026"},
        {"text": "b", "rating": "5 stars", "time": "03.11.2026 14:30"},
        {"text": "c", "rating": "3/5", "time": "4.11.2026"},
        {"text": "d", "rating": "★★☆☆☆", "time": "2026-11-05"},
        {"text": "e", "rating": "1.0 out of 5 stars", "time": "2026-11-06T08:00:00+02:00"},
    )
    assert shop.told("import", file) == {"feedback": 5, "bad": 0}
    assert [(each["rating"], each["time"]) for each in reversed(shop.listed())] == [
        (4.5, "2026-11-02T00:00:00Z"),
        (5.0, "2026-11-03T14:30:00Z"),
        (3.0, "2026-11-04T00:00:00Z"),
        (2.0, "2026-11-05T00:00:00Z"),
        (1.0, "2026-11-06T06:00:00Z"),
    ]
    assert shop.told("import", file) == {"feedback": 5, "known": 5, "bad": 0}


@pytest.mark.parametrize(("time", "says"), [("3/4/2026", "may be two days"), ("31.4.2026", "is no time")])
def test_a_day_that_is_none_or_two_is_not_guessed(shop: Shop, time: str, says: str) -> None:
    result = shop.run("import", shop.csv({"text": "a", "rating": "8/10", "time": "2026-11-01"}))
    assert "line 2, rating" in str(result.exception)
    result = shop.run("import", shop.csv({"text": "a", "time": time}))
    assert says in str(result.exception)
    assert shop.listed() == []


def test_two_who_say_the_same_are_two_however_often_it_is_imported(shop: Shop) -> None:
    file = shop.csv({"text": "Good."}, {"text": "Good."}, {"text": "Bad."})
    assert shop.told("import", file)["feedback"] == 3
    assert shop.told("import", file) == {"feedback": 3, "known": 3, "bad": 0}
    assert len(shop.listed()) == 3


def test_a_bad_line_ends_it_before_anything_is_sent(shop: Shop) -> None:
    result = shop.run("import", shop.csv(*ROWS, ROWS[0] | {"id": "4", "Stars": "11"}), *MAPPED)
    assert isinstance(result.exception, SourceError)
    assert "line 5, rating" in str(result.exception)
    assert shop.listed() == []


def test_with_a_file_of_errors_the_good_lines_go_on(shop: Shop) -> None:
    errors = shop.folder / "errors.csv"
    shop.told("import", shop.csv(ROWS[0]), *MAPPED)
    rows = [ROWS[0] | {"Review": "Changed."}, ROWS[1] | {"when": "yesterday"}, ROWS[2]]
    told = shop.told("import", shop.csv(*rows), *MAPPED, "--errors", str(errors))
    assert told == {"feedback": 2, "bad": 2}
    with errors.open() as file:
        assert {(each["line"], each["field"]) for each in csv.DictReader(file)} == {("2", "feedback_id"), ("3", "time")}
    assert {each["feedback_id"] for each in shop.listed()} == {"1", "3"}


def test_a_dry_run_sends_nothing(shop: Shop) -> None:
    assert shop.told("import", shop.csv(*ROWS), *MAPPED, "--dry-run") == {"feedback": 3, "bad": 0}
    assert shop.listed() == []


def test_many_are_sent_in_calls_of_a_hundred(shop: Shop) -> None:
    assert shop.told("import", shop.csv(*({"text": f"Great {n}."} for n in range(230))))["feedback"] == 230
    assert len(shop.listed("--limit", "100")) == 100


def test_what_is_listed_can_be_narrowed(shop: Shop) -> None:
    shop.told("import", shop.csv(*ROWS), *MAPPED)
    assert [each["feedback_id"] for each in shop.listed("--label", "negative")] == ["2"]
    assert [each["feedback_id"] for each in shop.listed("--item", "lamp")] == ["1"]


def test_a_column_that_is_not_there_is_named(shop: Shop) -> None:
    result = shop.run("import", shop.csv(*ROWS), "--map", "text=Body")
    assert isinstance(result.exception, SourceError)
    assert "Body" in str(result.exception)


def test_long_texts_go_in_as_many_calls_as_they_need(shop: Shop) -> None:
    """A hundred of them are more than one call may hold."""
    rows = [ROWS[0] | {"id": str(n), "Review": f"{n} great lamp. " * 1_200} for n in range(70)]
    assert shop.told("import", shop.csv(*rows), *MAPPED)["feedback"] == 70
    assert len(shop.listed("--limit", "100")) == 70
