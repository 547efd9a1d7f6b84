"""What the nightly run over feedback takes, by how much there is: seconds and the most memory of a fresh process each.

`.venv/bin/python -m tests.bench.bench_themes [PIECES ...]`, some minutes. The feedback is made up: one to eight
sentences a piece, 35% of which are of nothing in particular, the others of 300 topics of very unequal size, whose
vectors lie as those of an encoder do: all near the middle of the shop, and those of a topic near its own. All that a
run holds is held: the feedback as it was read, arrays, themes. The table is not in it, but for the parsing of records.
The second run is the day after the first, and knows its themes.

`--table [PIECES]` (2,000 by default) is a whole run in front of the local stack's table: what a piece costs to list and
to read, in units by AWS's rules and CPU time of ours, and what a night writes.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table as Printed

from functions.themes.analyse import Before, Found, analyse
from functions.themes.items import item_sentiments
from functions.themes.mentions import DIMENSIONS, gather
from functions.themes.reading import read
from functions.themes.run import LEASE_SECONDS, Rooms, run
from infra.evaluation.measures import peak_mb
from shared.domain.events import CustomerRef
from shared.domain.feedback import Feedback, Source
from shared.domain.sentiment import Sentence, Sentiment
from shared.stores.feedback import FeedbackStore
from shared.stores.feedback_records import parse, record_of
from shared.stores.lease import LeaseStore
from shared.stores.opinions import ItemSentimentStore
from shared.stores.table import Table, pack
from shared.stores.themes import ThemeStore
from tests.bench import inprocess, meter
from tests.bench.bench_cost import RECORD_OVERHEAD
from tests.bench.meter import metered

PIECES = (300, 6_000, 60_000)
"""The last is all that a run reads: `MOST_RECENT` and `MOST_PAST`."""
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
TOPICS, OF_NOTHING = 300, 0.35
SHOP, TOPIC, OWN = 0.5, 0.65, 0.6
"""How much of a sentence's vector is the shop's, its topic's, its own: two of a topic have a cosine of .68."""
SENTENCES = (1, 8)
VOCABULARY, WORDS_OF_TOPIC, WORDS = 8_000, 12, 12
ITEMS = 2_000
PARSED = 2_000
FROM_TABLE = 2_000
AT_ONCE = 1_000


class Talk:
    """What customers of one shop speak of, and how."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(1)
        self.shop = _unit(self.random.normal(size=(1, DIMENSIONS)))
        self.topics = np.vstack([_unit(self.random.normal(size=(TOPICS, DIMENSIONS))), np.zeros(DIMENSIONS)])
        weights = (1.0 - OF_NOTHING) * _zipf(TOPICS)
        self.chances = np.append(weights, OF_NOTHING)
        letters = self.random.integers(97, 123, size=(VOCABULARY, 7)).astype(np.uint8)
        self.words = [bytes(each).decode() for each in letters]
        self.usual = _zipf(VOCABULARY)
        self.of_topic = self.random.integers(VOCABULARY, size=(TOPICS + 1, WORDS_OF_TOPIC))
        self.moods = np.where(self.random.random(TOPICS + 1) < 0.4, -0.6, 0.5)

    def feedback(self, pieces: int) -> Iterator[Feedback]:
        """So many, half of them of the last two weeks."""
        for first in range(0, pieces, AT_ONCE):
            count = min(AT_ONCE, pieces - first)
            lengths = self.random.integers(*SENTENCES, endpoint=True, size=count)
            said = self._sentences(int(lengths.sum()))
            for number, length in enumerate(lengths, first):
                yield self._piece(number, [next(said) for _ in range(int(length))])

    def _sentences(self, count: int) -> Iterator[tuple[str, float, bytes]]:
        topics = self.random.choice(TOPICS + 1, size=count, p=self.chances)
        own = _unit(self.random.normal(size=(count, DIMENSIONS)))
        vectors = np.round(_unit(SHOP * self.shop + TOPIC * self.topics[topics] + OWN * own) * 127).astype(np.int8)
        scores = np.clip(self.moods[topics] + self.random.normal(0, 0.3, count), -1, 1)
        usual = self.random.choice(VOCABULARY, size=(count, WORDS), p=self.usual)
        of_topic = self.of_topic[topics[:, None], self.random.integers(WORDS_OF_TOPIC, size=(count, 3))]
        for words, vector, score in zip(np.hstack([usual, of_topic]), vectors, scores, strict=True):
            yield " ".join(self.words[each] for each in words) + ".", float(score), vector.tobytes()

    def _piece(self, number: int, said: list[tuple[str, float, bytes]]) -> Feedback:
        days = self.random.uniform(0, 14) if self.random.random() < 0.5 else self.random.uniform(14, 182)
        sentences, start = [], 0
        for text, score, vector in said:
            sentences.append(Sentence(start, start + len(text), score, vector))
            start += len(text) + 1
        mean = sum(score for _, score, _ in said) / len(said)
        return Feedback(
            feedback_id=f"f{number}",
            source=Source.REVIEW,
            time=NOW - timedelta(days=float(days)),
            text=" ".join(text for text, _, _ in said),
            rating=float(np.clip(round(3 + 2 * mean), 1, 5)),
            item_id=f"item{int(ITEMS * self.random.random() ** 2)}",
            customer=CustomerRef(kind="user", id=f"c{number}"),
            sentiment=Sentiment(label="positive" if mean > 0 else "negative", score=mean, confidence=0.9),
            model_id="made-up",
            sentences=tuple(sentences),
        )


def _zipf(count: int) -> NDArray[np.float64]:
    weights = 1.0 / np.arange(1, count + 1)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float64)


def measured(pieces: int) -> list[str]:
    """One line: what a run over so much takes in this process."""
    feedback = list(Talk().feedback(pieces))
    made = peak_mb()
    parsing = _seconds_of_parsing(feedback[:PARSED]) * pieces
    began, cpu = time.perf_counter(), time.process_time()
    corpus = gather(feedback)
    first = analyse(corpus, Before(), NOW)
    item_sentiments(feedback, NOW)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    began = time.perf_counter()
    again = analyse(corpus, Before(first.issues, first.centroids), NOW + timedelta(hours=1))
    numbers = [f"{len(corpus.mentions):,}", f"{len(first.themes)}", f"{_same(first, again):.0%}"]
    seconds = [f"{each:.1f}" for each in (took, cpu, time.perf_counter() - began, parsing)]
    return [f"{pieces:,}", *numbers, *seconds, f"{made:.0f}", f"{peak_mb():.0f}"]


def _seconds_of_parsing(feedback: list[Feedback]) -> float:
    """Of one record, from the table's form."""
    records = [record_of(each) for each in feedback]
    began = time.perf_counter()
    for each in records:
        parse(each)
    return (time.perf_counter() - began) / len(records)


def _same(first: Found, again: Found) -> float:
    ids = {each.theme.theme_id for each in first.themes}
    return len(ids & {each.theme.theme_id for each in again.themes}) / max(len(ids), 1)


def from_table(pieces: int) -> None:
    """A night like others: the second, which finds the first one's themes."""
    with inprocess.shop() as api:
        table: Table = api.apps["feedback"].table()
        records = [record_of(each) for each in Talk().feedback(pieces)]
        table.write_many(records)
        leases = LeaseStore(table, LEASE_SECONDS)
        rooms = Rooms(FeedbackStore(table), ThemeStore(table), ItemSentimentStore(table), leases)
        run(rooms, lambda *_: None, NOW - timedelta(hours=1), 0)
        with metered() as units:
            cpu = time.process_time()
            there = read(rooms.feedback, NOW, lambda: None)
            cpu = time.process_time() - cpu
        assert len(there.feedback) == pieces, len(there.feedback)
        with metered() as of_all:
            run(rooms, lambda *_: None, NOW, 0)
    size = sum(meter.size(pack(each)) + RECORD_OVERHEAD for each in records) / pieces
    listed = sum(count for (operation, _), count in units.items() if operation == "Query") / pieces
    besides = meter.reads(of_all) - meter.reads(units)
    Console(width=130).print(
        f"{pieces:,} pieces of {size:,.0f} bytes: a piece takes {listed:.4f} read units to list (twice), "
        f"{meter.reads(units) / pieces - listed:.3f} to read, and {1000 * cpu / pieces:.2f} ms of CPU for both; "
        f"a night writes {meter.writes(of_all):.0f} units and reads {besides:.1f} besides"
    )


def main(pieces: tuple[int, ...] = PIECES) -> None:
    """Each size in a process of its own, since a process's peak does not go down again."""
    console = Console(width=160)
    table = Printed(
        "pieces", "mentions", "themes", "same ids the next day", "s", "CPU s", "s the next day", "s of parsing",
        "MB as read", "MB at most", box=None,
    )  # fmt: skip
    for each in pieces:
        command = [sys.executable, "-m", "tests.bench.bench_themes", "--one", str(each)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        table.add_row(*done.stdout.strip().split("\t"))
    console.print(table)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print("\t".join(measured(int(sys.argv[2]))))
    elif sys.argv[1:2] == ["--table"]:
        from_table(int(sys.argv[2]) if sys.argv[2:] else FROM_TABLE)
    else:
        main(tuple(map(int, sys.argv[1:])) or PIECES)
