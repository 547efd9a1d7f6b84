"""Times as logs write them: numbers since 1970 in some unit, ISO 8601, or dates in a country's own order.

Unit and order are those of the whole column, since one value alone does not tell them: `12/1/2010` is one of two days.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from training.interactions import Floats

UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (np.inf, 1e9))
"""Below which a column's largest number is how many parts of a second: s, ms, us, ns. Each ends in the year 5138."""
LAST = datetime.max.replace(tzinfo=UTC).timestamp()
DAYS = (19_000_101, 21_001_231)
"""Between these, 20190930 is a day, where all of a column's numbers can be read so."""

_WRITTEN = re.compile(
    r"(?P<a>\d{1,4})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{1,4})"
    r"(?:[ T,]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d(?:\.\d+)?))?)?"
    r"(?: *(?P<half>[AaPp])\.?[Mm]\.?)?(?: *(?P<offset>Z|UTC|GMT|[+-]\d\d:?\d\d))?"
)
_LONGEST_YEAR, _MONTHS, _NOON = 4, 12, 12


class UnreadableTimeError(ValueError):
    """What is wrong with one of the times, and which it is."""

    def __init__(self, place: int, problem: str) -> None:
        super().__init__(problem)
        self.place = place


def seconds(texts: Sequence[str]) -> Floats:
    """Seconds since 1970 [n]; a time without an offset is taken as UTC. Raises `UnreadableTimeError`."""
    numbers = _numbers(texts)
    is_number = ~np.isnan(numbers)
    found = _by_unit(numbers, is_number)
    written = [(place, texts[place]) for place in np.flatnonzero(~is_number).tolist()]
    first = day_first([text for _, text in written])
    known: dict[str, float] = {}
    for place, text in written:
        if text not in known:
            try:
                known[text] = moment(text, first).timestamp()
            except ValueError as error:
                raise UnreadableTimeError(place, str(error)) from error
        found[place] = known[text]
    beyond = np.flatnonzero(~(np.abs(found) < LAST))
    if len(beyond):
        raise UnreadableTimeError(int(beyond[0]), f"{texts[beyond[0]]!r} is a time in no year that there is")
    return found


def _numbers(texts: Sequence[str]) -> Floats:
    """Those that are numbers; NaN for what is not."""
    try:
        return np.array(texts, dtype=np.float64)
    except ValueError:
        return np.array([_number(text) for text in texts])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _by_unit(numbers: Floats, is_number: npt.NDArray[np.bool_]) -> Floats:
    own = numbers[is_number]
    if not len(own):
        return numbers.copy()
    if (days := _days(own)) is not None:
        found = numbers.copy()
        found[is_number] = days
        return found
    finite = np.abs(own[np.isfinite(own)])
    largest = finite.max() if len(finite) else 0.0
    return numbers / next(parts for below, parts in UNITS if largest < below)


def _days(numbers: Floats) -> Floats | None:
    """Numbers such as 20190930 as days, where all are."""
    if not np.all((numbers >= DAYS[0]) & (numbers <= DAYS[1]) & (np.floor(numbers) == numbers)):
        return None
    try:
        days = {each: datetime.strptime(f"{each:.0f}", "%Y%m%d").replace(tzinfo=UTC) for each in set(numbers.tolist())}
    except ValueError:
        return None
    return np.array([days[each].timestamp() for each in numbers.tolist()])


def day_first(texts: Iterable[str]) -> bool | None:
    """Whether dates such as 12/1/2010 begin with the day; None where none of them tells."""
    for text in texts:
        if (found := _WRITTEN.fullmatch(text)) and len(found["a"]) < _LONGEST_YEAR:
            if found["mark"] == "." or int(found["a"]) > _MONTHS:
                return True
            if int(found["b"]) > _MONTHS:
                return False
    return None


def moment(text: str, first: bool | None) -> datetime:
    """What a text says that is no number, by whether its column has the day `first`; in UTC if it names no offset.

    Raises `ValueError`, which says what is wrong with it.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = _written(text, first)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _written(text: str, first: bool | None) -> datetime:
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is neither a number of seconds nor an ISO 8601 time")
    year, month, day = found["a"], found["b"], found["c"]
    if len(year) < _LONGEST_YEAR:
        if first is None:
            raise ValueError(f"{text!r} may be two days, and no line tells which: write ISO 8601")
        year, (day, month) = found["c"], (found["a"], found["b"]) if first else (found["b"], found["a"])
    hour = int(found["hour"] or 0)
    if found["half"]:
        hour = hour % _NOON + (_NOON if found["half"] in "Pp" else 0)
    offset = {"UTC": "Z", "GMT": "Z"}.get(found["offset"] or "", found["offset"] or "")
    iso = f"{year}-{month:0>2}-{day:0>2}T{hour:02}:{found['minute'] or '00'}:{found['second'] or '00'}{offset}"
    try:
        return datetime.fromisoformat(iso)
    except ValueError as error:
        raise ValueError(f"{text!r} is no time: {error}") from error
