"""Who spoke badly of what, and when: counts that the statistics of emerging issues work on.

A customer counts once in a week, however often they write; so does a text that was copied.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.themes.cluster import NONE, Labels
from functions.themes.emerging import WINDOW_DAYS, Numbers, Past
from functions.themes.mentions import Corpus

NEGATIVE = -0.1
"""The score from which on down a mention complains."""
PAST_WEEKS = 25


class Complaint(NamedTuple):
    """A speaker's bad words on a theme in one week, 0 the last one; `item` where it was of one."""

    theme: int
    item: str | None
    week: int
    speaker: int


class Counted(NamedTuple):
    """The window's counts, and the weeks before, of each key; `exposure` is the window's feedback for each."""

    keys: list[tuple[int, str | None]]
    counts: Numbers
    exposure: Numbers
    past: Past


def age_in_weeks(corpus: Corpus, today: int) -> NDArray[np.int64]:
    """Of each voice: 0 for the last seven days. What is of the future counts for today."""
    days = np.array([each.time.toordinal() for each in corpus.voices], dtype=np.int64)
    return np.maximum(today - days, 0) // WINDOW_DAYS


def complaints(corpus: Corpus, labels: Labels, weeks: NDArray[np.int64]) -> set[Complaint]:
    """Every speaker's, each theme and item once in a week."""
    found = set[Complaint]()
    for mention, label in zip(corpus.mentions, labels, strict=True):
        if label != NONE and mention.score <= NEGATIVE and weeks[mention.voice] <= PAST_WEEKS:
            voice = corpus.voices[mention.voice]
            found.add(Complaint(int(label), voice.item_id, int(weeks[mention.voice]), voice.speaker))
    return found


def by_theme(said: set[Complaint], corpus: Corpus, weeks: NDArray[np.int64], themes: int) -> Counted:
    """Counts of each theme, whatever item it was of."""
    all_feedback = _exposures(corpus, weeks, lambda _: None)[None]
    keys: list[tuple[int, str | None]] = [(theme, None) for theme in range(themes)]
    return _counted({each._replace(item=None) for each in said}, keys, [all_feedback] * themes)


def by_item(said: set[Complaint], corpus: Corpus, weeks: NDArray[np.int64]) -> Counted:
    """Counts of each theme on each item that anybody complained of."""
    of_item = _exposures(corpus, weeks, lambda item: item)
    keys = sorted({(each.theme, each.item) for each in said if each.item is not None})
    return _counted(said, list(keys), [of_item[item] for _, item in keys])


def _exposures(
    corpus: Corpus, weeks: NDArray[np.int64], part: Callable[[str | None], str | None]
) -> dict[str | None, Numbers]:
    """How many speakers there were in each week, the last one first."""
    seen = {
        (part(voice.item_id), int(week), voice.speaker)
        for voice, week in zip(corpus.voices, weeks, strict=True)
        if week <= PAST_WEEKS
    }
    found: dict[str | None, Numbers] = {None: np.zeros(PAST_WEEKS + 1)}
    for item, week, _ in seen:
        found.setdefault(item, np.zeros(PAST_WEEKS + 1))[week] += 1
    return found


def _counted(said: set[Complaint], keys: Sequence[tuple[int, str | None]], exposures: list[Numbers]) -> Counted:
    place = {key: at for at, key in enumerate(keys)}
    table = np.zeros((len(keys), PAST_WEEKS + 1))
    for each in said:
        at = place.get((each.theme, each.item))
        if at is not None:
            table[at, each.week] += 1
    of = np.array(exposures).reshape(len(keys), PAST_WEEKS + 1)
    return Counted(list(keys), table[:, 0], of[:, 0], Past(table[:, :0:-1], of[:, :0:-1]))
