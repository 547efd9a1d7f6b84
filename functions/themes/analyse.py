"""Feedback -> themes and issues: one day's run, as a function of what was said and of the run before it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from functions.themes import figures
from functions.themes.cluster import NONE, Groups, Labels, Space, Vectors, assigned, cluster, space
from functions.themes.counting import NEGATIVE, age_in_weeks, by_item, by_theme, complaints
from functions.themes.identity import matched, named
from functions.themes.issues import Day, Evidence, Key, carried_on, key_of
from functions.themes.labels import Terms, label_all
from functions.themes.mentions import Corpus
from functions.themes.places import representative
from functions.themes.signals import Signal, signals, told_once
from shared.domain.feedback import ItemCount, RatingEffect, Theme
from shared.domain.themes import Centroid, FoundIssue, FoundTheme

MOST_THEMES = 200
LEAST_VOICES = 3
WEEKS = 26
MOST_ITEMS = 20
REMEMBERED = timedelta(days=90)
"""A theme that is gone gets its id back when it comes again within this time."""
RECENT_FIRST = 1_300
"""Of a sample, at most so many are this week's complaints: what is new must be found, and not be all there is."""
SPOKEN_OF = 0.3
"""A theme is of an aspect that this share of its mentions is of."""


class Before(NamedTuple):
    """What an earlier run left: its issues, and where its themes lay, if it understood as we do."""

    issues: Sequence[FoundIssue] = ()
    centroids: Sequence[Centroid] = ()


class Found(NamedTuple):
    """What a run found, and where its themes lie."""

    themes: tuple[FoundTheme, ...]
    issues: tuple[FoundIssue, ...]
    centroids: tuple[Centroid, ...]


class Group(NamedTuple):
    """A group of mentions with its name."""

    theme_id: str
    first_seen: date
    terms: Terms
    members: NDArray[np.int64]
    middle: Vectors


def analyse(corpus: Corpus, before: Before, now: datetime) -> Found:
    """All themes and issues as of now."""
    today = now.astimezone(UTC).date()
    if not corpus.voices:
        empty = Day(today, {}, (), {})
        return Found((), carried_on(before.issues, empty), _remembered(before.centroids, set(), today))
    order = _order(corpus, today.toordinal())
    within = space(corpus.vectors, order)
    groups = cluster(corpus.vectors, order, within)
    named_groups = _named(corpus, groups, within, before.centroids)
    rated = figures.ratings(corpus.voices)
    themes = _themes(corpus, named_groups, within, rated, today.toordinal())
    open_now = {key_of(each) for each in before.issues if each.closed is None}
    day = _day(corpus, groups.labels, named_groups, within, rated, open_now, today)
    return Found(
        themes, carried_on(before.issues, day), _centroids(corpus, named_groups, themes, before.centroids, today)
    )


def _order(corpus: Corpus, today: int) -> NDArray[np.int64]:
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


def _named(corpus: Corpus, groups: Groups, within: Space, known: Sequence[Centroid]) -> list[Group]:
    """The groups with the ids and labels that they had, if they are known."""
    old = _old_middles(known, within)
    same = matched(groups.labels, groups.centroids, assigned(corpus.vectors, old, within), old)
    members = [np.flatnonzero(groups.labels == at) for at in range(len(groups.centroids))]
    middles = [_middle_name(corpus, own, groups.centroids[at], within) for at, own in enumerate(members)]
    kept = {at: known[which].theme_id for at, which in same.items()}
    ids = named(len(members), kept, middles, frozenset(each.theme_id for each in known))
    texts = [[(_speaker(corpus, int(each)), corpus.mentions[int(each)].text) for each in own] for own in members]
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


def _old_middles(known: Sequence[Centroid], within: Space) -> Vectors:
    if not known:
        return np.zeros((0, len(within.middle)), np.float32)
    raw = np.frombuffer(b"".join(each.vector for each in known), dtype="<f2").astype(np.float32)
    away = raw.reshape(len(known), -1) - within.middle
    return np.asarray(away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _middle_name(corpus: Corpus, members: NDArray[np.int64], middle: Vectors, within: Space) -> str:
    """The sentence nearest to the middle, by where it stands."""
    nearest = members[int((within.centred(corpus.vectors[members]) @ middle).argmax())]
    mention = corpus.mentions[int(nearest)]
    return f"{corpus.voices[mention.voice].feedback_id} {mention.start}"


def _first(corpus: Corpus, members: NDArray[np.int64]) -> date:
    earliest: datetime = min(corpus.voices[corpus.mentions[int(each)].voice].time for each in members)
    return earliest.astimezone(UTC).date()


def _speaker(corpus: Corpus, mention: int) -> int:
    return corpus.voices[corpus.mentions[mention].voice].speaker


def _themes(
    corpus: Corpus, groups: Sequence[Group], within: Space, rated: figures.Ratings, today: int
) -> tuple[FoundTheme, ...]:
    """Those that enough people speak of, the most spoken of first."""
    days = np.array([each.time.toordinal() for each in corpus.voices], dtype=np.int64)
    spoken = [
        each
        for each in groups
        if each.terms and len({_speaker(corpus, int(at)) for at in each.members}) >= LEAST_VOICES
    ]
    found = [_theme(corpus, each, within, rated, days, today) for each in spoken]
    return tuple(sorted(found, key=lambda each: (-each.theme.count, each.theme.theme_id))[:MOST_THEMES])


def _theme(
    corpus: Corpus, group: Group, within: Space, rated: figures.Ratings, days: NDArray[np.int64], today: int
) -> FoundTheme:
    of = _voices_of(corpus, group.members)
    mood = float(corpus.scores[group.members].mean())
    change = figures.trend(days, of, today)
    meanings = within.centred(corpus.vectors[group.members])
    theme = Theme(
        theme_id=group.theme_id,
        label=group.terms[0],
        terms=group.terms,
        aspects=_aspects(corpus, group.members),
        count=int(of.sum()),
        net_sentiment=round(mood, 4),
        trend=change and change.ratio,
        trend_low=change and change.low,
        trend_high=change and change.high,
        rating_effect=figures.rating_effect(rated, of),
        weeks=figures.weeks(days, of, today, WEEKS),
        items=_items(corpus, group.members),
        first_seen=group.first_seen,
    )
    return FoundTheme(
        theme=theme, places=representative(corpus, list(group.members), meanings, group.middle, mood, today)
    )


def _voices_of(corpus: Corpus, members: Sequence[int] | NDArray[np.int64]) -> NDArray[np.bool_]:
    of = np.zeros(len(corpus.voices), bool)
    of[corpus.voice_of[np.asarray(members, dtype=np.int64)]] = True
    return of


def _items(corpus: Corpus, members: Sequence[int] | NDArray[np.int64]) -> tuple[ItemCount, ...]:
    voices = {corpus.mentions[int(each)].voice for each in members}
    counts: dict[str, int] = {}
    for each in voices:
        item = corpus.voices[each].item_id
        if item is not None:
            counts[item] = counts.get(item, 0) + 1
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_ITEMS]
    return tuple(ItemCount(item_id=item, count=count) for item, count in most)


def _aspects(corpus: Corpus, members: NDArray[np.int64]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for each in members:
        for aspect in corpus.mentions[int(each)].aspects:
            counts[aspect] = counts.get(aspect, 0) + 1
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return tuple(aspect for aspect, count in most if count >= SPOKEN_OF * len(members))


def _day(
    corpus: Corpus,
    labels: Labels,
    groups: Sequence[Group],
    within: Space,
    rated: figures.Ratings,
    open_now: Collection[Key],
    today: date,
) -> Day:
    """What stands out today, with what there is to show for it."""
    weeks = age_in_weeks(corpus, today.toordinal())
    said = complaints(corpus, labels, weeks)
    recent = weeks[corpus.voice_of] == 0 if corpus.mentions else np.zeros(0, bool)
    bad = recent & (corpus.scores <= NEGATIVE)
    loose = len({_speaker(corpus, int(at)) for at in np.flatnonzero(bad & (labels == NONE))})
    found = signals(by_theme(said, corpus, weeks, len(groups)), by_item(said, corpus, weeks), loose)
    by_key = {_key(each, groups): each for each in found}
    told = [_key(each, groups) for each in told_once(found) if groups[each.theme].terms]
    wanted = _wanted(by_key, told, open_now)
    evidence = {key: _evidence(corpus, by_key[key], groups, within, rated, bad, today) for key in wanted}
    return Day(today, by_key, told, evidence)


def _wanted(by_key: Mapping[Key, Signal], told: Sequence[Key], open_now: Collection[Key]) -> list[Key]:
    """What evidence is needed of: what is told, what is open; and all, where an open issue's theme is gone."""
    themes = {theme for theme, _ in by_key}
    lost = any(theme not in themes for theme, _ in open_now)
    return [key for key, each in by_key.items() if each.mentions and (lost or key in told or key in open_now)]


def _key(signal: Signal, groups: Sequence[Group]) -> tuple[str, str | None]:
    return groups[signal.theme].theme_id, signal.item


def _evidence(
    corpus: Corpus,
    signal: Signal,
    groups: Sequence[Group],
    within: Space,
    rated: figures.Ratings,
    bad: NDArray[np.bool_],
    today: date,
) -> Evidence:
    group = groups[signal.theme]
    chosen = [
        int(each)
        for each in group.members[bad[group.members]]
        if signal.item is None or corpus.voices[corpus.mentions[int(each)].voice].item_id == signal.item
    ]
    meanings = within.centred(corpus.vectors[chosen])
    effect: RatingEffect | None = figures.rating_effect(rated, _voices_of(corpus, group.members))
    return Evidence(
        group.terms[0] if group.terms else "",
        representative(corpus, chosen, meanings, group.middle, -1.0, today.toordinal()),
        round(float(corpus.scores[chosen].mean()), 4),
        _items(corpus, chosen),
        effect,
    )


def _centroids(
    corpus: Corpus, groups: Sequence[Group], themes: Sequence[FoundTheme], known: Sequence[Centroid], today: date
) -> tuple[Centroid, ...]:
    """Today's, the largest first, and those that are remembered."""
    shown: Mapping[str, str] = {each.theme.theme_id: each.theme.label for each in themes}
    now = [
        Centroid(
            theme_id=each.theme_id,
            label=shown.get(each.theme_id) or (each.terms[0] if each.terms else ""),
            first_seen=each.first_seen,
            last_seen=today,
            vector=_raw_middle(corpus, each.members),
        )
        for each in groups
    ]
    return (*now, *_remembered(known, {each.theme_id for each in now}, today))


def _raw_middle(corpus: Corpus, members: NDArray[np.int64]) -> bytes:
    return (corpus.vectors[members].mean(axis=0, dtype=np.float64) / 127.0).astype("<f2").tobytes()


def _remembered(known: Sequence[Centroid], there: set[str], today: date) -> tuple[Centroid, ...]:
    return tuple(each for each in known if each.theme_id not in there and today - each.last_seen <= REMEMBERED)
