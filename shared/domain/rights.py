"""What an erasure takes."""

from datetime import UTC, datetime
from typing import NamedTuple

END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class Cut(NamedTuple):
    """Where an erasure asked for at a moment divides what is known: what came later is a new history, and stays.

    A shopper's clock may be up to an hour ahead. What is dated later than the moment when it is looked at (`seen`)
    was there before the shopper can have done it, so it belongs to what is erased.
    """

    at: datetime
    seen: datetime = END_OF_TIME

    def takes(self, time: datetime | None) -> bool:
        """Whether a thing of this time is erased; one without a time is."""
        return time is None or not self.at < time <= self.seen
