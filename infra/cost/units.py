"""What a shop does in a month, what was measured, and what a function uses: what all parts of the bill reckon with."""

import json
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from functions.meter.prices import Used
from infra.template import Template

FIGURES = Path(__file__).with_name("figures.json")
MONTH_SECONDS = 365.25 * 86_400 / 12
NIGHTS = 365.25 / 12
MINUTES = MONTH_SECONDS / 60
HOURS = MINUTES / 60
VCPU_MEGABYTES = 1769
"""What Lambda gives one whole processor for; less memory, less of it."""
LONGEST_SECONDS = 900.0
YEAR = 12
GIGABYTE = 1e9
LISTS_A_VISITOR, EVENTS_A_LIST, VISITS_OF_A_CUSTOMER = 6, 1.5, 2


class Shop(NamedTuple):
    """What a shop does in a month. `batch` events come in one call, and `months` of events and feedback are kept.

    `prices`, `quotes`, `offers` and `values` are how often a price, a quote, an offer, a customer's value is asked for.
    """

    visitors: float
    recommendations: float
    events: float
    items: float
    customers: float
    batch: int = 1
    months: int = 12
    feedback: float = 0
    prices: float = 0
    quotes: float = 0
    offers: float = 0
    values: float = 0

    @classmethod
    def like(cls, recommendations: float, items: float = 5_000) -> "Shop":
        """One that asks for so many lists, the rest in the usual proportion."""
        visitors = recommendations / LISTS_A_VISITOR
        customers = visitors * 12 / VISITS_OF_A_CUSTOMER
        return cls(visitors, recommendations, recommendations * EVENTS_A_LIST, items, customers)


@cache
def figures() -> Any:
    """What was measured, and what is assumed."""
    return json.loads(FIGURES.read_text("utf-8"))


def night(part: str, function: str, seconds: float) -> Iterator[Used]:
    gigabyte_seconds = min(LONGEST_SECONDS, seconds) * megabytes(function) / 1024
    yield Used(part, "lambda_request", NIGHTS)
    yield Used(part, line(function), NIGHTS * gigabyte_seconds)


def called(part: str, calls: float, cpu_ms: float, reply_bytes: float) -> Iterator[Used]:
    """A function behind the API, and its first calls after a pause."""
    yield Used(part, "http_api_request", calls)
    yield from runs(part, calls, cpu_ms)
    cold = calls * _cold(calls) * figures()["cold_seconds"][part]
    yield Used(f"{part}, cold starts", line(part), cold * megabytes(part) / 1024)
    yield Used(part, "transfer_out_gb", calls * reply_bytes / GIGABYTE)


def runs(part: str, calls: float, cpu_ms: float) -> Iterator[Used]:
    """Memory decides how much of a processor it has; the rest is waiting for stores."""
    assumed = figures()["assumed"]
    waits = assumed["calls_of_stores_one_after_the_other"]["value"].get(part, 0) * assumed["store_call_ms"]["value"]
    seconds = (cpu_ms / min(1.0, megabytes(part) / VCPU_MEGABYTES) + waits) / 1000
    yield Used(part, "lambda_request", calls)
    yield Used(part, line(part), calls * seconds * megabytes(part) / 1024)
    yield Used(part, "logs_ingested_gb", calls * assumed["logged_bytes_a_call"]["value"] / GIGABYTE)


def _cold(calls: float) -> float:
    """The share of calls that come, by chance, after a pause longer than Lambda keeps a function warm."""
    return math.exp(-calls / MONTH_SECONDS * figures()["assumed"]["kept_warm_seconds"]["value"])


def megabytes(part: str) -> int:
    megabytes: int = Template.load().functions()[part]["MemorySize"]
    return megabytes


def line(part: str) -> str:
    """The price of the function's architecture, as it is deployed unless another is asked for."""
    (architecture,) = Template.load().functions()[part]["Architectures"]
    if isinstance(architecture, dict):
        architecture = Template.load().document["Parameters"][architecture["Ref"]]["Default"]
    return f"lambda_gb_second_{architecture}"
