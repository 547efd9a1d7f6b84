"""Groups of mentions with the ids and names that their owner knows them by."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from functions.themes.cluster import Groups, Space, Vectors, assigned
from functions.themes.counting import NEGATIVE, age_in_weeks
from functions.themes.identity import matched, named
from functions.themes.labels import Terms, label_all
from functions.themes.mentions import Corpus, speaker_of
from functions.themes.remembered import middles_of
from shared.domain.themes import Centroid

RECENT_FIRST = 1_300
"""Of a sample, at most so many are this week's complaints: what is new must be found, and not be all there is."""


class Group(NamedTuple):
    """A group of mentions with its name."""

    theme_id: str
    first_seen: date
    terms: Terms
    members: NDArray[np.int64]
    middle: Vectors


def order(corpus: Corpus, today: int) -> NDArray[np.int64]:
    """Some of this week's complaints first, then by chance, but by the same chance every day."""
    fresh = age_in_weeks(corpus, today)[corpus.voice_of] == 0 if corpus.mentions else np.zeros(0, bool)
    recent = np.flatnonzero(fresh & (corpus.scores <= NEGATIVE))
    chance = np.array(
        [crc32(f"{corpus.voices[each.voice].feedback_id} {each.start}".encode()) for each in corpus.mentions],
        dtype=np.int64,
    )
    first = recent[np.argsort(chance[recent], kind="stable")][:RECENT_FIRST]
    others = np.setdiff1d(np.arange(len(chance)), first)
    return np.concatenate([first, others[np.argsort(chance[others], kind="stable")]]).astype(np.int64)


def with_names(corpus: Corpus, groups: Groups, within: Space, known: Sequence[Centroid]) -> list[Group]:
    """The groups with the ids and labels that they had, if they are known."""
    old = middles_of(known, within)
    same = matched(groups.labels, groups.centroids, assigned(corpus.vectors, old, within), old)
    members = [np.flatnonzero(groups.labels == at) for at in range(len(groups.centroids))]
    middles = [_middle_name(corpus, own, groups.centroids[at], within) for at, own in enumerate(members)]
    kept = {at: known[which].theme_id for at, which in same.items()}
    ids = named(len(members), kept, middles, frozenset(each.theme_id for each in known))
    texts = [[(speaker_of(corpus, int(each)), corpus.mentions[int(each)].text) for each in own] for own in members]
    labels = label_all(texts, [known[same[at]].label if at in same else None for at in range(len(members))])
    return [
        Group(
            ids[at],
            known[same[at]].first_seen if at in same else _first(corpus, own),
            labels[at],
            own,
            groups.centroids[at],
        )
        for at, own in enumerate(members)
    ]


def _middle_name(corpus: Corpus, members: NDArray[np.int64], middle: Vectors, within: Space) -> str:
    """The sentence nearest to the middle, by where it stands."""
    nearest = members[int((within.centred(corpus.vectors[members]) @ middle).argmax())]
    mention = corpus.mentions[int(nearest)]
    return f"{corpus.voices[mention.voice].feedback_id} {mention.start}"


def _first(corpus: Corpus, members: NDArray[np.int64]) -> date:
    earliest: datetime = min(corpus.voices[corpus.mentions[int(each)].voice].time for each in members)
    return earliest.astimezone(UTC).date()
