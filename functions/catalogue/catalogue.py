"""The use cases of the catalogue: put in bulk, report the bad items, lose none of the good ones."""

from typing import Any

from pydantic import BaseModel, ValidationError

from shared.domain.items import Item
from shared.stores.items import ItemStore


class RejectedItem(BaseModel):
    """A bad item of a bulk put: where it stood, which field is wrong and why."""

    index: int
    item_id: str | None
    field: str
    message: str


class ItemReport(BaseModel):
    """How many items were stored, and what was wrong with each of the others."""

    accepted: int
    rejected: list[RejectedItem]


def put(records: list[Any], store: ItemStore) -> ItemReport:
    """Store the good items over their earlier versions; raises `StoreUnavailableError` if one could not be written."""
    items: list[Item] = []
    rejected: list[RejectedItem] = []
    for index, record in enumerate(records):
        try:
            items.append(Item.model_validate(record))
        except ValidationError as error:
            rejected.append(_rejection(index, record, error))
    store.put(items)
    return ItemReport(accepted=len(items), rejected=rejected)


def _rejection(index: int, record: Any, error: ValidationError) -> RejectedItem:
    first = error.errors(include_url=False)[0]
    item_id = record.get("item_id") if isinstance(record, dict) else None
    return RejectedItem(
        index=index,
        item_id=item_id if isinstance(item_id, str) else None,
        field=".".join(map(str, first["loc"])),
        message=first["msg"],
    )
