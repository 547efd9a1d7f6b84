"""What feedback takes: time of a call and units of the table for a review, and a summary of a busy shop's year.

`python -m tests.bench.bench_feedback`. The real model, on one thread, as a function has it; the API in this process in
front of the local stack's table; units by AWS's rules (`tests.bench.meter`).
"""

import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from infra import sentiment
from shared.domain.aspects import lexicon
from shared.domain.feedback import Source
from shared.domain.tallies import ASPECT, CATEGORY, Measure
from shared.inference.sentiment.model import SentimentModel
from shared.inference.understanding import Analysts
from shared.stores.table import Record, Table
from shared.stores.tallies import CODES
from tests.bench import inprocess
from tests.bench.meter import metered, reads, writes
from tests.functions.api import Api

REVIEWS = 100
SENTENCES = 5
A_MONTH = 100_000
MONTHS = 13
ROUNDS = 15
NOW = datetime.now(UTC).replace(microsecond=0)
SAID = (
    "I bought this dress for my sister's wedding and it was absolutely perfect. The fit is true to size but the fabric "
    "feels cheap and it wrinkles easily. Delivery took nearly three weeks, which was disappointing. Customer service "
    "was friendly and sent me a replacement at once. The colour is not what the picture shows, much duller by day. "
    "It broke after two days and nobody answers. Great value for the money, my kids love it. The zip got stuck the "
    "first time I wore it and the lining tore."
)

console = Console(width=130)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, inprocess.shop() as api:
        sentiment.make(Path(folder) / "sentiment")
        analysts = Analysts(lambda _: SentimentModel.load(Path(folder) / "sentiment"))
        api.apps["feedback"].analysts = lambda: analysts
        _reviews(api)
        _summary(api)


def _reviews(api: Api) -> None:
    """Calls of a hundred reviews, each with words of its own, and what the stream makes of them."""
    api.server.post("/v1/feedback", _batch("warm", 3))
    body = _batch("f", REVIEWS)
    with metered() as units:
        wall, cpu = time.perf_counter(), time.process_time()
        reply = api.server.post("/v1/feedback", body)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert reply.json()["accepted"] == REVIEWS
    console.print(f"POST /v1/feedback, {REVIEWS} reviews of {SENTENCES} sentences: {wall:.2f} s, CPU {cpu:.2f} s")
    console.print(
        f"  a review: CPU {1000 * cpu / REVIEWS:.0f} ms, {writes(units) / REVIEWS:.1f} write units (index apart)"
    )
    with metered() as units:
        wall = time.perf_counter()
        api.server.post("/v1/feedback", body)
        wall = time.perf_counter() - wall
    console.print(
        f"  the same again: {wall:.2f} s, {writes(units):.0f} write units, {reads(units) / REVIEWS:.1f} read units"
    )
    with metered() as units:
        for n in range(10):
            assert api.server.post("/v1/feedback", _batch(f"one{n}-", 1)).status == 200
    console.print(f"  one a call: {writes(units) / 10:.1f} write units")


def _summary(api: Api) -> None:
    """A year of sums as a busy shop has them."""
    table: Table = api.apps["feedback"].table()
    table.write_many(_sums(random.Random(1)))  # noqa: S311 - the same shop each time
    for query in ("", "period=day", "item_id=i1&period=week", "aspect=fit&source=review"):
        times, cpu = [], []
        for _ in range(ROUNDS):
            with metered() as units:
                began, busy = time.perf_counter(), time.process_time()
                reply = api.server.get(f"/v1/feedback/summary?{query}")
                times.append(time.perf_counter() - began)
                cpu.append(time.process_time() - busy)
        told = reply.json()
        console.print(
            f"GET /v1/feedback/summary?{query}: {1000 * median(times):.0f} ms (most {1000 * max(times):.0f}), "
            f"of that {1000 * median(cpu):.0f} ms CPU of ours, the rest the emulator's, "
            f"{reads(units):.0f} read units, {told['total']['count']:,} pieces, {len(told['points'])} points"
        )


def _sums(draw: random.Random) -> Iterator[Record]:
    """Every facet of every day in every month, from two sources, for all feedback and for one item."""
    facets = ["", *(ASPECT + name for name in lexicon("retail").aspects), *(CATEGORY + f"c{n}" for n in range(12))]
    for month in range(MONTHS):
        first = (NOW.date().replace(day=1) - timedelta(days=30 * month)).replace(day=1)
        for subject, share in (("", 1.0), ("item:i1", 0.01)):
            for facet in facets:
                mean = A_MONTH * share / 30 / (1 if facet == "" else 10)
                yield {
                    "pk": f"TALLY#{first:%Y-%m}#{subject}",
                    "sk": f"FACET#{facet}",
                    "expires_at": 2_000_000_000,
                    **_days(first, mean, draw),
                }


def _days(first: date, mean: float, draw: random.Random) -> dict[str, Any]:
    amounts: dict[str, Any] = {}
    for day in range(1, 29):
        for source in (Source.REVIEW, Source.SURVEY):
            for measure in Measure:
                big = 1_000_000 if measure in {Measure.SCORE, Measure.RATING} else 1
                amounts[f"{day:02d}{CODES[source]}{measure}"] = int(mean * draw.uniform(0.2, 1.0) * big) + first.day
    return amounts


def _batch(name: str, count: int) -> dict[str, Any]:
    draw = random.Random(name)  # noqa: S311 - the same texts each time
    words = SAID.replace(".", "").replace(",", "").lower().split()

    def text() -> str:
        return " ".join(
            " ".join(draw.choices(words, k=draw.randint(6, 18))).capitalize() + "." for _ in range(SENTENCES)
        )

    return {
        "feedback": [
            {
                "feedback_id": f"{name}{n}",
                "source": "review",
                "text": text(),
                "rating": 1 + n % 5,
                "item_id": f"i{n % 20}",
            }
            | {"customer_id": f"c{n}", "time": (NOW - timedelta(hours=n)).isoformat()}
            for n in range(count)
        ]
    }


if __name__ == "__main__":
    main()
