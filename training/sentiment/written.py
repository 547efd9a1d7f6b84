"""Short sentences of what customers say, with and without a negation, put together from lists of our own.

Who learns `the seam holds` and `the seam does not hold`, `it leaks` and `it does not leak`, learns what negations do.
People's reviews have too few of them. And what is said of goods, meals and service, which films and news lack.
Each word comes in sentences with a negation and in some without: neither it nor the negation is the answer alone.
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple
from zlib import crc32

import numpy as np

from shared.inference.sentiment.card import Data
from training.sentiment import customers, patterns, phrases
from training.sentiment.data import Row, Texts, together

DOMAIN, PARTS = "written", 5
"""In parts that have no word in common, so that what was learned can be judged on other words."""
OPENINGS = ("", "", "", "Honestly, ", "So far ", "After a month I can say: ", "Update: ", "For the record, ")


class Kind(NamedTuple):
    """Words of one kind, and what is said with them: so many sentences a word of each pattern list."""

    words: tuple[str, ...]
    shapes: Callable[[str], dict[str, str]]
    said: tuple[tuple[str, int, int], ...]


def _verb(word: str) -> dict[str, str]:
    return dict(zip(("base", "now", "past", "done", "going"), customers.forms(word), strict=True))


def _noun(word: str) -> dict[str, str]:
    return {"one": word, "many": customers.plural(word)}


def _singular(word: str) -> dict[str, str]:
    return {"one": word, "many": word}


def _word(word: str) -> dict[str, str]:
    return {"word": word}


def _of(*lists: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for each in lists for word in each.split("|")))


KINDS = (
    Kind(_of(customers.FAILS), _verb, ((patterns.NO_FAULT, 1, 7), (patterns.FAULT, 0, 4))),
    Kind(_of(customers.WORKS), _verb, ((patterns.NO_FAULT, 0, 9), (patterns.DOES, 1, 3))),
    Kind(_of(phrases.FAILS), _word, ((patterns.NOT_TO, 1, 8), (patterns.TO, 0, 4))),
    Kind(_of(customers.TROUBLES, phrases.TROUBLES), _noun, ((patterns.NO_TROUBLE, 1, 6), (patterns.TROUBLE, 0, 3))),
    Kind(_of(customers.BAD, phrases.BAD), _word, ((patterns.NOT_SO, 1, 4), (patterns.SO, 0, 2))),
    Kind(_of(customers.GOOD, phrases.GOOD), _word, ((patterns.NOT_SO, 0, 5), (patterns.SO, 1, 3), (patterns.IF, 0, 1))),
    Kind(_of(phrases.PLEASED), _word, ((patterns.NOT_FELT, 0, 12), (patterns.FELT, 1, 6))),
    Kind(_of(phrases.UPSET), _word, ((patterns.NOT_FELT, 1, 12), (patterns.FELT, 0, 6))),
    Kind(_of(phrases.JOYS), _singular, ((patterns.NO_TROUBLE, 0, 8),)),
    Kind(_of(phrases.WORKS), _word, ((patterns.NOT_TO, 0, 14), (patterns.TO, 1, 4))),
    Kind(_of(customers.BETTER), _word, ((patterns.PEAK, 1, 8), (patterns.COULD, 0, 5))),
    Kind(_of(customers.WORSE), _word, ((patterns.PEAK, 0, 6),)),
)


def sentences() -> list[Row]:
    """All of them, the same each time."""
    return [row for _, row in by_word()]


def by_word() -> Iterator[tuple[str, Row]]:
    """Each sentence with the word that it is about, or with itself."""
    random = np.random.default_rng(0)
    for kind in KINDS:
        for word in kind.words:
            for listed, positive, count in kind.said:
                yield from (
                    (word, Row(_part(word), text, positive, 0)) for text in _filled(kind, word, listed, count, random)
                )
    whole = (
        (phrases.PRAISES, 1, 0),
        (phrases.BLAMES, 0, 0),
        (phrases.APPROVALS, 1, 0),
        (phrases.REGRETS, 0, 0),
        (phrases.FACTS, None, 1),
    )
    for listed, felt, neutral in whole:
        for text in listed.split("|"):
            openings = dict.fromkeys(("", str(random.choice(OPENINGS)), str(random.choice(OPENINGS))))
            yield from ((text, Row(_part(text), f"{opening}{text}.", felt, neutral)) for opening in openings)


def _part(word: str) -> str:
    return f"{DOMAIN} {crc32(word.encode()) % PARTS}"


def _filled(kind: Kind, word: str, listed: str, count: int, random: np.random.Generator) -> Iterable[str]:
    lines, things = listed.strip().splitlines(), phrases.THINGS.split("|")
    for pattern in random.permutation(lines)[:count]:
        other = kind.shapes(str(random.choice(kind.words)))
        shapes = kind.shapes(word) | {f"{name}_too": value for name, value in other.items()}
        opening, thing = random.choice(OPENINGS), random.choice(things)
        yield opening + str(pattern).format(thing=thing, **shapes)


def added(texts: Texts) -> Texts:
    """The texts, and these sentences after them."""
    rows = sentences()
    content = "\n".join(row.text for row in rows).encode()
    data = Data(
        name="Sentences with and without negations, written for this model",
        url="training/sentiment/written.py",
        licence="Apache-2.0",
        texts=len(rows),
        sha256=sha256(content).hexdigest(),
    )
    more = together(rows, (data,))
    return Texts(
        texts.texts + more.texts,
        np.concatenate([texts.domains, more.domains]),
        np.concatenate([texts.positive, more.positive]),
        np.concatenate([texts.neutral, more.neutral]),
        texts.data + more.data,
    )
