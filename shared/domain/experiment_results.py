"""What a price experiment has shown: units and profit of an item and day on each arm, against the control."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.domain.experiments import Experiment, Phase

Seen = Literal["higher", "lower", "no_difference", "too_little"]
NOT_YET = "No night has looked at it yet."
MOST_NAMED = 100


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Effect(_Part):
    """An arm against the control, of one item on one day, with the interval that holds it with 90% probability."""

    value: float
    low: float
    high: float
    percent: Annotated[float | None, Field(description="Of what the control brings.")] = None


class Measured(_Part):
    """One item on one day; `seen` allows for the number of arms, so it may be `no_difference` beside a narrow gap."""

    per_day: Annotated[float | None, Field(description="The mean; none where nothing counts yet.")] = None
    effect: Effect | None = None
    seen: Seen | None = Field(default=None, description="None for the control itself.")


class ArmResult(_Part):
    """One arm, `percent` on the price. Days at the start of each block are left out."""

    percent: Decimal
    items: int
    item_days: int
    units_sold: float
    units: Measured
    profit: Annotated[Measured | None, Field(description="Of the items whose cost is known; in `currency`.")] = None


class Named(_Part):
    """An item, and the reason."""

    item_id: str
    why: str


class ExperimentResults(_Part):
    """As of the last night. `bound` are items that limits took out on the way, `left_out` those that never joined."""

    experiment_id: str
    phase: Phase
    computed: AwareDatetime | None = None
    currency: str | None = None
    taking_part: int = 0
    over: dict[str, int] = Field(default={}, description="How many items' parts are over, by reason.")
    bound: tuple[Named, ...] = Field(default=(), max_length=MOST_NAMED)
    left_out: tuple[Named, ...] = Field(default=(), max_length=MOST_NAMED)
    left_out_count: int = 0
    arms: tuple[ArmResult, ...] = ()
    note: str | None = None


def unknown(experiment: Experiment, now: datetime) -> ExperimentResults:
    """Before the first night."""
    phase = experiment.phase(now.date())
    return ExperimentResults(experiment_id=experiment.experiment_id, phase=phase, note=NOT_YET)
