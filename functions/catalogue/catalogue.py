"""The use cases of the catalogue: one item or many; of many, report the bad ones and lose none of the good ones."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from functions.catalogue import edits
from shared.domain.errors import ConflictError, DomainError, FieldError, InvalidInputError, NotFoundError
from shared.domain.events import Id
from shared.domain.items import Item
from shared.stores.items import Edit, ItemStore

_ID: TypeAdapter[str] = TypeAdapter(Id)
_VERSION: TypeAdapter[int | None] = TypeAdapter(int | None)

REFUSED = (InvalidInputError, ConflictError, NotFoundError)
"""What is wrong with a record, and not with us."""


class RejectedItem(BaseModel):
    """A bad record of a bulk call: where it stood, which field is wrong and why."""

    index: int
    item_id: str | None
    field: str
    message: str


class ItemReport(BaseModel):
    """How many records were stored, and what was wrong with each of the others."""

    accepted: int
    rejected: list[RejectedItem]


def put(records: Sequence[Any], store: ItemStore, now: datetime) -> ItemReport:
    """Store the good items over their earlier versions; raises `StoreUnavailableError` if one could not be written."""
    return _in_bulk(records, _put, store, now)


def patch(records: Sequence[Any], store: ItemStore, now: datetime) -> ItemReport:
    """Change the items that the good records name; raises `StoreUnavailableError` if one could not be written."""
    return _in_bulk(records, _patch, store, now)


def put_one(item_id: str, record: dict[str, Any], version: int | None, store: ItemStore, now: datetime) -> Item:
    """Store one item; `version` goes before the record's own. Raises any of `REFUSED`."""
    item = edits.valid({"item_id": item_id} | record)
    if item.item_id != item_id:
        raise InvalidInputError("The path names another item.", [FieldError("item_id", "is not the path's")])
    wanted = item if version is None else item.model_copy(update={"version": version})
    return _one(item_id, edits.put(wanted), store, now)


def patch_one(item_id: str, record: dict[str, Any], version: int | None, store: ItemStore, now: datetime) -> Item:
    """Change one item; `version` goes before the record's own. Raises any of `REFUSED`."""
    own, changes = _versioned(record)
    return _one(item_id, edits.patch(item_id, changes, own if version is None else version), store, now)


def delete_one(item_id: str, version: int | None, store: ItemStore, now: datetime) -> None:
    """Delete one item; one that does not exist is not an error. Raises `ConflictError`."""
    store.edit({item_id: edits.delete(version)}, now)


def _one(item_id: str, edit: Edit, store: ItemStore, now: datetime) -> Item:
    item = store.edit({item_id: edit}, now)[item_id]
    if item is None:
        raise NotFoundError(f"There is no item {item_id}.")
    return item


def _in_bulk(
    records: Sequence[Any], read: Callable[[Any], tuple[str, Edit]], store: ItemStore, now: datetime
) -> ItemReport:
    rejected: dict[int, RejectedItem] = {}
    wanted: dict[str, list[tuple[int, Edit]]] = defaultdict(list)
    for index, record in enumerate(records):
        try:
            item_id, edit = read(record)
        except REFUSED as error:
            rejected[index] = _rejection(index, record, error)
        else:
            wanted[item_id].append((index, edit))
    store.edit({item_id: _in_order(some, records, rejected) for item_id, some in wanted.items()}, now)
    return ItemReport(accepted=len(records) - len(rejected), rejected=[rejected[n] for n in sorted(rejected)])


def _in_order(some: list[tuple[int, Edit]], records: Sequence[Any], rejected: dict[int, RejectedItem]) -> Edit:
    """The edits of one item one after the other, as if each had come by itself; notes those that are refused."""

    def edit(current: Item | None) -> Item | None:
        for index, each in some:
            rejected.pop(index, None)
            try:
                after = each(current)
            except REFUSED as error:
                rejected[index] = _rejection(index, records[index], error)
            else:
                current = _numbered(current, after)
        return current

    return edit


def _numbered(before: Item | None, after: Item | None) -> Item | None:
    """`after` with the version that it would have, were it stored before the next edit looks."""
    version = before.version if before and before.version else 0
    changed = after is not None and (before is None or before != after.model_copy(update={"version": version}))
    return after.model_copy(update={"version": version + changed}) if after else None


def _put(record: Any) -> tuple[str, Edit]:
    item = edits.valid(record)
    return item.item_id, edits.put(item)


def _patch(record: Any) -> tuple[str, Edit]:
    if not isinstance(record, dict):
        raise InvalidInputError("A patch is an object.", [FieldError("", "must be an object")])
    item_id = _checked(_ID, "item_id", record.get("item_id"))
    version, changes = _versioned(record)
    return item_id, edits.patch(item_id, changes, version)


def _versioned(record: dict[str, Any]) -> tuple[int | None, dict[str, Any]]:
    changes = {name: value for name, value in record.items() if name != "version"}
    return _checked(_VERSION, "version", record.get("version")), changes


def _checked[Value](adapter: TypeAdapter[Value], field: str, value: Any) -> Value:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        message = error.errors(include_url=False)[0]["msg"]
        raise InvalidInputError("The request is not valid.", [FieldError(field, message)]) from error


def _rejection(index: int, record: Any, error: DomainError) -> RejectedItem:
    item_id = record.get("item_id") if isinstance(record, dict) else None
    field, message = _blamed(error)
    return RejectedItem(
        index=index, item_id=item_id if isinstance(item_id, str) else None, field=field, message=message
    )


def _blamed(error: DomainError) -> FieldError:
    match error:
        case ConflictError():
            return FieldError("version", error.detail)
        case NotFoundError():
            return FieldError("item_id", error.detail)
        case InvalidInputError(errors=(first, *_)):
            return first
    return FieldError("", error.detail)
