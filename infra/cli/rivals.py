"""Competitors' prices from a file through the API."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from infra.cli.calls import call
from infra.cli.history import Progress, in_parallel
from infra.imports import layouts
from infra.imports.files import Bad, Problem
from infra.imports.layouts import Options
from shared.domain.competitors import CompetitorPrice

A_CALL = 500
ANSWERED = frozenset({httpx.codes.OK, httpx.codes.MULTI_STATUS, httpx.codes.BAD_REQUEST})
NONE = {"", "-", "none", "null"}
"""A price column that says that it is no longer offered."""
PRICE = re.compile(r"(?:([A-Z]{3})\s*)?(\d{1,12}(?:\.\d{1,4}|,\d{2})?)(?:\s*([A-Z]{3}))?", re.ASCII)
"""`9.90`, `9,90`, `9.90 EUR`. What else may stand there (`1,299`, `from 9.90`, HTML) may mean anything."""


class Row(NamedTuple):
    """One line of a file, and where it stands."""

    line: int
    price: CompetitorPrice


def read(path: Path, options: Options, bad: Bad) -> Iterator[Row]:
    """The prices of a file; a bad line is told to `bad`. Raises `SourceError`."""
    for line, values in layouts.competitors(path, options, bad):
        place = (str(path), line)
        money, wrong = _money(str(values.get("price") or ""), str(values.get("currency") or options.currency))
        if wrong:
            bad(Problem(*place, "price", wrong))
            continue
        fields = {
            name: str(values[name]).strip() for name in ("item_id", "competitor", "seen", "url") if values.get(name)
        }
        if found := layouts.checked(CompetitorPrice, {**fields, "price": money}, place, bad):
            yield Row(line, found)


def send(api: httpx.Client, rows: Sequence[Row], bad: Bad, progress: Progress, file: str = "") -> None:
    """Send these. What the API refuses is told to `bad`; raises `RefusedError`."""

    def put(some: Sequence[Row]) -> None:
        body = {"prices": [row.price.model_dump(mode="json", exclude_unset=True) for row in some]}
        reply = call(api, "PUT", "/v1/competitor-prices", ANSWERED, json=body)
        for each in reply.json()["rejected"]:
            bad(Problem(file, some[each["index"]].line, each["field"], each["message"]))

    in_parallel(put, rows, A_CALL, progress)


def _money(text: str, currency: str) -> tuple[Mapping[str, Any] | None, str]:
    """A price as it goes over the wire, None for none; or what is wrong with it."""
    if text.strip().lower() in NONE:
        return None, ""
    found = PRICE.fullmatch(text.strip())
    if found is None:
        return None, "is not a price as 9.90 or 9.90 EUR"
    before, amount, after = found.groups()
    return {"amount": amount.replace(",", "."), "currency": before or after or currency}, ""
