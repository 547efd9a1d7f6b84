"""What recent feedback says of items, as the owner's rules go by it: of one item, and of all that have any."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, Self

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


class Opinion(NamedTuple):
    """The same as it is kept, a tenth of the object's memory: the score in ten-thousandths."""

    score: int
    pieces: int
    days: int

    @classmethod
    def of(cls, said: ItemSentiment) -> Self:
        return cls(round(said.score * 10**DIGITS), said.count, said.days)

    @property
    def mean(self) -> float:
        """The score in [-1, 1]."""
        return self.score / float(10**DIGITS)


@dataclass(frozen=True, eq=False)
class Opinions:
    """All items with recent feedback, as of one moment. Two of one `generation` say the same."""

    generation: str
    as_of: datetime
    rows: Mapping[str, Opinion]

    def of(self, item_id: str) -> Opinion | None:
        """What is said of the item; None where nothing is."""
        return self.rows.get(item_id)

    def score(self, item_id: str) -> Decimal | None:
        """The item's mean score, exactly as it is kept."""
        found = self.rows.get(item_id)
        return Decimal(found.score).scaleb(-DIGITS) if found else None

    def count(self, item_id: str) -> int | None:
        """How many pieces of feedback the score is of; None rather than 0 where there are none."""
        found = self.rows.get(item_id)
        return found.pieces if found else None

    def is_recent(self, now: datetime) -> bool:
        """Whether it may still be gone by."""
        return now - self.as_of <= RECENT
