"""Reads a catalogue under whatever names its columns have: what an item is called, and what is said of it.

An evaluation needs descriptions only. So it takes what `regulars items` would refuse: prices that are no money, texts
that are too long, columns that no item has.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.evaluation import data
from infra.imports import layouts
from infra.imports.files import Problem, SourceError, refuse
from infra.imports.layouts import ATTRIBUTE, Options
from shared.domain.items import Item

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "item_id": (*data.COLUMNS["item"], "id", "handle"),
    "title": ("title", "name", "product_name", "item_name", "product_title", "item_title", "prod_name", "headline"),
    "text": (
        "text",
        "description",
        "desc",
        "detail_desc",
        "product_description",
        "body",
        "about",
        "features",
    ),
    "category": ("category", "categories", "product_category", "category_name", "category_id", "genres", "genre"),
    "tags": ("tags", "keywords"),
    "kind": ("kind",),
}
"""By our name, the names that a column may have, in the order in which they are looked for."""

UNTOLD = {"price", "cost", "stock", "currency", "image_url", "url", "link", "version", "group"}
"""Columns that describe nothing. Stock is that of the day on which the file was made, and not of the cut."""
LONGEST = {"title": 512, "category": 256, "text": 20_000}
MOST_ATTRIBUTES, LONGEST_ATTRIBUTE = 32, 256
UNNAMED = re.compile(r"[^a-z0-9_]+")


def read(path: Path, options: Options) -> list[Item]:
    """The items; of two with one id the first. Raises `SourceError` with the line where one has no id."""
    found: dict[str, Item] = {}
    for line, values in layouts.records(path, options, refuse):
        fields = _fields(values, path)
        if not fields.get("item_id"):
            refuse(Problem(str(path), line, "item_id", "is empty"))
        if fields["item_id"] not in found:
            item = layouts.checked(Item, fields, (str(path), line), refuse)
            found |= {item.item_id: item} if item else {}
    if not found:
        raise SourceError(f"{path} has no items.")
    return list(found.values())


def renamed(items: Sequence[Item], names: Mapping[str, str]) -> list[Item]:
    """The items under the log's names for them."""
    return [item.model_copy(update={"item_id": names.get(item.item_id, item.item_id)}) for item in items]


def _fields(values: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """A row as an item's fields; what none of our names stands for is an attribute."""
    told = {_plain(name): " ".join(str(value).split()) for name, value in values.items() if value not in (None, "")}
    columns = {data.plain_name(name): _plain(name) for name in reversed([*values])}
    theirs = {
        ours: next((columns[name] for name in map(data.alike, names) if name in columns), "")
        for ours, names in COLUMNS.items()
    }
    if not theirs["item_id"]:
        raise SourceError(
            f"{path} has no column for item_id; it has {', '.join(values)}. Name it with --map item_id=NAME."
        )
    fields: dict[str, Any] = {ours: told.pop(name) for ours, name in theirs.items() if told.get(name)}
    fields = {name: value[: LONGEST.get(name)] for name, value in fields.items()}
    fields["attributes"] = dict(_attributes(told))
    fields["tags"] = [tag[:64] for each in fields.get("tags", "").split(",") if (tag := each.strip())][:32]
    if fields.get("kind") not in ("product", "content"):
        fields.pop("kind", None)
    return {"title": fields.get("text", fields.get("category", "-"))[: LONGEST["title"]]} | fields


def _plain(name: str) -> str:
    """As an attribute is called: `Item ID:token` is `item_id`."""
    return name.split(":", maxsplit=1)[0].strip().lower().replace(" ", "_")


def _attributes(told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    names = [name for name in told if name not in UNTOLD and told[name]]
    for name in names[:MOST_ATTRIBUTES]:
        plain = UNNAMED.sub("_", name.removeprefix(ATTRIBUTE)).strip("_0123456789")[:64]
        if plain:
            yield plain, told[name][:LONGEST_ATTRIBUTE]
