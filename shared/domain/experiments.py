"""Price experiments: which price an item has in which block of days, drawn by item and block.

Nothing here takes a person: whoever looks at an item on a day sees the one price that it has.
"""

import hashlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.domain.events import Id

CONTROL = Decimal(0)
LONGEST = timedelta(days=182)
LATE = timedelta(days=14)
"""For so long after its end an experiment is still looked at: what is left to set back, and late refunds."""
MOST_ITEMS = 1_000
"""Of one experiment; of a larger category they are drawn."""

ExperimentId = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Percent = Annotated[Decimal, Field(gt=-50, le=50, decimal_places=2, allow_inf_nan=False)]


class Phase(StrEnum):
    """Where an experiment stands on a day."""

    PLANNED = "planned"
    RUNNING = "running"
    ENDED = "ended"
    STOPPED = "stopped"


class ExperimentBody(BaseModel):
    """What the owner says of an experiment. Days are those of UTC; prices change in the night's run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="", max_length=200)
    item_ids: tuple[Id, ...] = Field(default=(), max_length=100)
    category: str | None = Field(default=None, min_length=1, max_length=256, description="In place of `item_ids`.")
    arms: tuple[Percent, ...] = Field(
        min_length=2, max_length=5, description='Percent on top of the current price; "0" must be one: the control.'
    )
    start: date
    end: date = Field(description="The day on which the prices go back, a whole number of blocks after the start.")
    block_days: int = Field(default=7, ge=7, le=28, description="How long an item keeps a price.")
    settle_days: int = Field(
        default=1,
        ge=1,
        description="So many at the start of each block do not count; on the first the price moves.",
    )

    @model_validator(mode="after")
    def _can_be_run(self) -> Self:
        if bool(self.item_ids) == (self.category is not None):
            raise ValueError("must have either item_ids or category")
        if CONTROL not in self.arms or len(set(self.arms)) < len(self.arms):
            raise ValueError("arms must differ, and one must be 0: the control")
        if self.settle_days >= self.block_days:
            raise ValueError("settle_days must leave a day of each block")
        days = (self.end - self.start).days
        if days % self.block_days or not len(self.arms) * self.block_days <= days <= LONGEST.days:
            raise ValueError(
                f"from start to end must be whole blocks, one per arm at least, {LONGEST.days} days at most"
            )
        return self


class Experiment(ExperimentBody):
    """One experiment. Once it has begun, only stopping changes it."""

    experiment_id: ExperimentId
    version: int | None = Field(default=None, ge=0, description="Rises by one with each change.")
    stopped: AwareDatetime | None = None

    @property
    def control(self) -> int:
        """The place of the control among the arms."""
        return self.arms.index(CONTROL)

    @property
    def body(self) -> ExperimentBody:
        """What the owner said."""
        return ExperimentBody.model_validate(self.model_dump(include=set(ExperimentBody.model_fields)))

    def phase(self, day: date) -> Phase:
        """Where it stands on this day."""
        if self.stopped:
            return Phase.STOPPED
        if day < self.start:
            return Phase.PLANNED
        return Phase.RUNNING if day < self.end else Phase.ENDED

    def is_past(self, now: datetime) -> bool:
        """Whether nobody needs to look at it any more."""
        over = min(self.end, self.stopped.date()) if self.stopped else self.end
        return now.date() > over + LATE

    def block(self, day: date) -> int:
        """The number of the block that a day lies in; the first is 0."""
        return (day - self.start).days // self.block_days

    def cycle(self, block: int) -> int:
        """The number of the run of blocks, one for each arm, that a block lies in."""
        return block // len(self.arms)

    def arm(self, item_id: str, block: int) -> int:
        """The arm that an item is on in a block.

        In each cycle an item goes through a permutation of the arms that is drawn anew: sorting by independent hashes
        makes each permutation as likely as any other, and the same again whoever asks.
        """
        drawn = [f"{self.experiment_id}\0{item_id}\0{self.cycle(block)}\0{arm}" for arm in range(len(self.arms))]
        order = sorted(range(len(self.arms)), key=lambda arm: hashlib.sha256(drawn[arm].encode()).digest())
        return order[block % len(self.arms)]


def drawn_first(experiment_id: str, item_id: str) -> bytes:
    """What to sort items by, where only some can take part."""
    return hashlib.sha256(f"{experiment_id}\0{item_id}".encode()).digest()
