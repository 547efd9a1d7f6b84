"""Weeks however a file writes them: counted, ISO weeks, or days; as numbers from the first."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

ISO_WEEK = re.compile(r"(\d{4})-?[Ww](\d{1,2})(?:-?[1-7])?")
YEAR_WEEK = re.compile(r"(19\d\d|20\d\d)(0[1-9]|[1-4]\d|5[0-3])")
COUNTED = re.compile(r"(?:[Ww](?:eek|k)?[ _-]?)?(-?\d+)(?:\.0*)?")
DAYS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d-%b-%Y",
)
YEAR, WEEKS_OF_A_YEAR = re.compile(r"((?:19|20)\d\d)(?:\.0*)?"), 53
LONGEST = 52 * 30


def numbered(texts: Iterable[str]) -> tuple[dict[str, int], date | None]:
    """Each text's week, 0 the first; and that one's Monday, if the texts say the year.

    Raises `ValueError` with the first text that cannot be one.
    """
    texts = list(texts)
    mondays = _mondays(texts)
    if mondays is not None:
        first = min(mondays.values())
        return {text: (monday - first).days // 7 for text, monday in mondays.items()}, first
    weeks = {text: int(_matched(COUNTED, text).group(1)) for text in texts}
    low = min(weeks.values())
    if max(weeks.values()) - low > LONGEST:
        raise ValueError(max(weeks, key=lambda text: weeks[text]))
    return {text: week - low for text, week in weeks.items()}, None


def with_years(years: list[str], weeks: list[str]) -> list[str]:
    """Weeks of a year, 1 to 53, with the year beside them: as ISO weeks, or counted on where they are none.

    Weeks that are told whole already (dates, 202614, more than 53 of them) stay as they are.
    """
    pairs = [_of_year(*pair) for pair in zip(years, weeks, strict=True)]
    if any(pair is None for pair in pairs):
        return weeks
    told = [pair for pair in pairs if pair is not None]
    try:
        for year, week in set(told):
            date.fromisocalendar(year, week, 1)
    except ValueError:
        place = {pair: str(number) for number, pair in enumerate(sorted(set(told)))}
        return [place[pair] for pair in told]
    return [f"{year}-W{week:02d}" for year, week in told]


def _of_year(year: str, week: str) -> tuple[int, int] | None:
    told, counted = YEAR.fullmatch(year), COUNTED.fullmatch(week)
    if told is None or counted is None or not 0 <= int(counted.group(1)) <= WEEKS_OF_A_YEAR:
        return None
    return int(told.group(1)), int(counted.group(1))


def _mondays(texts: list[str]) -> dict[str, date] | None:
    """The Monday of each; None if they are numbers of weeks."""
    first = texts[0]
    if ISO_WEEK.fullmatch(first):
        return {text: _iso(_matched(ISO_WEEK, text), text) for text in texts}
    if all(YEAR_WEEK.fullmatch(text) for text in texts):
        return {text: _iso(_matched(YEAR_WEEK, text), text) for text in texts}
    if COUNTED.fullmatch(first) and not re.fullmatch(r"(19|20)\d{6}", first):
        return None
    return _days(texts)


def _matched(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    if (found := pattern.fullmatch(text)) is None:
        raise ValueError(text)
    return found


def _iso(found: re.Match[str], text: str) -> date:
    try:
        return date.fromisocalendar(int(found.group(1)), int(found.group(2)), 1)
    except ValueError as error:
        raise ValueError(text) from error


def _days(texts: list[str]) -> dict[str, date]:
    """Of the ways to read all texts as days, the one with the fewest different weekdays: 03/04 is a day of either."""
    read = [days for form in (None, *DAYS) if (days := _read(texts, form)) is not None]
    if not read:
        raise ValueError(
            next((text for text in texts if not any(_read([text], each) for each in (None, *DAYS))), texts[0])
        )
    best = min(read, key=lambda days: len({day.weekday() for day in days.values()}))
    return {text: monday_of(day) for text, day in best.items()}


def _read(texts: list[str], form: str | None) -> dict[str, date] | None:
    try:
        if form is None:
            return {text: datetime.fromisoformat(text).date() for text in texts}
        return {text: datetime.strptime(text, form).date() for text in texts}  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return None


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())
