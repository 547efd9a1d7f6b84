"""The encoder's tokeniser: words in small letters without accents, cut into the longest pieces that it knows."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

UNKNOWN, START, END, PADDING = "[UNK]", "[CLS]", "[SEP]", "[PAD]"
LONGEST_WORD = 100
_IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class Tokens(NamedTuple):
    """The ids of a text, the marks of start and end included, and where each but those two stands in the text."""

    ids: list[int]
    spans: list[tuple[int, int]]


class WordPiece:
    """Cuts texts into the tokens of a vocabulary, one a line."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._ids = {piece: at for at, piece in enumerate(vocabulary)}
        self._unknown = self._ids[UNKNOWN]
        self.start, self.end, self.padding = self._ids[START], self._ids[END], self._ids[PADDING]
        self._pieces = lru_cache(maxsize=20_000)(self._cut)

    def tokens(self, text: str, most: int) -> Tokens:
        """The first tokens of a text, `most` with both marks."""
        ids, spans = [self.start], list[tuple[int, int]]()
        for start, end in _words(text, most * 40):
            for piece in self._pieces(_normal(text[start:end])):
                ids.append(piece)
                spans.append((start, end))
            if len(ids) >= most - 1:
                break
        return Tokens([*ids[: most - 1], self.end], spans[: most - 2])

    def _cut(self, word: str) -> tuple[int, ...]:
        """The longest piece that the word begins with, then so for the rest; unknown if any rest begins with none."""
        if len(word) > LONGEST_WORD:
            return (self._unknown,)
        found, start = list[int](), 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = self._ids.get(word[start:end] if start == 0 else f"##{word[start:end]}")
                if piece is not None:
                    found.append(piece)
                    start = end
                    break
            else:
                return (self._unknown,)
        return tuple(found)


def _normal(word: str) -> str:
    if word.isascii() and word.isprintable():
        return word.lower()
    bare = unicodedata.normalize("NFD", "".join(each for each in word if _kind(each) != "nothing"))
    return "".join(each for each in bare if unicodedata.category(each) != "Mn").lower()


def _words(text: str, most: int) -> list[tuple[int, int]]:
    """Runs of letters and digits, and every mark by itself."""
    spans, start = list[tuple[int, int]](), -1
    for at, character in enumerate(text[:most]):
        kind = _kind(character)
        if start >= 0 and kind in {"space", "mark"}:
            spans.append((start, at))
            start = -1
        if kind == "mark":
            spans.append((at, at + 1))
        elif start < 0 and kind == "letter":
            start = at
    if start >= 0:
        spans.append((start, min(len(text), most)))
    return spans


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    code, category = ord(character), unicodedata.category(character)
    if character in "\t\n\r" or category.startswith("Z"):
        return "space"
    if category in {"Cc", "Cf", "Co", "Cs"} or code == 0xFFFD:
        return "nothing"
    ideograph = any(low <= code <= high for low, high in _IDEOGRAPHS)
    bare = unicodedata.normalize("NFD", character)[0]
    ascii_mark = "!" <= bare <= "~" and not bare.isalnum()
    if ascii_mark or ideograph or category.startswith("P"):
        return "mark"
    return "letter"
