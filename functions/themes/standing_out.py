"""What stands out today among the complaints, with what there is to show for it."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from functions.themes.cluster import NONE, Labels
from functions.themes.counting import NEGATIVE, age_in_weeks, by_item, by_theme, complaints
from functions.themes.described import Today, effect, items
from functions.themes.grouping import Group
from functions.themes.issues import Day, Evidence, Key
from functions.themes.mentions import speaker_of
from functions.themes.places import representative
from functions.themes.signals import Signal, signals, told_once

type Mask = NDArray[np.bool_]


def day(of: Today, labels: Labels, open_now: Collection[Key]) -> Day:
    """The day's view; `labels` are the mentions' groups, `open_now` are the issues that there are."""
    corpus = of.corpus
    weeks = age_in_weeks(corpus, of.ordinal)
    said = complaints(corpus, labels, weeks)
    recent = weeks[corpus.voice_of] == 0 if corpus.mentions else np.zeros(0, bool)
    bad = recent & (corpus.scores <= NEGATIVE)
    loose = len({speaker_of(corpus, int(at)) for at in np.flatnonzero(bad & (labels == NONE))})
    found = signals(by_theme(said, corpus, weeks, len(of.groups)), by_item(said, corpus, weeks), loose)
    by_key = {_key(each, of.groups): each for each in found}
    told = [_key(each, of.groups) for each in told_once(found) if of.groups[each.theme].terms]
    evidence = {key: _evidence(of, by_key[key], bad) for key in _wanted(by_key, told, open_now)}
    stands_for = float(corpus.weights[weeks == 0].mean()) if (weeks == 0).any() else 1.0
    return Day(of.date, by_key, told, evidence, stands_for)


def _wanted(by_key: Mapping[Key, Signal], told: Sequence[Key], open_now: Collection[Key]) -> list[Key]:
    """What evidence is needed of: what is told, what is open; and all, where an open issue's theme is gone."""
    themes = {theme for theme, _ in by_key}
    lost = any(theme not in themes for theme, _ in open_now)
    return [key for key, each in by_key.items() if each.mentions and (lost or key in told or key in open_now)]


def _key(signal: Signal, groups: Sequence[Group]) -> Key:
    return groups[signal.theme].theme_id, signal.item


def _evidence(of: Today, signal: Signal, bad: Mask) -> Evidence:
    corpus, group = of.corpus, of.groups[signal.theme]
    chosen = [
        int(each)
        for each in group.members[bad[group.members]]
        if signal.item is None or corpus.voices[corpus.mentions[int(each)].voice].item_id == signal.item
    ]
    meanings = of.within.centred(corpus.vectors[chosen])
    return Evidence(
        group.terms[0] if group.terms else "",
        representative(corpus, chosen, meanings, group.middle, -1.0, of.ordinal),
        round(float(corpus.scores[chosen].mean()), 4),
        items(corpus, chosen),
        effect(of, group),
    )
