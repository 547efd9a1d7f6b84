"""Many who send feedback at once: whatever the order of their calls, every sum is that of what is there in the end."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import numpy as np
import pytest

from shared.domain.errors import NotFoundError
from shared.domain.feedback import Feedback
from shared.domain.sentiment import Sentiment
from shared.domain.tallies import Counted, Measure, tallies
from shared.stores.feedback import FeedbackStore
from shared.stores.table import Table
from shared.stores.tallies import PREFIX
from tests.shared.stores.turns import Turns

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SENDERS = 6
CALLS, PIECES, OF_ALL = 3, 4, 6
"""Each sender's calls, the pieces of a call that only it has, and those that all of them send."""
TAKEN_BACK = {"all-0", "all-1", "a-0-0", "a-0-1", "b-0-0", "b-1-0"}


class Contended(Table):
    """A table whose transactions meet others' now and then, and are refused for it."""

    attempts: Iterator[int]

    def transact(self, writes: Sequence[Any]) -> list[str]:
        if next(self.attempts) % 3 == 0:
            return ["TransactionConflict"] * len(writes)
        return super().transact(writes)


@pytest.fixture
def contended(table: Table, monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setattr("shared.stores.feedback.sleep", lambda _: None)
    monkeypatch.setattr(Contended, "attempts", count(1), raising=False)
    table.__class__ = Contended
    return table


def said(name: str) -> Feedback:
    """One of five items, of two months, good or bad: every sum has parts from many."""
    n = sum(name.encode())
    feeling = Sentiment(label=("positive", "negative")[n % 2], score=(0.5, -0.25)[n % 2], confidence=0.9)
    fields: dict[str, Any] = {"feedback_id": name, "source": ("review", "survey")[n % 2], "text": f"Said {name}."}
    fields |= {"time": NOW - timedelta(days=n % 40), "item_id": f"item{n % 5}", "rating": float(1 + n % 5)}
    return Feedback.model_validate(fields | {"sentiment": feeling, "model_id": "m"})


def send(store: FeedbackStore, sender: str) -> None:
    """What a sender says that nobody else does, with something in each call that all of them say."""
    for call in range(CALLS):
        own = [said(f"{sender}-{call}-{n}") for n in range(PIECES)]
        store.keep([*own, *(said(f"all-{n}") for n in range(call, OF_ALL, CALLS))], {})


def take_back(store: FeedbackStore) -> None:
    """Some that may be there by now, or not yet."""
    for name in TAKEN_BACK:
        try:
            store.withdraw(name)
        except NotFoundError:
            continue


def counted(feedback: Sequence[Feedback]) -> Counter[Measure]:
    """What one would count of these by hand, of all subjects together."""
    total: Counter[Measure] = Counter()
    for each in feedback:
        for tally in tallies(Counted.of(each)):
            total[tally.measure] += tally.by
    return total


def told(table: Table) -> Counter[Measure]:
    """The same of what the table has summed up."""
    total: Counter[Measure] = Counter()
    for record in table.scan(PREFIX):
        for name, value in record.items():
            if len(name) == 4 and name[:2].isdigit():
                total[Measure(name[3])] += int(value)
    return total


@pytest.mark.parametrize("seed", range(4))
def test_the_sums_of_many_at_once_are_those_of_what_is_there(contended: Table, seed: int) -> None:
    names = [chr(ord("a") + n) for n in range(SENDERS)]
    owners = ["one owner", "another"]
    schedule = np.random.default_rng(seed).choice([*names, *owners], 200).tolist()
    writers: dict[str, Any] = {name: partial(send, FeedbackStore(contended), name) for name in names}
    writers |= {name: partial(take_back, FeedbackStore(contended)) for name in owners}
    assert set(Turns(writers, schedule).run().values()) == {None}
    every = {f"{name}-{call}-{n}" for name in names for call in range(CALLS) for n in range(PIECES)}
    every |= {f"all-{n}" for n in range(OF_ALL)}
    there = FeedbackStore(contended).get(every)
    assert every - there.keys() <= TAKEN_BACK
    assert told(contended) == counted(list(there.values()))
