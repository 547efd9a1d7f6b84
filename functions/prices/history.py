"""The use case of an item's history: its ledger, checked whole and shown page by page."""

from pydantic import BaseModel, Field

from shared.domain.errors import FieldError, InvalidInputError, NotFoundError
from shared.domain.ledger import Entry, broken
from shared.stores.items import ItemStore
from shared.stores.ledger import LedgerStore

READS = 3
"""Item and ledger are read one after the other, so a change of price may come between them."""


class PriceHistory(BaseModel, defer_build=True):
    """One page of an item's price ledger, the latest first. `amount` is null from when it had no price."""

    item_id: str
    valid: bool = Field(description="Whether the whole chain, not only this page, is as it was written.")
    first_broken: int | None = Field(default=None, description="The first entry that is missing or was changed.")
    count: int = Field(description="Of the entries in all.")
    entries: list[Entry]
    next_cursor: str | None = None


def history(item_id: str, items: ItemStore, ledger: LedgerStore, limit: int, cursor: str | None) -> PriceHistory:
    """The page that begins below `cursor`. Also of a deleted item. Raises `NotFoundError` and `InvalidInputError`."""
    below = _read(cursor)
    for _ in range(READS):
        item, end = items.with_end(item_id)
        entries = ledger.read(item_id, consistent=True)
        first = broken(entries, end)
        if first is None:
            break
    if item is None and end is None and not entries:
        raise NotFoundError(f"There is no item {item_id}, and never was.")
    left = [entry for entry in reversed(entries) if below is None or entry.seq < below]
    page = left[:limit]
    more = str(page[-1].seq) if len(left) > limit else None
    return PriceHistory(
        item_id=item_id,
        valid=first is None,
        first_broken=first,
        count=len(entries),
        entries=page,
        next_cursor=more,
    )


def _read(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise InvalidInputError("The cursor is not one that this API gave.", [FieldError("cursor", "is not a cursor")])
    return int(cursor)
