"""Feedback -> themes and issues: one day's run, as a function of what was said and of the run before it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.themes import described, standing_out
from functions.themes.cluster import cluster, space
from functions.themes.described import Today
from functions.themes.figures import ratings
from functions.themes.grouping import order, with_names
from functions.themes.issues import Day, carried_on, key_of
from functions.themes.mentions import Corpus
from functions.themes.remembered import still_known
from shared.domain.themes import Centroid, FoundIssue, FoundTheme


class Before(NamedTuple):
    """What an earlier run left: its issues, and where its themes lay, if it understood as we do."""

    issues: Sequence[FoundIssue] = ()
    centroids: Sequence[Centroid] = ()


class Found(NamedTuple):
    """What a run found, and where its themes lie."""

    themes: tuple[FoundTheme, ...]
    issues: tuple[FoundIssue, ...]
    centroids: tuple[Centroid, ...]


def analyse(corpus: Corpus, before: Before, now: datetime) -> Found:
    """All themes and issues as of now."""
    date = now.astimezone(UTC).date()
    if not corpus.voices:
        empty = Day(date, {}, (), {})
        return Found((), carried_on(before.issues, empty), still_known(before.centroids, set(), date))
    compared = order(corpus, date.toordinal())
    within = space(corpus.vectors, compared)
    groups = cluster(corpus.vectors, compared, within)
    today = Today(corpus, within, with_names(corpus, groups, within, before.centroids), ratings(corpus.voices), date)
    themes = described.themes(today)
    open_now = {key_of(each) for each in before.issues if each.closed is None}
    issues = carried_on(before.issues, standing_out.day(today, groups.labels, open_now))
    return Found(themes, issues, _centroids(today, themes, before.centroids))


def _centroids(today: Today, themes: Sequence[FoundTheme], known: Sequence[Centroid]) -> tuple[Centroid, ...]:
    """Today's, the largest first, and those that are remembered."""
    shown = {each.theme.theme_id: each.theme.label for each in themes}
    now = [
        Centroid(
            theme_id=each.theme_id,
            label=shown.get(each.theme_id) or (each.terms[0] if each.terms else ""),
            first_seen=each.first_seen,
            last_seen=today.date,
            vector=_raw_middle(today.corpus, each.members),
        )
        for each in today.groups
    ]
    return (*now, *still_known(known, {each.theme_id for each in now}, today.date))


def _raw_middle(corpus: Corpus, members: NDArray[np.int64]) -> bytes:
    return (corpus.vectors[members].mean(axis=0, dtype=np.float64) / 127.0).astype("<f2").tobytes()
