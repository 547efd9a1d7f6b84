"""The price ledger in the table, a partition for each item. What is appended is written with the item itself."""

from shared.domain.ledger import Entry
from shared.stores.table import Put, Record, Table

PRICE = "PRICE#"


class LedgerStore:
    """Reads the ledger of an item, also of one that was deleted."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, item_id: str) -> list[Entry]:
        """The item's entries, oldest first."""
        found = [record for record in self._table.query_all(_partition(item_id)) if record["sk"].startswith(PRICE)]
        return [Entry.model_validate_json(record["body"]) for record in found]


def appended(entry: Entry) -> Put:
    """The write that appends this entry, and never writes over another."""
    record: Record = {"pk": _partition(entry.item_id), "sk": f"{PRICE}{entry.seq:010d}"}
    return Put(record | {"body": entry.model_dump_json()}, "attribute_not_exists(pk)", {})


def _partition(item_id: str) -> str:
    return f"LEDGER#{item_id}"
