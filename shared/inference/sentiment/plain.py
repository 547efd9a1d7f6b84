"""A text as the model reads it: without markup and what cannot be seen, pictures as words; and where each came from."""

import re
import unicodedata
from bisect import bisect_right
from typing import NamedTuple

from shared.inference.sentiment.feelings import EMOTICONS, FEELINGS

MOST_CHARACTERS = 20_000
"""Read of one text; the edge refuses longer ones, and whatever comes here all the same takes no longer than this."""
MOST_ALIKE = 3
"""Of one picture in a row: a line of forty hearts says no more than three."""

_MARKUP = re.compile(r"<!--.{0,2000}?-->|</?[a-zA-Z][^<>]{0,500}>|&(?:nbsp|amp|quot|lt|gt|#39|#x27);", re.DOTALL)
_ENTITIES = {"&amp;": "&", "&quot;": '"', "&#39;": "'", "&#x27;": "'"}
_SMILE = "|".join(re.escape(each) for each in sorted(EMOTICONS, key=len, reverse=True))
_EMOTICON = re.compile(rf"(?<![\w/:])(?:{_SMILE})(?![\w/])")
_DRAWN = re.compile(
    "(?P<full>[\u2605\u2b50\u272d](?:[ \ufe0f]{0,2}[\u2605\u2b50\u272d])*)\ufe0f?"
    "(?P<hollow>(?: ?[\u2606\u2729\u2730]\ufe0f?)*)"
    r"(?=(?P<of>\s*(?:/|out of)\s*(?:5|10|five|ten)\b)?)"
)
"""Stars, full ones and then hollow ones."""
_STARS_AT_MOST = 5
_LOOK = re.compile(rf"{_DRAWN.pattern}|[^\x20-\x7e]|{_MARKUP.pattern}|{_EMOTICON.pattern}", re.DOTALL)
_QUOTES = {"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2026": "..."}
_UNSEEN = {"Cf", "Mn", "Me", "Cs", "Co", "Cn"}


class Plain(NamedTuple):
    """The text to read, in pieces: where each begins, where it stood in the text as it came, and if it is as it was.

    The last piece is empty: it says where the others end.
    """

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]
    kept: tuple[bool, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the text as it came that became those from `start` to before `end`."""
        first, last = self._piece(start), self._piece(end - 1)
        begin = self.origins[first] + (start - self.starts[first] if self.kept[first] else 0)
        stop = self.origins[last] + end - self.starts[last] if self.kept[last] else self.origins[last + 1]
        return begin, max(begin + 1, stop)

    def place(self, origin: int) -> int:
        """Where what stood at `origin` in the text as it came is now."""
        at = max(0, bisect_right(self.origins, origin) - 1)
        return min(self.starts[at] + (origin - self.origins[at] if self.kept[at] else 0), len(self.text))

    def _piece(self, place: int) -> int:
        return max(0, bisect_right(self.starts, place) - 1)


class _Writer:
    """Puts the text together from what stays and what is replaced."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.starts: list[int] = []
        self.origins: list[int] = []
        self.kept: list[bool] = []
        self.length = 0

    def write(self, text: str, origin: int, *, kept: bool) -> None:
        if text:
            self.parts.append(text)
            self.mark(origin, kept=kept)
            self.length += len(text)

    def mark(self, origin: int, *, kept: bool) -> None:
        self.starts.append(self.length)
        self.origins.append(origin)
        self.kept.append(kept)

    def written(self) -> Plain:
        return Plain("".join(self.parts), tuple(self.starts), tuple(self.origins), tuple(self.kept))


def plain(text: str) -> Plain:
    """The text as the model reads it. Any text is taken, whatever is in it."""
    text = text[:MOST_CHARACTERS]
    writer, done, alike = _Writer(), 0, ("", 0)
    drawn_once = len(_DRAWN.findall(text)) == 1
    for found in _LOOK.finditer(text):
        start, end = found.span()
        writer.write(text[done:start], done, kept=True)
        words = _rating(found, drawn_once) if found["full"] else _instead(found[0])
        picture = words if len(words) > 2 and len(found[0]) < 5 else ""
        alike = (picture, alike[1] + 1 if start == done and picture == alike[0] else 1) if picture else alike
        writer.write(" " if picture and alike[1] > MOST_ALIKE else words, start, kept=words == found[0])
        done = end
    writer.write(text[done:], done, kept=True)
    writer.mark(len(text), kept=True)
    return writer.written()


def _rating(drawn: re.Match[str], once: bool) -> str:
    """The rating that drawn stars are: with hollow ones, or after a number, or two to five that are all of the text's.

    One alone is as often an ornament as a rating, and says nothing; more are an ornament that pleases.
    """
    full, hollow = (sum(not each.isspace() and each != "\ufe0f" for each in drawn[part]) for part in ("full", "hollow"))
    if drawn["of"]:
        return f" {full}"
    if full == 1 and not hollow:
        return " stars " if drawn.string[: drawn.start()].rstrip()[-1:].isdigit() else " "
    drawn_whole = full + hollow == _STARS_AT_MOST if hollow else once and full <= _STARS_AT_MOST
    return f" {full} stars " if drawn_whole else f", {FEELINGS[drawn['full'][0]]} "


def _instead(found: str) -> str:
    """What is read in place of this. The words for a picture follow a comma: no `not` before it reaches them."""
    if feeling := FEELINGS.get(found) or EMOTICONS.get(found):
        return f", {feeling} "
    if len(found) > 1:
        return _ENTITIES.get(found, " ")
    return _QUOTES.get(found) or _symbol(found)


def _symbol(character: str) -> str:
    category = unicodedata.category(character)
    if category in _UNSEEN or "\U0001f3fb" <= character <= "\U0001f3ff":
        return "" if category != "Mn" or ord(character) >= 0xFE00 else character
    if category in {"Cc", "Zs", "Zl", "Zp"}:
        return "\n" if character in "\n\r\v\f\x85\u2028\u2029" else " "
    if category == "So" and ord(character) >= 0x2600:
        return f", {unicodedata.name(character, 'symbol').lower()} "
    return character
