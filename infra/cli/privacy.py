"""A shopper's rights from the command line: asks the API, and waits for what comes of it."""

import time
from collections.abc import Callable
from typing import Any

import httpx

EVERY_SECONDS = 5.0
EXPORT, ERASURE = "export", "erasure"


class RequestFailedError(Exception):
    """The API refused; the message has its words."""


def ask(api: httpx.Client, what: str, customer: str, *, anonymous: bool) -> dict[str, Any]:
    """Ask for an export or an erasure; the job as it is queued. Raises `RequestFailedError`."""
    subject = {"anonymous_id" if anonymous else "customer_id": customer}
    return _told(api.post(f"/v1/{what}s", json=subject))


def wait(
    api: httpx.Client, what: str, job: dict[str, Any], progress: Callable[[str], object], pause: float = EVERY_SECONDS
) -> dict[str, Any]:
    """The job once it is done. Raises `RequestFailedError`."""
    id_ = job[f"{what}_id"]
    while job["status"] != "done":
        progress(job["status"])
        time.sleep(pause)
        job = _told(api.get(f"/v1/{what}s/{id_}"))
    return job


def data(export: dict[str, Any], fetch: Callable[[str], httpx.Response] = httpx.get) -> Any:
    """What a finished export holds, from where it lies if need be."""
    if export.get("url") is None:
        return export["data"]
    reply = fetch(export["url"])
    reply.raise_for_status()
    return reply.json()


def _told(reply: httpx.Response) -> dict[str, Any]:
    if reply.is_error:
        raise RequestFailedError(f"{reply.status_code}: {reply.text}")
    told: dict[str, Any] = reply.json()
    return told
