"""What a theme is called: words that stand out in its sentences, by class-based TF-IDF (Grootendorst 2022).

A term is a word or two neighbouring ones, counted once in a sentence, in its commonest form. So that a label tells nothing
of one customer, it needs to have been used by `LEAST_VOICES` of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log

from functions.themes.saying import joins, stem, tells, words

LEAST_VOICES = 3
MOST_TERMS = 5
PAIR_GAIN = 1.6
"""Two words say more than one: `broken zip` is a better name than `zip`, if nearly as many say it."""
LOYALTY = 0.7
"""A theme keeps its label for as long as its score is this much of the best one's: a name that changes daily is none."""

Terms = tuple[str, ...]
Texts = Sequence[tuple[int, str]]
"""Speaker and sentence."""


def label_all(groups: Sequence[Texts], before: Sequence[str | None] = ()) -> list[Terms]:
    """Of each group its terms, the first of which is the label; `before` are the labels that they had."""
    counted = [_counted(texts) for texts in groups]
    everywhere = Counter[str]()
    for terms in counted:
        everywhere.update({term: len(speakers) for term, speakers in terms.items()})
    average = sum(everywhere.values()) / max(len(groups), 1)
    forms = _forms(text for texts in groups for _, text in texts)
    kept = list(before) or [None] * len(groups)
    return [
        _chosen(terms, everywhere, average, forms, label, len({speaker for speaker, _ in texts}))
        for terms, label, texts in zip(counted, kept, groups, strict=True)
    ]


def _chosen(
    terms: dict[str, set[int]],
    everywhere: Counter[str],
    average: float,
    forms: dict[str, str],
    before: str | None,
    voices: int,
) -> Terms:
    least = LEAST_VOICES if voices >= LEAST_VOICES else voices
    scores = {
        term: len(speakers) * log(1 + average / everywhere[term]) * (PAIR_GAIN if " " in term else 1.0)
        for term, speakers in terms.items()
        if len(speakers) >= least
    }
    ranked = sorted(scores, key=lambda term: (-scores[term], term))
    distinct: list[str] = []
    for term in ranked:
        if not any(set(term.split()) & set(other.split()) for other in distinct):
            distinct.append(term)
    shown = [forms[term] for term in distinct[:MOST_TERMS]]
    if before and any(forms[term] == before and scores[term] >= LOYALTY * scores[ranked[0]] for term in ranked):
        shown = [before, *(term for term in shown if not set(term.split()) & set(before.split()))]
    return tuple(shown)


def _counted(texts: Texts) -> dict[str, set[int]]:
    """Who used which term."""
    users: dict[str, set[int]] = defaultdict(set)
    for speaker, text in texts:
        for term, _ in _terms(text):
            users[term].add(speaker)
    return users


def _terms(text: str) -> Iterable[tuple[str, str]]:
    """Each term of a sentence, as it is counted and as it stands there."""
    said = words(text)
    for word in said:
        if tells(word):
            yield stem(word), word
    for first, second in pairwise(said):
        if joins(first) and joins(second) and (tells(first) or tells(second)) and first != second:
            yield f"{stem(first)} {stem(second)}", f"{first} {second}"


def _forms(texts: Iterable[str]) -> dict[str, str]:
    """The commonest form of each term."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for term, form in _terms(text):
            seen[term][form] += 1
    return {term: min(forms, key=lambda form: (-forms[form], form)) for term, forms in seen.items()}
