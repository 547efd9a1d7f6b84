"""Which known customer an anonymous one turned out to be. The first known owner of an anonymous id keeps it."""

from shared.domain.events import ANONYMOUS, CustomerRef
from shared.stores.events import partition
from shared.stores.table import Table

OWNER = "OWNER"
LINK = "LINK#"
MOST_LINKS = 7


class LinkStore:
    """Two records a link: the anonymous one names its owner, and the owner lists its anonymous ids."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def claim(self, anonymous_id: str, owner: CustomerRef) -> bool:
        """Link the anonymous id to this known owner; False where another owner has it already. Idempotent."""
        anonymous = CustomerRef(kind=ANONYMOUS, id=anonymous_id)
        record = {"pk": partition(anonymous), "sk": OWNER, "owned_by": str(owner)}
        mine = self._table.put_if(record, "attribute_not_exists(pk) OR owned_by = :me", {":me": str(owner)})
        if mine:
            self._table.put({"pk": partition(owner), "sk": LINK + anonymous_id})
        return mine

    def linked(self, owner: CustomerRef) -> list[CustomerRef]:
        """The owner and the anonymous ids linked to it, at most `MOST_LINKS` of them: one bounded query."""
        found = self._table.query(partition(owner), LINK, MOST_LINKS)
        return [owner, *(CustomerRef(kind=ANONYMOUS, id=record["sk"].removeprefix(LINK)) for record in found)]

    def owner(self, anonymous: CustomerRef) -> CustomerRef | None:
        """The known customer who has claimed this anonymous id."""
        record = self._table.get(partition(anonymous), OWNER)
        return CustomerRef.parse(record["owned_by"]) if record else None
