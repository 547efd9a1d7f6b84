"""The commands that import: dry runs, files of errors, and full imports that retire what is absent."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from infra.cli import app as cli
from infra.cli.catalogue import TooManyError
from infra.imports.files import SourceError
from shared.domain.items import Item
from shared.stores.items import ItemStore
from shared.stores.ledger import LedgerStore
from shared.stores.table import Table
from tests.conftest import Keys
from tests.infra.imports.test_layouts import FILES
from tests.infra.shop import InProcess


class Shop:
    """The command line in front of a deployment in process."""

    def __init__(self, deployment: InProcess, folder: Path) -> None:
        self.deployment = deployment
        self.folder = folder
        self.items = ItemStore(deployment.table)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli.app, [*arguments, "--json"])

    def counts(self, *arguments: str) -> Any:
        """What the command printed; it must have gone well."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.exception
        return json.loads(result.stdout)

    def file(self, *item_ids: str, bad: str = "") -> str:
        path = self.folder / "items.csv"
        rows = [f"{item_id},Thing {item_id},9.90,EUR" for item_id in item_ids]
        path.write_text("\n".join(["item_id,title,price,currency", *rows, bad]) + "\n")
        return str(path)

    def ids(self) -> set[str]:
        return {item.item_id for item in self.items.all()}


@pytest.fixture
def shop(keys: Keys, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    deployment = InProcess(keys)
    assert deployment.access.table_name == table.name
    monkeypatch.setattr(InProcess, "table", table)
    monkeypatch.setattr(cli, "find", lambda *_: deployment)
    return Shop(deployment, tmp_path)


def named(count: int) -> list[str]:
    return [f"item-{n:02d}" for n in range(count)]


def test_a_catalogue_is_imported_and_again_changes_nothing(shop: Shop) -> None:
    for _ in range(2):
        assert shop.counts("items", shop.file(*named(10))) == {"items": 10, "retired": 0, "bad": 0}
    assert shop.ids() == set(named(10))
    assert {item.version for item in shop.items.all()} == {1}
    assert {len(LedgerStore(shop.deployment.table).read(item_id)) for item_id in named(10)} == {1}


def test_a_partial_import_retires_nothing(shop: Shop) -> None:
    shop.counts("items", shop.file(*named(10)))
    shop.counts("items", shop.file("new"))
    assert shop.ids() == {*named(10), "new"}


def test_a_full_import_retires_what_is_absent_and_keeps_its_ledger(shop: Shop) -> None:
    shop.counts("items", shop.file(*named(10)))
    assert shop.counts("items", shop.file(*named(7)), "--sync") == {"items": 7, "retired": 3, "bad": 0}
    assert shop.ids() == set(named(7))
    assert [entry.amount for entry in LedgerStore(shop.deployment.table).read("item-09")][-1] is None


def test_a_full_import_that_would_retire_over_30_percent_is_refused_unless_told(shop: Shop) -> None:
    shop.counts("items", shop.file(*named(10)))
    refused = shop.run("items", shop.file(*named(6), "new"), "--sync")
    assert isinstance(refused.exception, TooManyError)
    assert "4 of 10" in str(refused.exception)
    assert shop.ids() == set(named(10))
    assert shop.counts("items", shop.file(*named(6), "new"), "--sync", "--force")["retired"] == 4
    assert shop.ids() == {*named(6), "new"}


def test_a_full_import_with_bad_lines_does_not_retire_what_they_may_stand_for(shop: Shop) -> None:
    shop.counts("items", shop.file(*named(10)))
    errors = str(shop.folder / "errors.csv")
    file = shop.file(*named(9), bad="item-09,,9.90,EUR")
    assert isinstance(shop.run("items", file, "--sync", "--errors", errors).exception, TooManyError)
    assert shop.ids() == set(named(10))


def test_bad_lines_go_to_a_file_and_the_good_ones_go_on(shop: Shop) -> None:
    errors = shop.folder / "errors.csv"
    file = shop.file("lamp", bad="vase,Vase,cheap,EUR")
    assert shop.counts("items", file, "--errors", str(errors)) == {"items": 1, "retired": 0, "bad": 1}
    ((name, line, field, message),) = list(csv.reader(errors.read_text().splitlines()))[1:]
    assert (name, line, field) == (file, "3", "price.amount")
    assert "decimal" in message
    assert shop.ids() == {"lamp"}
    shop.counts("items", shop.file("lamp"), "--errors", str(errors))
    assert errors.read_text().splitlines() == ["file,line,field,message"]


def test_without_such_a_file_the_first_bad_line_ends_it_before_anything_is_put(shop: Shop) -> None:
    result = shop.run("items", shop.file("lamp", bad="vase,Vase,cheap,EUR"))
    assert isinstance(result.exception, SourceError)
    assert shop.ids() == set()


def test_a_dry_run_changes_nothing(shop: Shop) -> None:
    shop.counts("items", shop.file(*named(4)))
    assert shop.counts("items", shop.file(*named(3), "new"), "--sync", "--dry-run") == {
        "items": 4,
        "retired": 1,
        "bad": 0,
    }
    assert shop.ids() == set(named(4))


def test_a_dry_run_of_a_history_changes_nothing(shop: Shop) -> None:
    errors = str(shop.folder / "errors.csv")
    orders, products = str(FILES / "shopify-orders.csv"), str(FILES / "shopify-products.csv")
    counts = shop.counts("import", orders, "--items", products, "--dry-run", "--errors", errors)
    assert counts == {"items": 4, "events": 2, "bad": 1}
    assert shop.ids() == set()
    assert list(shop.deployment.archive.read()) == []


def test_a_shopify_shop_is_imported_as_it_is(shop: Shop) -> None:
    errors = str(shop.folder / "errors.csv")
    orders, products = str(FILES / "shopify-orders.csv"), str(FILES / "shopify-products.csv")
    shop.counts("import", orders, "--items", products, "--currency", "EUR", "--errors", errors)
    assert {item for event in shop.deployment.archive.read() for item in event.items} <= shop.ids()
    price = shop.items.get(["Gift card"])["Gift card"].price
    assert price
    assert price.currency == "EUR"


def test_columns_are_mapped_by_the_command_line(shop: Shop) -> None:
    path = shop.folder / "mine.csv"
    path.write_text("SKU,Name\nlamp,Lamp\n")
    shop.counts("items", str(path), "--map", "item_id=SKU", "--map", "title=Name")
    assert shop.items.get(["lamp"])["lamp"].title == "Lamp"


@pytest.mark.parametrize("bad", ["title", "title=", "=Name"])
def test_a_mapping_that_is_none_is_refused(shop: Shop, bad: str) -> None:
    result = shop.run("items", shop.file("lamp"), "--map", bad)
    assert result.exit_code == 2
    assert "title=Name" in result.output
    assert shop.ids() == set()


def test_large_items_are_sent_in_calls_that_the_api_takes(shop: Shop) -> None:
    path = shop.folder / "items.jsonl"
    records = [Item(item_id=f"item-{n:02d}", title="Large", text="x" * 20_000) for n in range(100)]
    path.write_text("".join(f"{item.model_dump_json(exclude_defaults=True)}\n" for item in records))
    assert shop.counts("items", str(path))["items"] == 100
    assert len(shop.ids()) == 100
