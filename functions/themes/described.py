"""Groups as themes: how many speak of each, of which items and aspects, how it feels, and what it does to ratings."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.themes import figures
from functions.themes.cluster import Space
from functions.themes.grouping import Group
from functions.themes.mentions import Corpus, speaker_of
from functions.themes.places import representative
from shared.domain.feedback import ItemCount, RatingEffect, Theme
from shared.domain.themes import FoundTheme

MOST_THEMES = 200
LEAST_VOICES = 3
WEEKS = 26
MOST_ITEMS = 20
SPOKEN_OF = 0.3
"""A theme is of an aspect that this share of its mentions is of."""


class Today(NamedTuple):
    """What a run looks at: the feedback, the space of its meanings, its groups, the ratings, and the day."""

    corpus: Corpus
    within: Space
    groups: Sequence[Group]
    rated: figures.Ratings
    date: date

    @property
    def ordinal(self) -> int:
        return self.date.toordinal()


def themes(of: Today) -> tuple[FoundTheme, ...]:
    """Those that enough people speak of, the most spoken of first."""
    days = np.array([each.time.toordinal() for each in of.corpus.voices], dtype=np.int64)
    spoken = [
        each
        for each in of.groups
        if each.terms and len({speaker_of(of.corpus, int(at)) for at in each.members}) >= LEAST_VOICES
    ]
    found = [_theme(of, each, days) for each in spoken]
    return tuple(sorted(found, key=lambda each: (-each.theme.count, each.theme.theme_id))[:MOST_THEMES])


def items(corpus: Corpus, members: Sequence[int] | NDArray[np.int64]) -> tuple[ItemCount, ...]:
    """The items that these mentions are of, the most frequent first, each piece of feedback once."""
    voices = {corpus.mentions[int(each)].voice for each in members}
    counts: defaultdict[str, float] = defaultdict(float)
    for each in sorted(voices):
        item = corpus.voices[each].item_id
        if item is not None:
            counts[item] += float(corpus.weights[each])
    return tuple(ItemCount(item_id=item, count=round(count)) for item, count in _most(counts)[:MOST_ITEMS])


def effect(of: Today, group: Group) -> RatingEffect | None:
    """What speaking of a group does to a rating."""
    return figures.rating_effect(of.rated, _voices_of(of.corpus, group.members))


def _theme(today: Today, group: Group, days: NDArray[np.int64]) -> FoundTheme:
    corpus, members = today.corpus, group.members
    of = _voices_of(corpus, members)
    weights = corpus.weights
    mood = float(np.average(corpus.scores[members], weights=weights[corpus.voice_of[members]]))
    change = figures.trend(days, of, today.ordinal, weights)
    meanings = today.within.centred(corpus.vectors[members])
    theme = Theme(
        theme_id=group.theme_id,
        label=group.terms[0],
        terms=group.terms,
        aspects=_aspects(corpus, members),
        count=round(weights[of].sum()),
        net_sentiment=round(mood, 4),
        trend=change and change.ratio,
        trend_low=change and change.low,
        trend_high=change and change.high,
        rating_effect=effect(today, group),
        weeks=figures.weeks(days, of, today.ordinal, WEEKS, weights),
        items=items(corpus, members),
        first_seen=group.first_seen,
    )
    places = representative(corpus, list(members), meanings, group.middle, mood, today.ordinal)
    return FoundTheme(theme=theme, places=places)


def _voices_of(corpus: Corpus, members: NDArray[np.int64]) -> NDArray[np.bool_]:
    of = np.zeros(len(corpus.voices), bool)
    of[corpus.voice_of[members]] = True
    return of


def _aspects(corpus: Corpus, members: NDArray[np.int64]) -> tuple[str, ...]:
    counts = Counter(aspect for each in members for aspect in corpus.mentions[int(each)].aspects)
    return tuple(aspect for aspect, count in _most(counts) if count >= SPOKEN_OF * len(members))


def _most[Count: float](counts: Mapping[str, Count]) -> list[tuple[str, Count]]:
    """The most frequent first, and by name where two are as frequent."""
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))
