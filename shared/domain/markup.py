"""Text as it arrives, made plain: HTML taken out, what cannot be seen dropped, accents written one way.

What is stored, redacted, scored and shown is this plain text, so that all of them see the same characters, and an
address that is broken up by invisible ones is whole again when it is looked for. Words that look like instructions to a
machine are text like any other.
"""

import re
from html import unescape
from unicodedata import normalize

MOST_UNESCAPINGS = 4
"""Text that passed through several systems is escaped several times."""

_BLOCKS = (
    "address|article|blockquote|br|dd|div|dl|dt|figure|footer|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|table|td|th|"
    "tr|ul"
)
_INLINE = (
    "a|abbr|b|bdi|bdo|big|body|button|center|cite|code|col|colgroup|data|del|em|fieldset|figcaption|font|form|head|html|"
    "i|iframe|img|input|ins|label|link|mark|meta|noscript|object|option|picture|q|s|samp|script|select|small|source|"
    "span|strike|strong|style|sub|summary|sup|svg|tbody|textarea|tfoot|thead|time|title|tt|u|video|wbr"
)
_TOKEN = re.compile(rf"<!--|-->|</?({_BLOCKS}|{_INLINE})(?=[\s/>])[^<>]*>|<!doctype[^<>]*>", re.IGNORECASE)
_BLOCK = re.compile(rf"</?(?:{_BLOCKS})\b", re.IGNORECASE)
_HIDDEN = {"<!--": "-->", "<script": "</script", "<style": "</style", "<title": "</title", "<svg": "</svg"}
"""What begins something that no reader sees, and what ends it."""

_JOINED_EMOJI = "\u200d(?=[\u2190-\u2bff\U0001f000-\U0001faff])"
_JOINED_LETTERS = "(?<=[\u0600-\u06ff\u0900-\u0dff])[\u200c\u200d](?=[\u0600-\u06ff\u0900-\u0dff])"
_INVISIBLE = re.compile(
    rf"(?!{_JOINED_EMOJI})(?!{_JOINED_LETTERS})"
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\uffff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Control characters, joiners outside of emoji and of scripts that need them, marks of direction, fillers, tags."""
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_MARKS = re.compile(f"({_MARK}{{3}}){_MARK}+")
"""More accents on one letter than any language has; composing a long run of them takes quadratic time."""
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r" ?\n ?(?:\n ?)+")


def plain_text(text: str) -> str:
    """The text without markup, control characters and the like. Doing it twice is doing it once."""
    for _ in range(MOST_UNESCAPINGS):
        before, text = text, _once(text)
        if text == before:
            break
    return text


def _once(text: str) -> str:
    visible = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", unescape(_without_tags(text))))
    composed = normalize("NFC", _MARKS.sub(r"\1", visible))
    return _BLANK_LINES.sub("\n\n", _SPACES.sub(" ", composed)).replace(" \n", "\n").replace("\n ", "\n").strip()


def _without_tags(html: str) -> str:
    """One walk over the tags, so that a megabyte of opening ones takes no longer than a megabyte of text."""
    kept, at, until = [], 0, ""
    for token in _TOKEN.finditer(html):
        tag = token.group().lower()
        if until:
            if tag.startswith(until):
                at, until = token.end(), ""
            continue
        if tag == "-->":
            continue
        kept += [html[at : token.start()], "\n" if _BLOCK.match(tag) else ""]
        at = token.end()
        until = next((end for start, end in _HIDDEN.items() if tag.startswith(start) and not tag.endswith("/>")), "")
    return "".join([*kept, html[at:]])
