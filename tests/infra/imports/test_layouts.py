"""Files as shops have them: read by their ending, known by their header."""

import builtins
import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from infra.cli.sources import Files
from infra.imports import layouts
from infra.imports.files import Problem, SourceError
from infra.imports.layouts import Options
from shared.domain.events import Line
from shared.domain.items import Item
from shared.domain.money import Money
from shared.domain.text import slug

FILES = Path(__file__).parent / "files"
LAMP = {"item_id": "lamp", "title": "Lamp", "price": "9.90", "currency": "EUR", "stock": "3"}


def read(path: Path, **options: Any) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """What is set of each item by its id, and the bad lines."""
    bad: list[Problem] = []
    found = list(layouts.items(path, Options(**options), bad.append))
    return {
        item.item_id: item.model_dump(mode="json", exclude_defaults=True, exclude={"item_id"}) for item in found
    }, bad


def money(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_shopify_products_are_an_item_for_each_variant() -> None:
    items, bad = read(FILES / "shopify-products.csv", currency="EUR")
    shirt = {
        "group": "linen-shirt",
        "category": "Shirts",
        "tags": ["summer", "linen"],
        "text": "Cool & light. 100% linen",
    }
    assert bad == []
    assert items == {
        "SH-W-M": shirt
        | {"title": "Linen shirt - White / M", "price": money("49.00"), "cost": money("18.50"), "stock": 4}
        | {"image_url": "https://cdn.shop.example/white.jpg"}
        | {"attributes": {"colour": "White", "size_eu": "M", "vendor": "Weaver"}},
        "SH-W-L": shirt
        | {"title": "Linen shirt - White / L", "price": money("49.00"), "cost": money("18.50"), "stock": 0}
        | {"image_url": "https://cdn.shop.example/back.jpg"}
        | {"attributes": {"colour": "White", "size_eu": "L", "vendor": "Weaver"}},
        "Linen shirt - Navy / M": shirt
        | {"title": "Linen shirt - Navy / M", "price": money("52.00")}
        | {"image_url": "https://cdn.shop.example/navy.jpg"}
        | {"attributes": {"colour": "Navy", "size_eu": "M", "vendor": "Weaver"}},
        "Gift card": {"title": "Gift card", "group": "gift-card", "category": "Gift cards", "price": money("25.00")}
        | {"attributes": {"vendor": "Shop"}},
    }


def test_shopifys_newer_names_are_known_too() -> None:
    items, bad = read(FILES / "shopify-products-newer.csv", currency="EUR")
    assert bad == []
    assert {item_id: (each["title"], each["price"], each.get("stock")) for item_id, each in items.items()} == {
        "MUG-R": ("Mug - Red", money("14.00"), 7),
        "MUG-B": ("Mug - Blue", money("15.00"), None),
    }
    assert items["MUG-B"]["image_url"] == "https://cdn.shop.example/blue.jpg"


def test_a_google_feed_has_the_public_price_of_today() -> None:
    items, bad = read(FILES / "google.xml")
    assert items == {
        "lamp": {
            "title": "Desk lamp",
            "text": "A warm light.",
            "url": "https://shop.example/lamp",
            "image_url": "https://shop.example/lamp.jpg",
            "price": money("39.90"),
            "cost": money("12.00"),
            "attributes": {"brand": "Lumen"},
            "group": "lamps",
            "category": "Home > Lamps",
        },
        "rug": {
            "title": "Rug",
            "url": "https://shop.example/rug",
            "price": money("99.00"),
            "stock": 0,
            "available_from": "2026-06-01T00:00:00Z",
            "available_until": "2026-09-01T00:00:00Z",
        },
    }
    assert [(problem.line, problem.field) for problem in bad] == [(3, "title")]


def test_a_google_feed_may_be_a_tsv_with_spaces_in_its_names() -> None:
    items, bad = read(FILES / "google.tsv")
    assert bad == []
    assert items["lamp"] | {"image_url": "https://shop.example/lamp.jpg", "group": "lamps"} == items["lamp"]


def test_shopify_orders_are_events_with_the_items_that_the_products_have() -> None:
    bad: list[Problem] = []
    events = list(Files(FILES / "shopify-orders.csv", None, bad=bad.append).events())
    assert [(event.customer.id, event.items) for event in events] == [
        ("ann@example.com", ("SH-W-M", "Linen shirt - Navy / M")),
        ("bob@example.com", ("Gift card",)),
    ]
    assert events[0].time == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert events[0].lines[0] == Line("SH-W-M", 1, Decimal("49.00"))
    assert (events[0].paid, len(events[0].lines)) == (Money(amount=Decimal("101.00"), currency="EUR"), 2)
    known = read(FILES / "shopify-products.csv")[0]
    assert {item for event in events for item in event.items} <= set(known)
    assert [(problem.line, problem.field) for problem in bad] == [(7, "customer.id")]


def test_of_a_shopify_line_its_discount_is_taken_off(tmp_path: Path) -> None:
    header = "Name,Email,Created at,Currency,Lineitem name,Lineitem quantity,Lineitem price,Lineitem discount\n"
    rows = "#1,ann@example.com,2026-05-01 12:00:00 +0200,EUR,Lamp,4,10.00,5.00\n#1,,,,Vase,many,-1,9\n"
    bad: list[Problem] = []
    (event,) = Files(written(tmp_path / "orders.csv", header + rows), None, bad=bad.append).events()
    assert (event.lines, event.paid) == (
        (Line("Lamp", 4, Decimal("8.75")),),
        Money(amount=Decimal("35.00"), currency="EUR"),
    )
    assert [(each.line, each.field) for each in bad] == [(3, "quantity")]


def test_any_event_file_is_read_by_a_mapping(tmp_path: Path) -> None:
    path = written(tmp_path / "log.csv", "who,what,at,kind\nann,lamp,2026-05-01T12:00:00Z,Product Viewed\n")
    columns = {"customer_id": "who", "item_id": "what", "timestamp": "at", "event": "kind"}
    (event,) = Files(path, None, Options(columns)).events()
    assert (event.customer.id, event.name, event.items) == ("ann", "Product Viewed", ("lamp",))


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_our_own_columns_are_read_from_every_kind_of_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"items.{ending}"
    record = LAMP | {"tags": "red, small", "attributes.colour": "red"}
    match ending:
        case "jsonl":
            path.write_text(json.dumps(record) + "\n\n")
        case "parquet":
            parquet.write_table(pyarrow.Table.from_pylist([record]), path)
        case _:
            mark = "," if ending == "csv" else "\t"
            quoted = [f'"{value}"' for value in record.values()]
            path.write_text(mark.join(record) + "\n" + mark.join(quoted) + "\n")
    items, bad = read(path)
    assert bad == []
    assert items == {
        "lamp": {
            "title": "Lamp",
            "price": money("9.90"),
            "stock": 3,
            "tags": ["red", "small"],
            "attributes": {"colour": "red"},
        }
    }


def test_parquets_own_types_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    records = [{"item_id": 7, "title": "Seven", "price": 9.9, "stock": 2}, {"item_id": 8, "title": "Eight"}]
    parquet.write_table(pyarrow.Table.from_pylist(records), path)
    items, bad = read(path)
    assert bad == []
    assert items == {"7": {"title": "Seven", "price": money("9.9", "USD"), "stock": 2}, "8": {"title": "Eight"}}


def test_a_parquet_file_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "pyarrow":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SourceError, match="needs the package pyarrow"):
        read(tmp_path / "items.parquet")


def test_a_mapping_names_the_files_columns(tmp_path: Path) -> None:
    path = written(tmp_path / "items.csv", "SKU,Name,Weight\nlamp,Lamp,3 kg\n")
    items, bad = read(path, columns={"item_id": "SKU", "title": "Name", "attributes.weight": "Weight"})
    assert (items, bad) == ({"lamp": {"title": "Lamp", "attributes": {"weight": "3 kg"}}}, [])


@pytest.mark.parametrize("header", ["customer_id,email", "email,customer_id"])
def test_what_is_mapped_takes_the_place_of_a_column_of_that_name(tmp_path: Path, header: str) -> None:
    cells = {"customer_id": "one-shop", "email": "ann"}
    line = ",".join(cells[name] for name in header.split(","))
    path = written(tmp_path / "log.csv", f"{header},item_id\n{line},lamp\n")
    (row,) = layouts.purchases(path, Options({"customer_id": "email"}), lambda problem: pytest.fail(str(problem)))
    assert row.values == {"customer_id": "ann", "item_id": "lamp"}


def test_a_mapping_of_a_column_that_is_not_there_says_which_there_are(tmp_path: Path) -> None:
    path = written(tmp_path / "items.csv", "SKU,Name\nlamp,Lamp\n")
    with pytest.raises(SourceError, match="no column Title; it has Name, SKU"):
        read(path, columns={"title": "Title"})


def test_bad_lines_are_named_and_the_good_ones_go_on(tmp_path: Path) -> None:
    lines = ["{", json.dumps(LAMP), "[]", json.dumps(LAMP | {"item_id": "x", "stock": -1}), json.dumps({"title": "x"})]
    lines.append(json.dumps({"item_id": "big", "title": "Big", "text": "ü" * 20_000}))
    items, bad = read(written(tmp_path / "items.jsonl", "\n".join(lines)))
    assert set(items) == {"lamp"}
    assert [(problem.line, problem.field) for problem in bad] == [
        (1, ""),
        (3, ""),
        (4, "stock"),
        (5, "item_id"),
        (6, "text"),
    ]


@pytest.mark.parametrize("name", ["shopify-products.csv", "google.xml", "google.tsv"])
def test_a_gzipped_file_is_read_as_the_file_itself(tmp_path: Path, name: str) -> None:
    zipped = tmp_path / f"{name}.gz"
    zipped.write_bytes(gzip.compress((FILES / name).read_bytes()))
    items, bad = read(FILES / name, currency="EUR")
    assert read(zipped, currency="EUR") == (items, [each._replace(file=str(zipped)) for each in bad])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("items.xlsx", b"", "a file is one of"),
        ("items.csv", b"\xff\xfe", "cannot be read"),
        ("items.xml", b"<rss><item>", "cannot be read"),
        ("items.parquet", b"no", "cannot be read"),
        ("gone.csv", None, "cannot be read"),
        ("items.csv.gz", b"item_id,title", "cannot be read"),
        ("items.csv.gz", gzip.compress(b"item_id,title\n" * 9)[:-9], "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_said_to_be(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=said):
        read(tmp_path / name)


@pytest.mark.parametrize(("name", "wanted"), [("Size (EU)", "size_eu"), ("1. Größe", "gr_e"), ("尺寸", "option")])
def test_a_name_becomes_an_attributes(name: str, wanted: str) -> None:
    assert slug(name) == wanted
    assert Item.model_validate({"item_id": "x", "title": "x", "attributes": {slug(name): "M"}})
