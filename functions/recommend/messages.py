"""The sentences of reasons, by language: one JSON file each in `messages/`, all with the same keys and placeholders."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("messages")
DEFAULT = "en"


class Messages:
    """The sentences of one language."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self.texts = texts

    def text(self, key: str, **values: str | int) -> str:
        """The sentence with its placeholders filled; what fills them is never read as a placeholder itself."""
        return self.texts[key].format_map(values)

    def date(self, seconds: float) -> str:
        """A day, from seconds since 1970, in UTC."""
        day = datetime.fromtimestamp(seconds, UTC)
        return self.text("date", day=day.day, month=self.texts[f"month_{day.month}"], year=day.year)


def messages(language: str | None) -> Messages:
    """The sentences for a BCP 47 tag: the longest prefix of it that there is, else English."""
    parts = (language or DEFAULT).lower().split("-")
    for end in range(len(parts), 0, -1):
        if (tag := "-".join(parts[:end])) in languages():
            return _loaded(tag)
    return _loaded(DEFAULT)


@cache
def languages() -> frozenset[str]:
    """The languages that there are, as lower-case tags."""
    return frozenset(path.stem for path in FOLDER.glob("*.json"))


@cache
def _loaded(language: str) -> Messages:
    return Messages(language, json.loads((FOLDER / f"{language}.json").read_text("utf-8")))
