"""What the lists alone would cost elsewhere, by list prices as far as they could be found."""

import json
from functools import cache
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

FILE = Path(__file__).with_name("managed.json")


class Step(BaseModel):
    """The price of a thousand requests from so many on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: Annotated[float, Field(ge=0, alias="from")]
    usd: Annotated[float, Field(gt=0)]


class Service(BaseModel):
    """A managed service: `least_requests` are charged in any month; no price is known above `priced_up_to`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    usd_per_1000: Annotated[tuple[Step, ...], Field(min_length=1)]
    least_requests: Annotated[float, Field(ge=0)]
    free_requests: Annotated[float, Field(ge=0)]
    priced_up_to: float = float("inf")
    source: Annotated[str, Field(pattern="^https://")]
    found: Annotated[str, Field(min_length=1)]
    left_out: str

    def dollars(self, requests: float) -> float:
        """What a month with so many requests costs, as far as there is a price."""
        charged = min(max(requests - self.free_requests, self.least_requests), self.priced_up_to)
        ends = [*(step.start for step in self.usd_per_1000[1:]), float("inf")]
        steps = zip(self.usd_per_1000, ends, strict=True)
        return sum(max(0.0, min(charged, end) - step.start) * step.usd / 1000 for step, end in steps)


class Elsewhere(NamedTuple):
    """A service and its month."""

    service: Service
    usd: float


@cache
def services() -> tuple[Service, ...]:
    """Those whose price could be found."""
    found = json.loads(FILE.read_text("utf-8"))["services"]
    return tuple(Service.model_validate(each) for each in found)


def elsewhere(requests: float) -> list[Elsewhere]:
    """What each would charge for so many lists a month."""
    return [Elsewhere(service, service.dollars(requests)) for service in services()]
