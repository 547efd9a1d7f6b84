"""The price ledger in the table, a partition for each item. What is appended is written with the item itself."""

from pydantic import ValidationError

from shared.domain.events import EPOCH
from shared.domain.ledger import Entry
from shared.stores.table import Put, Record, Table

PRICE = "PRICE#"


class LedgerStore:
    """Reads the ledger of an item, also of one that was deleted."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, item_id: str, *, consistent: bool = False) -> list[Entry]:
        """The item's entries, oldest first."""
        found = self._table.query_all(_partition(item_id), consistent=consistent)
        return [_entry(record) for record in found if record["sk"].startswith(PRICE)]

    def latest(self, item_id: str, count: int) -> list[Entry]:
        """The last so many of the item's entries, oldest first; consistent."""
        found = self._table.query(_partition(item_id), PRICE, count, newest_first=True)
        return [_entry(record) for record in reversed(found)]


def _entry(record: Record) -> Entry:
    """The entry of a record; for one that somebody made unreadable an entry that fits into no chain."""
    try:
        return Entry.model_validate_json(record["body"])
    except (KeyError, ValidationError):
        seq = record["sk"].removeprefix(PRICE)
        return Entry(
            item_id="", seq=int(seq) if seq.isdecimal() else 0, currency="", amount=None, since=EPOCH, previous=""
        )


def appended(entry: Entry) -> Put:
    """The write that appends this entry, and never writes over another."""
    record: Record = {"pk": _partition(entry.item_id), "sk": f"{PRICE}{entry.seq:010d}"}
    return Put(record | {"body": entry.model_dump_json()}, "attribute_not_exists(pk)", {})


def _partition(item_id: str) -> str:
    return f"LEDGER#{item_id}"
