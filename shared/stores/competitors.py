"""Competitors' prices in the table: one record for each item, since all of an item's are always read together."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from time import sleep

from pydantic import TypeAdapter

from shared.domain.competitors import MOST_COMPETITORS, OLDEST, CompetitorPrice, updated
from shared.domain.errors import StoreUnavailableError
from shared.domain.events import EPOCH
from shared.stores.conditional import Write, write_all
from shared.stores.table import Put, Record, Table, pauses

PREFIX = "COMPETITORS#"
SORT = "PRICES"
_PRICES: TypeAdapter[tuple[CompetitorPrice, ...]] = TypeAdapter(tuple[CompetitorPrice, ...])


class CompetitorStore:
    """Takes competitors' prices in, and gives them by item."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, item_ids: Iterable[str], *, consistent: bool = True) -> dict[str, tuple[CompetitorPrice, ...]]:
        """The latest price of each competitor for each of these items, of those that have any."""
        return {item_id: _prices(record) for item_id, record in self._read(item_ids, consistent).items()}

    def put(self, told: Iterable[CompetitorPrice], now: datetime) -> set[str]:
        """Take these in, each saying when it was seen; an older one than what is known changes nothing.

        The items that have too many competitors for them: of those nothing was taken in. Raises
        `StoreUnavailableError`.
        """
        left: dict[str, list[CompetitorPrice]] = defaultdict(list)
        for each in told:
            left[each.item_id].append(each)
        crowded: set[str] = set()
        for pause in pauses():
            before = self._read(left)
            after = {item_id: updated(_prices(before.get(item_id)), some, now) for item_id, some in left.items()}
            crowded |= {item_id for item_id, prices in after.items() if len(prices) > MOST_COMPETITORS}
            writes: dict[str, Write] = {
                item_id: (_put(item_id, prices, before.get(item_id)),)
                for item_id, prices in after.items()
                if item_id not in crowded and prices != _prices(before.get(item_id))
            }
            lost = write_all(self._table, writes)
            if not lost:
                return crowded
            for item_id in left.keys() - lost:
                del left[item_id]
            sleep(pause)
        raise StoreUnavailableError("Others keep changing the same prices.")

    def _read(self, item_ids: Iterable[str], consistent: bool = True) -> Mapping[str, Record]:
        found = self._table.get_many(((PREFIX + item_id, SORT) for item_id in item_ids), consistent=consistent)
        return {record["pk"].removeprefix(PREFIX): record for record in found}


def _prices(record: Record | None) -> tuple[CompetitorPrice, ...]:
    return _PRICES.validate_json(record["body"], extra="ignore") if record else ()


def _put(item_id: str, prices: Iterable[CompetitorPrice], before: Record | None) -> Put:
    """Over what was read only. It expires when nothing in it counts any more."""
    kept = list(prices)
    last = max((each.seen for each in kept if each.seen), default=EPOCH)
    record: Record = {
        "pk": PREFIX + item_id,
        "sk": SORT,
        "version": int(before["version"]) + 1 if before else 1,
        "body": json.dumps([each.model_dump(mode="json", exclude_none=True) | _price(each) for each in kept]),
        "expires_at": int((last + OLDEST).timestamp()),
    }
    if before is None:
        return Put(record, "attribute_not_exists(pk)")
    return Put(record, "version = :version", {":version": before["version"]})


def _price(price: CompetitorPrice) -> dict[str, object]:
    """Also where there is none: it must not look left out."""
    return {"price": price.price.model_dump(mode="json") if price.price else None}
