"""The use case of a summary: sums by day, made into points of a chart, and into figures by aspect, category, source."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from pydantic import BaseModel

from shared.domain.errors import FieldError, InvalidInputError
from shared.domain.feedback import Source
from shared.domain.tallies import ASPECT, CATEGORY, EVERYTHING, ITEM, Figures, Measure
from shared.stores.tallies import DaySum, FacetSum, TallyStore

MOST_DAYS = 2 * 366
MOST_POINTS = 400
USUAL_DAYS = 365


class Period(StrEnum):
    """What one point of the chart stands for; a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Point(Figures):
    """What was said from `start` on, to the end of its period or of what was asked for."""

    start: date


class Group(Figures):
    """What was said in all that time of one aspect, in one category, from one source."""

    name: str


class Summary(BaseModel):
    """Figures of feedback: in all, by period, and by what it is about. Days are those of UTC."""

    since: date
    until: date
    period: Period
    item_id: str | None = None
    aspect: str | None = None
    source: Source | None = None
    total: Figures
    points: list[Point]
    aspects: list[Group]
    categories: list[Group]
    sources: list[Group]


class Question(BaseModel):
    """What is to be summed up; both days are included."""

    since: date
    until: date
    period: Period = Period.MONTH
    item_id: str | None = None
    aspect: str | None = None
    source: Source | None = None


def question(asked: Mapping[str, object], since: date | None, until: date | None, today: date) -> Question:
    """The question, complete; raises `InvalidInputError` where it asks for too much."""
    last = until or today
    first = since or last - timedelta(days=USUAL_DAYS - 1)
    full = Question.model_validate({**asked, "since": first, "until": last})
    days = (last - first).days + 1
    if days < 1:
        raise InvalidInputError("The request is not valid.", [FieldError("until", "must not be before since")])
    if days > MOST_DAYS:
        raise InvalidInputError("The request is not valid.", [FieldError("since", f"must be within {MOST_DAYS} days")])
    if full.period is Period.DAY and days > MOST_POINTS:
        raise InvalidInputError("The request is not valid.", [FieldError("period", f"day: {MOST_POINTS} days at most")])
    return full


def summarise(asked: Question, store: TallyStore) -> Summary:
    """Two dozen reads at most, however much feedback there is."""
    subject = ITEM + asked.item_id if asked.item_id else EVERYTHING
    facet = ASPECT + asked.aspect if asked.aspect else EVERYTHING
    sums = store.read(subject, facet, asked.since, asked.until)
    by_day = {each: n for each, n in sums.by_day.items() if asked.source in {None, each.source}}
    by_facet = {each: n for each, n in sums.by_facet.items() if asked.source in {None, each.source}}
    by_source = {each: n for each, n in sums.by_facet.items() if each.facet == facet}
    points = _figures(by_day, lambda each: max(_start(each.day, asked.period), asked.since))
    return Summary(
        **asked.model_dump(),
        total=_figures(by_day, lambda _: "").get("", Figures()),
        points=[Point(start=start, **dict(points.get(start, Figures()))) for start in _starts(asked)],
        aspects=_groups(by_facet, ASPECT),
        categories=_groups(by_facet, CATEGORY),
        sources=_named(_figures(by_source, lambda each: each.source.value)),
    )


def _groups(sums: Mapping[FacetSum, int], kind: str) -> list[Group]:
    those = {each: n for each, n in sums.items() if each.facet.startswith(kind)}
    return _named(_figures(those, lambda each: each.facet.removeprefix(kind)))


def _named(figures: Mapping[str, Figures]) -> list[Group]:
    """The largest first; without what has been taken back."""
    groups = [Group(name=name, **dict(each)) for name, each in figures.items() if each.count]
    return sorted(groups, key=lambda group: (-group.count, group.name))


def _figures[S: (DaySum, FacetSum), Name](sums: Mapping[S, int], name: Callable[[S], Name]) -> dict[Name, Figures]:
    found: dict[Name, Counter[Measure]] = defaultdict(Counter)
    for each, amount in sums.items():
        found[name(each)][each.measure] += amount
    return {called: Figures.of(amounts) for called, amounts in found.items()}


def _start(day: date, period: Period) -> date:
    match period:
        case Period.DAY:
            return day
        case Period.WEEK:
            return day - timedelta(days=day.weekday())
        case Period.MONTH:
            return day.replace(day=1)


def _starts(asked: Question) -> Iterable[date]:
    """The first day of each period, of the first one that which is asked for."""
    days = ((asked.since + timedelta(days=n)) for n in range((asked.until - asked.since).days + 1))
    return dict.fromkeys(max(_start(day, asked.period), asked.since) for day in days)
