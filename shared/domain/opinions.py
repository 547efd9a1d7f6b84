"""What recent feedback says of items, as the owner's rules go by it: of one item, and of all that have any."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

RECENT = timedelta(days=14)
"""What was computed longer ago is not recent any more: as if nothing were known."""
DIGITS = 4
"""Of a score, behind the point."""


class ItemSentiment(BaseModel):
    """What recent feedback says of one item: the mean score, shrunken towards all items', and of how many it is."""

    model_config = ConfigDict(frozen=True)

    item_id: str
    score: float
    count: int
    days: int


@dataclass(frozen=True, eq=False)
class Opinions:
    """All items with recent feedback, as of one moment. Two of one `generation` say the same.

    `rows` has for each item its score in ten-thousandths, the count and the days: a tenth of the objects' memory.
    """

    generation: str
    as_of: datetime
    rows: Mapping[str, tuple[int, int, int]]

    def of(self, item_id: str) -> ItemSentiment | None:
        """What is said of the item; None where nothing is."""
        if (row := self.rows.get(item_id)) is None:
            return None
        score, count, days = row
        return ItemSentiment.model_construct(item_id=item_id, score=score / 10**DIGITS, count=count, days=days)

    def score(self, item_id: str) -> Decimal | None:
        """The item's mean score, exactly as it is kept."""
        row = self.rows.get(item_id)
        return Decimal(row[0]).scaleb(-DIGITS) if row else None

    def count(self, item_id: str) -> int | None:
        """How many pieces of feedback the score is of; None rather than 0 where there are none."""
        row = self.rows.get(item_id)
        return row[1] if row else None

    def is_recent(self, now: datetime) -> bool:
        """Whether it may still be gone by."""
        return now - self.as_of <= RECENT


def row(sentiment: ItemSentiment) -> tuple[int, int, int]:
    """One item's as `Opinions` keeps it."""
    return round(sentiment.score * 10**DIGITS), sentiment.count, sentiment.days
