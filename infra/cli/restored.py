"""After a restore: a copy of the table from before an erasure has the erased shopper, and not the tombstone."""

from itertools import batched

from shared.domain.events import CustomerRef
from shared.domain.rights import Cut
from shared.stores.shoppers import PREFIX, ShopperStore
from shared.stores.table import Table
from shared.stores.tombstones import PREFIX as TOMBSTONES
from shared.stores.tombstones import TombstoneStore

AT_ONCE = 1000


def reapply(live: Table, restored: Table, tombstones: TombstoneStore) -> int:
    """Bring the live table's tombstones into the restored one, and erase there whom they are for; how many customers.

    `tombstones` are the restored table's. It may be repeated.
    """
    for record in live.scan(TOMBSTONES):
        restored.put_if(record, "attribute_not_exists(pk) OR erased_at < :at", {":at": record["erased_at"]})
    shoppers = ShopperStore(restored)
    customers = {record["pk"] for record in restored.scan(PREFIX)}
    erased = 0
    for some in batched(sorted(customers), AT_ONCE, strict=False):
        for customer, at in tombstones.erased(CustomerRef.parse(pk.removeprefix(PREFIX)) for pk in some).items():
            erased += bool(shoppers.count([customer], Cut(at)))
            shoppers.erase([customer], Cut(at))
    return erased
