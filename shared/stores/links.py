"""Which known customer an anonymous one turned out to be. The first known owner of an anonymous id keeps it."""

from collections.abc import Iterable
from datetime import datetime
from time import sleep

from shared.domain.errors import StoreUnavailableError
from shared.domain.events import ANONYMOUS, CustomerRef
from shared.stores.events import partition
from shared.stores.table import Key, Put, Record, Table, pauses

OWNER = "OWNER"
LINK = "LINK#"
MOST_LINKS = 7
MOST_LISTED = 1_000


class LinkStore:
    """Two records a link: the anonymous one names its owner, and the owner lists its anonymous ids."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def claim(self, anonymous_id: str, owner: CustomerRef, since: datetime) -> bool:
        """Link the anonymous id to this known owner; False where another owner has it already. Idempotent.

        It is read first, since a browser's library names both ids on each of its events.
        Raises `StoreUnavailableError`.
        """
        anonymous = CustomerRef(kind=ANONYMOUS, id=anonymous_id)
        named = Put({"pk": partition(anonymous), "sk": OWNER, "owned_by": str(owner)}, "attribute_not_exists(pk)")
        listed = Put({"pk": partition(owner), "sk": LINK + anonymous_id, "since": since.isoformat()})
        for pause in pauses():
            if (found := self.owner(anonymous)) is not None:
                return found == owner
            if not self._table.transact([named, listed]):
                return True
            sleep(pause)
        raise StoreUnavailableError("Others keep claiming the same id.")

    def linked(self, owner: CustomerRef) -> list[CustomerRef]:
        """The owner and its `MOST_LINKS` latest anonymous ids: one bounded query."""
        found = self._table.query(partition(owner), LINK, MOST_LISTED)
        latest = sorted(found, key=lambda record: record.get("since", ""), reverse=True)[:MOST_LINKS]
        return [owner, *(CustomerRef(kind=ANONYMOUS, id=record["sk"].removeprefix(LINK)) for record in latest)]

    def keys(self, customers: Iterable[CustomerRef]) -> dict[Key, CustomerRef]:
        """Where the owners of the anonymous ones are, for those who read them together with something else."""
        return {(partition(each), OWNER): each for each in customers if not each.is_known}

    def read(self, record: Record) -> CustomerRef:
        """What a record that was found there says."""
        return CustomerRef.parse(record["owned_by"])

    def owner(self, anonymous: CustomerRef) -> CustomerRef | None:
        """The known customer who has claimed this anonymous id."""
        record = self._table.get(partition(anonymous), OWNER)
        return self.read(record) if record else None
