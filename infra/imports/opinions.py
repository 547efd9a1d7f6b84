"""Files of feedback, as review systems and spreadsheets write them -> feedback as it is sent."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pycld2

from infra.imports import layouts, times
from infra.imports.files import Bad, Problem
from infra.imports.layouts import Options
from shared.domain.feedback import Source
from shared.domain.saying import Said

IDS = ("feedback_id", "item_id", "order_id", "customer_id", "anonymous_id")
_CODES = {name.lower(): code for name, code in pycld2.LANGUAGES}
"""Of languages by their English names."""
_STARS = re.compile(r"(\d(?:[.,]\d+)?) ?(?:(?:/|of|out of) ?5(?:[.,]0)?)? ?(?:stars?)?", re.IGNORECASE)
"""Such as 4,5 or 4 stars or 4/5 or 4.0 out of 5 stars."""
_DRAWN = re.compile(r"([★⭐]+)(?:\N{VARIATION SELECTOR-16}|[☆✩])*")


class Piece(NamedTuple):
    """One line of a file, and where it stands."""

    place: tuple[str, int]
    said: Said


def read(path: Path, source: Source, options: Options, bad: Bad) -> Iterator[Piece]:
    """The feedback of a file; a bad line is told to `bad`. Raises `SourceError`.

    A line without an id gets one that follows from what it says and how often that stood there before: so a second
    import is the same, and two customers may say the same.
    """
    lines = list(layouts.opinions(path, options, bad))
    day_first = times.day_first(str(row.get("time") or "") for _, row in lines)
    seen: Counter[str] = Counter()
    for line, row in lines:
        try:
            fields = {"source": source.value} | _fields(row, day_first)
        except ValueError as error:
            bad(Problem(str(path), line, "time", str(error)))
            continue
        content = json.dumps(fields, sort_keys=True)
        seen[content] += 1
        named = hashlib.sha256(f"{content}\x1f{seen[content]}".encode()).hexdigest()[:32]
        if said := layouts.checked(Said, {"feedback_id": f"import-{named}"} | fields, (str(path), line), bad):
            yield Piece((str(path), line), said)


def _fields(row: Mapping[str, Any], day_first: bool | None) -> dict[str, Any]:
    """What a line says in fields of ours: ids as texts, stars as a number, a language by its code, a time in UTC.

    Raises `ValueError` where the time is none.
    """
    fields = {name: row[name] for name in Said.model_fields if row.get(name) not in (None, "")}
    fields |= {name: str(fields[name]) for name in IDS if isinstance(fields.get(name), int)}
    if isinstance(fields.get("rating"), str):
        fields["rating"] = _stars(fields["rating"].strip())
    if isinstance(spoken := fields.get("language"), str):
        fields["language"] = _CODES.get(spoken.strip().lower(), spoken)
    if "time" in fields:
        fields["time"] = _utc(fields["time"], day_first)
    return fields


def _stars(rating: str) -> str:
    """As a number; as it stands where it is none: that is told later, by its line."""
    if drawn := _DRAWN.fullmatch(rating):
        return str(len(drawn[1]))
    found = _STARS.fullmatch(rating)
    return found[1].replace(",", ".") if found else rating


def _utc(time: Any, day_first: bool | None) -> str:
    """In ISO 8601; numbers stay, as those of seconds or milliseconds since 1970."""
    if isinstance(time, datetime):
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat()
    text = str(time).strip()
    try:
        return times.moment(text, day_first).isoformat()
    except ValueError:
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return text
        raise
