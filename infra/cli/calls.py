"""Calls of the API, as the commands make them."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import quote

import httpx

from infra.imports.files import SourceError

ATTEMPTS = 5
BUSY = {429, 500, 502, 503, 504}


class RefusedError(Exception):
    """The API refused; the message has its words."""


def told(reply: httpx.Response) -> Any:
    """The reply's JSON. Raises `RefusedError`."""
    if reply.is_error:
        raise RefusedError(f"{reply.status_code}: {reply.text}")
    return reply.json()


def call(
    api: httpx.Client, method: str, url: str, good: Collection[int] = (httpx.codes.OK,), **what: Any
) -> httpx.Response:
    """A call that may be repeated, and is while the API or its gateway is busy; its reply has one of the `good` codes.

    Raises `RefusedError`.
    """
    for attempt in range(ATTEMPTS):
        reply = api.request(method, url, **what)
        if reply.status_code not in BUSY:
            break
        if attempt < ATTEMPTS - 1:
            wait = reply.headers.get("Retry-After", "")
            sleep(int(wait) if wait.isdecimal() else 2**attempt)
    if reply.status_code not in good:
        raise RefusedError(f"{method} {url} answered {reply.status_code}: {reply.text[:500]}")
    return reply


def document(file: Path) -> dict[str, Any]:
    """A JSON object in a file, to be sent. Raises `SourceError`."""
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise SourceError(f"{file} is no JSON that can be read: {error}") from error
    if not isinstance(found, dict):
        raise SourceError(f"{file} is no JSON object.")
    return found


def said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what was not said."""
    return {name: value for name, value in values.items() if value is not None}


def quoted(text: str) -> str:
    """An id as a part of a path."""
    return quote(text, safe="")
