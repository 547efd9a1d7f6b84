"""`regulars prices`: the owner's word on suggestions, limits, competitors' prices from files, the ledger of an item."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from infra.cli import app as cli
from infra.cli import price_limits, prices, show
from infra.cli.calls import RefusedError
from infra.imports.files import SourceError
from shared.stores.table import Table
from tests.conftest import Keys
from tests.functions.prices.ledgers import NOW, priced
from tests.functions.prices.test_suggestions import made, suggest
from tests.infra.shop import InProcess

FEED = """item_id;competitor;price;currency;seen
lamp;Shop B;9,90;EUR;
lamp;Shop C;10.50 EUR;;2026-11-01T10:00:00Z
lamp;Shop D;-;EUR;
"""


class Shop:
    """The command line in front of a deployment in process."""

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli.app, ["prices", *arguments])

    def told(self, *arguments: str) -> Any:
        """What the command printed as JSON; it must have gone well."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.exception
        return json.loads(result.stdout)

    def shown(self, *arguments: str) -> str:
        """What the command printed for people."""
        with show.console.capture() as captured:
            result = self.run(*arguments)
        assert result.exit_code == 0, result.exception
        return captured.get()


@pytest.fixture
def shop(keys: Keys, table: Table, monkeypatch: pytest.MonkeyPatch) -> Shop:
    deployment = InProcess(keys)
    monkeypatch.setattr(show.console, "width", 200, raising=False)
    for module in (prices, price_limits):
        monkeypatch.setattr(module, "find", lambda *_: deployment)
    priced(table, (60, "10.00"), category="light")
    return Shop()


def feed(folder: Path, text: str = FEED, name: str = "feed.csv") -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_a_suggestion_is_shown_approved_and_stands_in_the_history(shop: Shop, table: Table) -> None:
    suggest(table, made(reasons=({"kind": "elasticity", "text": "Sells as well at more."},)))
    text = shop.shown("suggest")
    assert [
        word for word in ("lamp", "10.00 EUR", "10.40", "+1.00 (+0.00 to +2.00)", "as well") if word not in text
    ] == []
    assert shop.told("approve", "lamp", "--id", made().suggestion_id)["status"] == "approved"
    assert shop.told("suggest") == []
    assert [each["item_id"] for each in shop.told("suggest", "--status", "approved")] == ["lamp"]
    entries = shop.told("history", "lamp")["entries"]
    assert [each["amount"] for each in entries] == ["10.40", "10.00"]
    assert "The chain is whole." in shop.shown("history", "lamp")


def test_a_suggestion_is_put_off_and_turned_down(shop: Shop, table: Table) -> None:
    suggest(table, made())
    until = NOW.date().replace(year=NOW.year + 1).isoformat()
    assert isinstance(shop.run("snooze", "lamp", "--until", until).exception, RefusedError)
    assert shop.run("snooze", "lamp", "--until", "soon").exit_code == 2
    assert shop.told("snooze", "lamp")["status"] == "snoozed"
    assert shop.shown("reject", "lamp") == "lamp: rejected, 10.40 EUR\n"
    assert "409" in str(shop.run("approve", "lamp").exception)


def test_a_ledger_that_was_touched_is_told_and_is_an_error(shop: Shop, table: Table) -> None:
    priced(table, *((50 - n / 20, f"{10 + n / 100:.2f}") for n in range(600)))
    assert len(shop.told("history", "lamp")["entries"]) == 600
    record = table.get("LEDGER#lamp", "PRICE#0000000300")
    assert record
    table.put(record | {"body": record["body"].replace("EUR", "USD")})
    with show.console.capture() as captured:
        assert shop.run("history", "lamp").exit_code == 1
    assert "broken at no. 300" in captured.get()


def test_what_a_page_says_is_checked_against_the_ledger(shop: Shop, table: Table) -> None:
    priced(table, (2, "9.00"), category="light")
    assert shop.shown("check", "lamp", "--percent", "10").startswith("yes, until ")
    assert shop.told("check", "lamp", "--was", "10.00 EUR")["most_percent"] == 10
    with show.console.capture() as captured:
        assert shop.run("check", "lamp", "--was", "12.00 EUR").exit_code == 1
    assert captured.get().startswith("no: 10.00 EUR is the most that may be struck through")
    assert shop.run("check", "lamp").exit_code == 2
    assert isinstance(shop.run("check", "gone", "--percent", "5").exception, RefusedError)


def test_limits_are_set_one_by_one_listed_and_deleted(shop: Shop) -> None:
    shop.told("limits", "set", "category:light", "--minimum", "5.00 EUR", "--margin", "0.2", "--ending", ".99")
    found = shop.told(
        "limits", "set", "category:light", "--autopilot", "--above", "0.02", "--clear-until", "2027-01-31"
    )
    assert (found["version"], found["minimum"], found["autopilot"]) == (2, {"amount": "5.00", "currency": "EUR"}, True)
    text = shop.shown("limits", "list")
    assert "minimum 5.00 EUR, minimum_margin 0.2, endings .99, competitors above 0.02 of median" in text
    assert [each["scope"] for each in shop.told("limits", "list")] == ["category:light"]
    assert "400" in str(shop.run("limits", "set", "category:light", "--maximum", "1.00 EUR").exception)
    assert shop.run("limits", "set", "all", "--minimum", "5").exit_code == 2
    shop.told("limits", "delete", "category:light")
    assert shop.told("limits", "list") == []


def test_a_feed_of_competitors_is_imported(shop: Shop, table: Table, tmp_path: Path) -> None:
    assert shop.told("competitors", "import", feed(tmp_path)) == {"prices": 3, "bad": 0}
    record = table.get("COMPETITORS#lamp", "PRICES")
    assert record
    known = {each["competitor"]: each["price"] and each["price"]["amount"] for each in json.loads(record["body"])}
    assert known == {"Shop B": "9.90", "Shop C": "10.50", "Shop D": None}


def test_a_dry_run_sends_nothing(shop: Shop, table: Table, tmp_path: Path) -> None:
    assert shop.told("competitors", "import", feed(tmp_path), "--dry-run") == {"prices": 3, "bad": 0}
    assert table.get("COMPETITORS#lamp", "PRICES") is None


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("lamp;B;<b>9.90</b>;EUR;", "price"),
        ("lamp;B;from 9.90;EUR;", "price"),
        ("lamp;B;1,299;EUR;", "price"),
        ("lamp;B;1.299,00;EUR;", "price"),
        ("lamp;B;-5;EUR;", "price"),
        ("lamp;B;nan;EUR;", "price"),
        ("lamp;B;0;EUR;", "price.amount"),
        ("lamp;B;99999;EUR;", "price.amount"),
        ("lamp;B;9.90;USD;", "price.currency"),
        ("lamp;B;9.90;€;", "price.currency"),
        ("lamp;<script>;9.90;EUR;", "competitor"),
        ("lamp;B;9.90;EUR;yesterday", "seen"),
        ("gone;B;9.90;EUR;", "item_id"),
    ],
)
def test_a_bad_line_is_named_and_costs_the_others_nothing(
    shop: Shop, table: Table, tmp_path: Path, row: str, field: str
) -> None:
    errors = tmp_path / "errors.csv"
    path = feed(tmp_path, FEED + row + "\n")
    told = shop.told("competitors", "import", path, "--errors", str(errors))
    assert told["bad"] == 1
    assert errors.read_text().splitlines()[1].startswith(f"{path},5,{field},")
    record = table.get("COMPETITORS#lamp", "PRICES")
    assert record
    assert len(json.loads(record["body"])) == 3
    assert isinstance(shop.run("competitors", "import", path).exception, SourceError)
