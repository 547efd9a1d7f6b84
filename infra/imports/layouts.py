"""Which kind of file it is, by its header; and its records as items and as purchases."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from infra.imports import google, shopify
from infra.imports.files import Bad, Problem, Row, SourceError, kind, refuse, rows
from shared.domain.items import Item, oversize

MONEY = ("price", "cost")
ATTRIBUTE = "attributes."
IDS = ("item_id", "group")
SPARSE = {".jsonl", ".ndjson", ".xml"}
"""Where a record leaves out what it does not have."""


class Layout(NamedTuple):
    """A kind of file: what its header has at least, and its rows as rows of our own names."""

    name: str
    header: set[str]
    convert: Callable[[Iterator[Row], str], Iterator[Row]]


CATALOGUES = (
    Layout("Shopify products", shopify.PRODUCTS, shopify.products),
    Layout("Shopify products", shopify.NEWER_PRODUCTS, shopify.products),
    Layout("Google Merchant feed", google.FEED, google.items),
)
HISTORIES = (Layout("Shopify orders", shopify.ORDERS, lambda rows, _: shopify.orders(rows)),)


class Options(NamedTuple):
    """How to read a file: our name of a column by theirs, the currency of prices that name none.

    And whether it may be in a Western encoding where it is no UTF-8: for what is only counted, and kept nowhere.
    """

    columns: Mapping[str, str] = {}
    currency: str = "USD"
    any_encoding: bool = False


def each_its_own(options: Options, paths: Sequence[Path]) -> list[Options]:
    """For each file the columns that it has of those that are named. Raises `SourceError` for one that none has."""
    headers = [_header(path, options) for path in paths]
    strange = {name for name in options.columns.values() if not any(name in (header or {name}) for header in headers)}
    if strange:
        raise SourceError(f"None of {', '.join(map(str, paths))} has a column {', '.join(sorted(strange))}.")
    return [
        options._replace(columns={ours: name for ours, name in options.columns.items() if name in (header or {name})})
        for header in headers
    ]


def _header(path: Path, options: Options) -> set[str]:
    """The names of the columns; none where each record has its own."""
    first = None
    if kind(path) not in SPARSE:
        first = next(rows(path, refuse, any_encoding=options.any_encoding), None)
    return set(first.values) if first else set()


def items(path: Path, options: Options, bad: Bad) -> Iterator[Item]:
    """The items of a file; a bad one is told to `bad`."""
    for line, values in records(path, options, bad):
        item = checked(Item, fields_of(values, options.currency), (str(path), line), bad)
        if item and (large := oversize(item)):
            bad(Problem(str(path), line, large.field, large.message))
        elif item:
            yield item


def records(path: Path, options: Options, bad: Bad) -> Iterator[Row]:
    """The lines of a catalogue, with our own names of columns."""
    return _converted(path, options, bad, CATALOGUES)


def purchases(path: Path, options: Options, bad: Bad) -> Iterator[Row]:
    """The lines of a history, with our own names of columns."""
    return _converted(path, options, bad, HISTORIES)


def opinions(path: Path, options: Options, bad: Bad) -> Iterator[Row]:
    """The lines of a file of feedback, with our own names of columns."""
    return _converted(path, options, bad, ())


def competitors(path: Path, options: Options, bad: Bad) -> Iterator[Row]:
    """The lines of a file of competitors' prices, with our own names of columns."""
    return _converted(path, options, bad, ())


def checked[Model: BaseModel](
    model: type[Model], fields: Mapping[str, Any], place: tuple[str, int], bad: Bad
) -> Model | None:
    """The fields as a model, or None when they are bad, which is told."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        bad(Problem(*place, ".".join(map(str, first["loc"])), first["msg"]))
        return None


def fields_of(values: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """A flat row as an item's fields: money with its currency, tags at their commas, `attributes.colour` gathered."""
    fields = {name: value for name, value in values.items() if value not in ("", None)}
    currency = fields.pop("currency", currency)
    attributes = {name.removeprefix(ATTRIBUTE): fields.pop(name) for name in [*fields] if name.startswith(ATTRIBUTE)}
    if attributes:
        fields["attributes"] = attributes
    for name in IDS:
        if isinstance(fields.get(name), int):
            fields[name] = str(fields[name])
    for name in MONEY:
        if name in fields and not isinstance(fields[name], dict):
            fields[name] = {"amount": str(fields[name]), "currency": currency}
    if isinstance(fields.get("tags"), str):
        fields["tags"] = [tag for each in fields["tags"].split(",") if (tag := each.strip())]
    return fields


def _converted(path: Path, options: Options, bad: Bad, layouts: tuple[Layout, ...]) -> Iterator[Row]:
    """The rows in our names. A file that is none of the layouts must have our own columns, by mapping if need be."""
    found = rows(path, bad, any_encoding=options.any_encoding)
    first = next(found, None)
    if first is None:
        return
    everything = chain([first], found)
    header = set(first.values)
    unknown = set(options.columns.values()) - header
    if unknown and kind(path) not in SPARSE:
        raise SourceError(f"{path} has no column {', '.join(sorted(unknown))}; it has {', '.join(sorted(header))}.")
    for layout in layouts:
        if not options.columns and (layout.header <= header or layout.header <= google.names(header)):
            yield from layout.convert(everything, options.currency)
            return
    # What is mapped takes the place of a column that has our name already.
    replaced = {*options.columns, *options.columns.values()}
    for line, values in everything:
        mapped = {ours: values[column] for ours, column in options.columns.items() if column in values}
        yield Row(line, {name: value for name, value in values.items() if name not in replaced} | mapped)
