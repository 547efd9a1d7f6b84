"""What recent feedback says of items, in the table: sets of all items at once, and a pointer to the one that counts.

A set is written under a name made of its content before the pointer names it, so that a reader has one whole set or the
other. What no pointer names any more goes by its time to live: nobody can be in the middle of reading it by then.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from aws_lambda_powertools import Logger

from shared.domain.opinions import ItemSentiment, Opinion, Opinions
from shared.stores.table import Record, Table

PARTITION = "OPINIONS"
CURRENT = "CURRENT"
KEPT = timedelta(days=30)
"""Longer than a set counts for recent (`RECENT`), so that none that counts is ever cut off."""
MOST_ITEMS = 100_000
MOST_BYTES = 8_000_000
"""Of a set as JSON; ids as shops have them stay far below at that many items."""
PART_CHARACTERS = 300_000
"""Of one record: DynamoDB takes 400 KB."""

Rows = Mapping[str, Opinion]

logger = Logger(child=True)


class ItemSentimentStore:
    """Replaces the whole set, and reads it whole."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def replace(self, sentiments: Iterable[ItemSentiment], now: datetime) -> int:
        """From now on these count and no others; how many are kept. A set that is newer already is left alone.

        Over `MOST_ITEMS`, or `MOST_BYTES`, those with the least feedback are left out, with a warning.
        """
        rows = _bounded(sentiments)
        text = _written(rows)
        generation = hashlib.sha256(text.encode()).hexdigest()[:32]
        parts = [text[start : start + PART_CHARACTERS] for start in range(0, len(text), PART_CHARACTERS)]
        expires = int((now + KEPT).timestamp())
        self._table.write_many(
            {"pk": PARTITION, "sk": _part(generation, n), "body": part, "expires_at": expires}
            for n, part in enumerate(parts)
        )
        pointer = {"generation": generation, "parts": len(parts), "as_of": int(now.timestamp() * 1000)}
        self._table.put_if(
            {"pk": PARTITION, "sk": CURRENT} | pointer,
            "attribute_not_exists(pk) OR as_of <= :as_of",
            {":as_of": pointer["as_of"]},
        )
        return len(rows)

    def current(self, known: Opinions | None = None) -> Opinions | None:
        """The set that counts; None where there never was one, or it cannot be read.

        One small read where it says the same as what is `known` already. Raises `StoreUnavailableError`.
        """
        pointer = self._table.get(PARTITION, CURRENT, consistent=False)
        if pointer is None:
            return None
        generation = str(pointer["generation"])
        rows = known.rows if known and known.generation == generation else self._rows(generation, pointer)
        as_of = datetime.fromtimestamp(int(pointer["as_of"]) / 1000, tz=UTC)
        return None if rows is None else Opinions(generation, as_of, rows)

    def all(self) -> dict[str, ItemSentiment]:
        """What is said of each item; nothing where there is no set."""
        opinions = self.current()
        return {item_id: _sentiment(item_id, said) for item_id, said in opinions.rows.items()} if opinions else {}

    def _rows(self, generation: str, pointer: Record) -> Rows | None:
        keys = [(PARTITION, _part(generation, n)) for n in range(int(pointer["parts"]))]
        parts = sorted(self._table.get_many(keys), key=lambda record: record["sk"])
        if len(parts) < len(keys):
            logger.warning("what feedback says of items is incomplete", extra={"generation": generation})
            return None
        return _read("".join(record["body"] for record in parts))


def _bounded(sentiments: Iterable[ItemSentiment]) -> Rows:
    """Those with the most feedback, as many as a set may have, in the order of their ids."""
    wanted = sorted({each.item_id: each for each in sentiments}.values(), key=lambda each: (-each.count, each.item_id))
    kept: dict[str, Opinion] = {}
    size = 0
    for each in wanted[:MOST_ITEMS]:
        said = Opinion.of(each)
        size += len(json.dumps([each.item_id, *said])) + 1
        if size > MOST_BYTES:
            break
        kept[each.item_id] = said
    if len(kept) < len(wanted):
        logger.warning("items with the least feedback are left out", extra={"count": len(wanted) - len(kept)})
    return dict(sorted(kept.items()))


def _written(rows: Rows) -> str:
    content = json.dumps(rows, separators=(",", ":")).encode()
    return base64.b85encode(zlib.compress(content)).decode()


def _read(text: str) -> Rows | None:
    try:
        read = json.loads(zlib.decompress(base64.b85decode(text)))
        return {item_id: Opinion(int(score), int(count), int(days)) for item_id, (score, count, days) in read.items()}
    except (ValueError, TypeError, AttributeError, zlib.error) as error:
        logger.warning("what feedback says of items cannot be read", extra={"cause": str(error)})
        return None


def _sentiment(item_id: str, said: Opinion) -> ItemSentiment:
    return ItemSentiment(item_id=item_id, score=said.mean, count=said.pieces, days=said.days)


def _part(generation: str, number: int) -> str:
    return f"PART#{generation}#{number:04d}"
