"""Whom an erasure reaches, some customers or all, in all places where something of a shopper lies."""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import batched
from typing import NamedTuple, Protocol

from shared.domain.events import CustomerRef
from shared.domain.rights import Cut
from shared.stores.archive import all_shards, by_shard
from shared.stores.exports import ExportStore
from shared.stores.leftovers import PoisonedRecords
from shared.stores.rewriting import ArchiveRewriter, of_customers, of_everyone
from shared.stores.shoppers import ShopperStore
from shared.stores.tombstones import TombstoneStore

ARCHIVED = "archived events"
POISONED = "set-aside stream records"
EXPORTED = "exported files"
THREADS = 8
AT_ONCE = 1000


class Places(NamedTuple):
    """The stores that hold something of shoppers, and the tombstones that keep it out once it is erased."""

    shoppers: ShopperStore
    archive: ArchiveRewriter
    poison: PoisonedRecords
    exports: ExportStore
    tombstones: TombstoneStore


class Reach(Protocol):
    """What an erasure takes: counted by kind, or deleted. Both may be repeated."""

    def count(self, cut: Cut) -> Counter[str]: ...
    def erase(self, cut: Cut) -> None: ...


class OfCustomers:
    """Some customers, with all their ids."""

    def __init__(self, customers: Iterable[CustomerRef], places: Places) -> None:
        self._customers = frozenset(customers)
        self._places = places

    def count(self, cut: Cut) -> Counter[str]:
        found = self._places.shoppers.count(self._customers, cut)
        for shard, some in by_shard(self._customers).items():
            found[ARCHIVED] += self._places.archive.count(shard, of_customers(some, cut))
        found[POISONED] += self._places.poison.count(self._customers, cut)
        return +found

    def erase(self, cut: Cut) -> None:
        bury(self._customers, cut.at, self._places.tombstones)
        self._places.exports.erase(self._customers)
        self._places.shoppers.erase(self._customers, cut)
        for shard, some in by_shard(self._customers).items():
            self._places.archive.erase(shard, of_customers(some, cut))
        self._places.poison.erase(self._customers, cut)


class OfEveryone:
    """Every shopper of the shop."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def count(self, cut: Cut) -> Counter[str]:
        found = self._places.shoppers.count_all(cut)
        found[ARCHIVED] += sum(self._places.archive.count(shard, of_everyone(cut)) for shard in all_shards())
        found[POISONED] += self._places.poison.count(None, cut)
        found[EXPORTED] += self._places.exports.count_all()
        return +found

    def erase(self, cut: Cut) -> None:
        tombstones = self._places.tombstones
        self._places.exports.erase_all()
        self._places.shoppers.erase_all(cut, lambda some: bury(some, cut.at, tombstones))
        for shard in all_shards():
            bury(self._places.archive.customers(shard), cut.at, tombstones)
            self._places.archive.erase(shard, of_everyone(cut))
        self._places.poison.erase(None, cut)


def bury(customers: Iterable[CustomerRef], at: datetime, tombstones: TombstoneStore) -> None:
    """Write a tombstone for each of these customers that has none as late."""
    with ThreadPoolExecutor(THREADS) as pool:
        for some in batched(customers, AT_ONCE, strict=False):
            known = tombstones.erased(some)
            new = [customer for customer in some if customer not in known or known[customer] < at]
            list(pool.map(lambda customer: tombstones.write(customer, at), new))
