"""Importing a catalogue through the API, and retiring there what a full one does not have any more."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import httpx

from infra.cli.calls import call
from infra.cli.history import ITEMS_A_CALL, Progress, in_parallel, put_items
from infra.imports import layouts
from infra.imports.files import Bad, Problem
from infra.imports.layouts import Options
from shared.domain.items import Item

MOST_RETIRED = 0.3
"""Of the catalogue, by a full import that nobody looks at: more is rather a broken file."""


class TooManyError(Exception):
    """A full import would retire more than looks right."""


class Plan(NamedTuple):
    """What an import of a catalogue does."""

    items: list[Item]
    retired: list[str]


def plan(path: Path, options: Options, bad: Bad, api: httpx.Client | None, force: bool) -> Plan:
    """The file's items and, given the `api` for a full import, which others of the catalogue are to go.

    Raises `TooManyError` where those are over 30% of it, or where a line is bad and so may stand for one of them,
    unless `force` is given.
    """
    problems: list[Problem] = []

    def noted(problem: Problem) -> None:
        bad(problem)
        problems.append(problem)

    items = list({item.item_id: item for item in layouts.items(path, options, noted)}.values())
    if api is None:
        return Plan(items, [])
    stored = list(_stored(api))
    kept = {item.item_id for item in items}
    retired = [item_id for item_id in stored if item_id not in kept]
    if retired and problems and not force:
        raise TooManyError(f"{len(problems):,} lines are bad, and their items would be retired: --force does it.")
    if len(retired) > MOST_RETIRED * len(stored) and not force:
        raise TooManyError(f"{len(retired):,} of {len(stored):,} items would be retired: --force does it.")
    return Plan(items, retired)


def carry_out(planned: Plan, api: httpx.Client, progress: Progress) -> None:
    """Put the items, then retire the others. Raises `RefusedError`."""
    put_items(api, planned.items, progress)
    in_parallel(lambda ids: _retire(api, ids), planned.retired, ITEMS_A_CALL, lambda _done, _of: None)


def _stored(api: httpx.Client) -> Iterator[str]:
    """The ids of the catalogue."""
    query: dict[str, str | int] = {"limit": 500}
    while True:
        page = call(api, "GET", "/v1/items", params=query).json()
        yield from (item["item_id"] for item in page["items"])
        if not page["next_cursor"]:
            return
        query["cursor"] = page["next_cursor"]


def _retire(api: httpx.Client, item_ids: Sequence[str]) -> None:
    call(api, "POST", "/v1/items/delete", json={"item_ids": list(item_ids)})
