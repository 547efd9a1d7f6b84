"""What one record asks of one item: to be put, patched or deleted, perhaps only if it still has a certain version."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from shared.domain.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from shared.domain.items import Item, content, oversize
from shared.stores.items import Edit


def valid(record: Any) -> Item:
    """The item of a record; raises `InvalidInputError` naming each bad field."""
    try:
        item = Item.model_validate(record)
    except ValidationError as error:
        errors = [FieldError(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors(include_url=False)]
        raise InvalidInputError("The item is not valid.", errors) from error
    if large := oversize(item):
        raise InvalidInputError("The item is too large.", [large])
    return item


def put(item: Item) -> Edit:
    """The item, whatever it was before; with a version, only over that one (0: only where there is none)."""

    return lambda current: _over(current, item)


def patch(item_id: str, changes: Mapping[str, Any], version: int | None) -> Edit:
    """The item with these changes, by RFC 7396 (JSON merge patch)."""

    def edit(current: Item | None) -> Item:
        if current is None:
            raise NotFoundError(f"There is no item {item_id}.")
        try:
            changed = valid(merged(json.loads(content(current)), changes))
        except RecursionError as error:
            raise InvalidInputError("The patch is nested too deep.", [FieldError("", "is nested too deep")]) from error
        if changed.item_id != item_id:
            raise InvalidInputError("An item keeps its id.", [FieldError("item_id", "cannot be changed")])
        return _over(current, changed.model_copy(update={"version": version}))

    return edit


def delete(version: int | None) -> Edit:
    """No item; with a version, only if the item still has that one."""

    def edit(current: Item | None) -> None:
        require(version, current)

    return edit


def merged(target: Any, changes: Any) -> Any:
    """RFC 7396: objects are merged, null removes, anything else replaces."""
    if not isinstance(changes, Mapping):
        return changes
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def _over(current: Item | None, item: Item) -> Item:
    """The item, if it may stand over the current one; where nothing changes, it does already (a repeated call)."""
    if current is None or content(current) != content(item):
        require(item.version, current)
    return item


def require(version: int | None, current: Item | None) -> None:
    """Raises `ConflictError` where a version is asked for and the item does not have it; 0 stands for no item."""
    have = current.version if current else 0
    if version is not None and version != have:
        raise ConflictError(f"The item has version {have}, not {version}: read it again.")
