"""What a theme is called: words that stand out in its sentences, by class-based TF-IDF (Grootendorst 2022).

A term is a word or two neighbouring ones, counted once for a speaker, in its commonest form. So that a label tells
nothing of one customer, it needs to have been used by `LEAST_VOICES` of them.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from itertools import pairwise
from math import log

from functions.themes.saying import joins, stem, tells, words

LEAST_VOICES = 3
MOST_TERMS = 5
MOST_TEXTS = 2_000
"""Of a larger group as many say what it is called."""
PAIR_GAIN = 1.6
"""Two words say more than one: `broken zip` is a better name than `zip`, if nearly as many say it."""
FAR = 3
"""Words further apart are no pair."""
SIDE_BY_SIDE = 4
"""A pair is called as it stands side by side, if it ever does."""
LOYALTY = 0.7
"""A theme keeps its label while its score is this much of the best one's: a name that changes daily is none."""

Terms = tuple[str, ...]
Texts = Sequence[tuple[int, str]]
"""Speaker and sentence."""


def label_all(groups: Sequence[Texts], before: Sequence[str | None] = ()) -> list[Terms]:
    """Of each group its terms, the first of which is the label; `before` are the labels that they had.

    It goes through the texts twice: most pairs of words are one customer's, and to keep all of them takes gigabytes.
    """
    some = [texts[:: max(1, -(-len(texts) // MOST_TEXTS))] for texts in groups]
    usual, uses = set[str](), 0
    for texts in some:
        counts = _counted(texts)
        usual.update(term for term, users in counts.items() if users >= LEAST_VOICES)
        uses += sum(counts.values())
    counted = [_counted(texts, usual) for texts in some]
    everywhere = Counter[str]()
    for counts in counted:
        everywhere.update(counts)
    forms = _forms((text for texts in some for _, text in texts), usual)
    kept = list(before) or [None] * len(groups)
    return _told_apart(
        _chosen(terms, everywhere, uses / len(groups), forms, label) for terms, label in zip(counted, kept, strict=True)
    )


def _told_apart(every: Iterable[Terms]) -> list[Terms]:
    """Of two themes with one name the second gets its next word too."""
    names = set[str]()
    told: list[Terms] = []
    for terms in every:
        name = next((name for name in _names(terms) if name not in names), terms[0] if terms else "")
        names.add(name)
        told.append((name, *(term for term in terms[1:] if term not in name)) if terms else ())
    return told


def _names(terms: Terms) -> Iterable[str]:
    return (", ".join(terms[:count]) for count in range(1, len(terms) + 1))


def _chosen(
    terms: Counter[str],
    everywhere: Counter[str],
    average: float,
    forms: dict[str, str],
    before: str | None,
) -> Terms:
    scores = {
        term: users * log(1 + average / everywhere[term]) * (PAIR_GAIN if " " in term else 1.0)
        for term, users in terms.items()
        if users >= LEAST_VOICES
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


def _counted(texts: Texts, among: Container[str] | None = None) -> Counter[str]:
    """How many speakers used each term, or each of these."""
    users: dict[str, set[int]] = defaultdict(set)
    for speaker, text in texts:
        for term, _, _ in _terms(text):
            if among is None or term in among:
                users[term].add(speaker)
    return Counter({term: len(speakers) for term, speakers in users.items()})


def _terms(text: str) -> Iterable[tuple[str, str, int]]:
    """Each term of a sentence: as it is counted, as it stands there, and how well it stands there.

    Two words are one term in either order, and with `is` between them too: `the zip is broken` speaks of a broken zip.
    """
    said = [(at, word) for at, word in enumerate(words(text)) if joins(word)]
    for _, word in said:
        if tells(word):
            yield stem(word), word, 1
    for (here, first), (there, second) in pairwise(said):
        pair = sorted((stem(first), stem(second)))
        if there - here <= FAR and pair[0] != pair[1] and (tells(first) or tells(second)):
            yield " ".join(pair), f"{first} {second}", SIDE_BY_SIDE if there - here == 1 else 1


def _forms(texts: Iterable[str], among: Container[str]) -> dict[str, str]:
    """The commonest form of each of these terms."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for term, form, weight in _terms(text):
            if term in among:
                seen[term][form] += weight
    return {term: min(forms, key=lambda form: (-forms[form], form)) for term, forms in seen.items()}
