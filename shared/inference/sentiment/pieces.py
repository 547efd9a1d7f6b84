"""A text in the pieces that are judged: all of it, its sentences, and clauses of these."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from shared.inference.language import LATIN
from shared.inference.sentiment.answers import Found
from shared.inference.sentiment.card import Probabilities
from shared.inference.sentiment.encoder import Encoded
from shared.inference.sentiment.head import Read
from shared.inference.sentiment.lexicon import Reading
from shared.inference.sentiment.plain import Plain, plain
from shared.inference.sentiment.vocabulary import Linear
from shared.inference.sentiment.words import RATED, Word, sentences, words_of

MOST_SENTENCES = 16
"""That the encoder reads of one text: the first and the last eight. The words of all others count as ever."""
MOST_LETTERS = 2_000
"""Looked at to see which script a text is in."""

type Floats = npt.NDArray[np.float32]

NOTHING_READ = Read([], [], Linear([], np.zeros((0, 0), np.float32)), Reading([], [], []))
NOT_JUDGED = Found(Probabilities(0.0, 1.0, 0.0))


@dataclass(slots=True)
class Piece:
    """Part of a plain text, and what has been found out about it. `text` has idioms as they are read."""

    start: int
    end: int
    text: str
    words: list[Word]
    alone: bool = True
    read: Read = NOTHING_READ
    encoded: Encoded | None = None
    meaning: Floats | None = None
    found: Found = NOT_JUDGED


@dataclass(slots=True)
class Text:
    """A text with its pieces. One in a language that the model does not read, or of no word, is not `judged`."""

    came: str
    plain: Plain
    language: str | None
    judged: bool
    whole: Piece
    sentences: list[Piece]
    clauses: list[Piece] = field(default_factory=list)

    def pieces(self) -> list[Piece]:
        """All that is judged."""
        return [self.whole, *self.sentences, *self.clauses]


def text_of(text: str, language: str | None, languages: tuple[str, ...]) -> Text:
    """A text in pieces."""
    read = plain(text)
    words = words_of(read.text)
    spans = sentences(read.text)
    if len(spans) > MOST_SENTENCES:
        spans = spans[: MOST_SENTENCES // 2] + spans[-MOST_SENTENCES // 2 :]
    whole = piece_of(read.text, words, 0, len(read.text))
    whole.alone = False
    judged = (language is None or language in languages) and (
        _readable(read.text, LATIN.issuperset(languages)) or any(word.text in RATED for word in words)
    )
    return Text(text, read, language, judged, whole, [piece_of(read.text, words, *span) for span in spans])


def piece_of(text: str, words: list[Word], start: int, end: int) -> Piece:
    """The part of a plain text from `start` to before `end`."""
    within = [word for word in words if start <= word.start < end]
    parts, at = list[str](), start
    for word in within:
        if word.is_idiom:
            parts += [text[at : word.start], word.text]
            at = word.end
    return Piece(start, end, "".join(parts) + text[at:end], within)


def places(piece: Piece) -> list[tuple[int, int]]:
    """Where each of a piece's words begins and ends in its text."""
    found, before = list[tuple[int, int]](), piece.start
    for word in piece.words:
        length = len(word.text) if word.is_idiom else word.end - word.start
        found.append((word.start - before, word.start - before + length))
        before += word.end - word.start - length
    return found


def mean_meaning(sentences: list[Piece]) -> Floats | None:
    """The mean of the sentences' meanings, each counting the same; of no sentence, a meaning of nothing."""
    known = [piece.meaning for piece in sentences if piece.meaning is not None]
    return np.mean(known, axis=0, dtype=np.float32) if known else None


def _readable(text: str, only_latin: bool) -> bool:
    """Whether there are letters, most of them Latin if the model reads no others."""
    letters = [each for each in text[:MOST_LETTERS] if each.isalpha()]
    latin = sum(each < "\u0250" or "\u1e00" <= each < "\u2000" for each in letters)
    return bool(letters) and (not only_latin or latin * 2 > len(letters))
