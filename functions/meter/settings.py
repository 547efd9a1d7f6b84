"""What the meter is told by its environment."""

from typing import Literal, NamedTuple

from pydantic import Field, Json

from shared.domain.settings import Settings


class Metered(NamedTuple):
    """A function as it is charged: its name, megabytes and architecture."""

    name: str
    megabytes: int
    architecture: str


class MeterSettings(Settings):
    """What is metered, what is switched off, and the budget that the template gives: dollars a month, 0 for none.

    `training_state` is that of all schedules, as it was deployed. A function's log group is `logs` and its part of the
    template, as in `/regulars/ingest`.
    """

    table_name: str
    bucket_name: str
    api_id: str
    topic_arn: str
    logs: str
    functions: Json[dict[str, Metered]]
    queues: Json[list[str]]
    schedules: Json[list[str]]
    training_state: Literal["ENABLED", "DISABLED"]
    monthly_budget: float = Field(ge=0)
