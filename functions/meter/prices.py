"""The dated price list: what AWS charges for a unit of what is used, by region, each with where that stands.

The newest file in `prices/` counts. A price is changed by adding a file, so that an older bill can still be told.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).with_name("prices")
HOME = "us-east-1"
"""Every line has its price there."""

Positive = Annotated[float, Field(gt=0)]
ByRegion = Annotated[Mapping[str, Positive], Field(min_length=1)]


class Above(BaseModel):
    """The price of what is used above so many units a month."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    units: Positive
    usd: ByRegion


class Line(BaseModel):
    """One price: dollars for `per` of a unit, by region. `free` units a month and account are not charged at all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: Annotated[str, Field(min_length=1)]
    per: Positive = 1.0
    usd: ByRegion
    free: Annotated[float, Field(ge=0)] = 0.0
    above: Above | None = None
    source: Annotated[str, Field(pattern="^https://")]
    confirmed: Mapping[str, str]

    def dollars(self, units: float, region: str) -> float:
        """What so many units of a month cost."""
        if self.above is None:
            return units * _in(self.usd, region) / self.per
        low, high = min(units, self.above.units), max(0.0, units - self.above.units)
        return (low * _in(self.usd, region) + high * _in(self.above.usd, region)) / self.per


class Used(NamedTuple):
    """So many units of a line of the price list, by a part of the deployment."""

    part: str
    line: str
    units: float


class Charge(NamedTuple):
    """A line of a bill."""

    part: str
    line: str
    units: float
    usd: float


class PriceList(BaseModel):
    """The prices as they were known on one day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    known: date
    currency: str
    how: str
    lines: Mapping[str, Line]
    free: Mapping[str, str]

    def unit(self, line: str, region: str = HOME) -> float:
        """Dollars for one unit, before any that are cheaper by their number."""
        return _in(self.lines[line].usd, region) / self.lines[line].per

    def bill(self, used: Iterable[Used], region: str = HOME, *, free: bool = False) -> list[Charge]:
        """What was used, charged. `free` takes off what an account has for nothing each month.

        A line whose price falls with the number is charged for all parts together, and shared by their units.
        """
        used = [each for each in used if each.units > 0]
        totals: dict[str, float] = {}
        for each in used:
            totals[each.line] = totals.get(each.line, 0.0) + each.units
        rates = {name: self._rate(name, units, region, free=free) for name, units in totals.items()}
        return [Charge(*each, usd=each.units * rates[each.line]) for each in used]

    def _rate(self, name: str, units: float, region: str, *, free: bool) -> float:
        """Dollars for each of so many units."""
        line = self.lines[name]
        charged = max(0.0, units - line.free) if free else units
        return line.dollars(charged, region) / units


def total(charges: Iterable[Charge]) -> float:
    """The dollars of all lines."""
    return sum(charge.usd for charge in charges)


def _in(usd: Mapping[str, float], region: str) -> float:
    return usd.get(region, usd[HOME])


@cache
def price_list(folder: Path = FOLDER) -> PriceList:
    """The newest of the lists."""
    newest = max(folder.glob("*.json"), key=lambda path: path.stem)
    return PriceList.model_validate_json(newest.read_text("utf-8"))
