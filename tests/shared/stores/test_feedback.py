"""Feedback in the table: an id is one thing's, whatever the order; records stay small; pages and spans are whole."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.events import KNOWN, CustomerRef
from shared.domain.feedback import Feedback, Source
from shared.domain.saying import MOST_ASPECTS, MOST_SENTENCES, Said, Understood, kept
from shared.domain.sentiment import Analysis, AspectSentiment, Evidence, Sentence, Sentiment
from shared.domain.tallies import Counted, Tally, tallies
from shared.stores import clients
from shared.stores.feedback import FeedbackStore, Kept, Window
from shared.stores.feedback_records import parse, record_of
from shared.stores.table import Table, pack, unpack

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ANN = CustomerRef(kind=KNOWN, id="ann")
FEELING = Sentiment(label="positive", score=0.5, confidence=0.9)


def said(n: int, **changes: Any) -> Feedback:
    fields = {"feedback_id": f"f{n}", "source": "review", "time": NOW - timedelta(hours=n), "text": f"Good {n}."}
    fields |= {"sentiment": FEELING, "model_id": "m", "sentences": (Sentence(0, 4, 0.5, bytes([n % 256]) * 384),)}
    return Feedback.model_validate(fields | changes)


@contextmanager
def reads(operation: str) -> Iterator[list[int]]:
    """How many calls of this kind are made."""
    made = [0]

    def count(**_: Any) -> None:
        made[0] += 1

    events = clients.dynamodb().meta.events
    events.register(f"before-call.dynamodb.{operation}", count)
    yield made
    events.unregister(f"before-call.dynamodb.{operation}", count)


def test_an_id_is_the_firsts_whoever_comes_second(table: Table) -> None:
    store = FeedbackStore(table)
    assert store.put([said(1, customer=ANN)]) == [True]
    assert store.put([said(1), said(2), said(1, customer=ANN)]) == [False, True, False]
    assert store.keep([said(1)], {}) == [Kept.OTHER]
    assert store.get(["f1"])["f1"].customer == ANN
    assert table.get("FEEDBACK#f1", "FEEDBACK#f1") is None


def test_a_customers_lies_with_them_and_nobodys_by_itself(table: Table) -> None:
    FeedbackStore(table).put([said(1, customer=ANN), said(2)])
    assert table.get("CUSTOMER#user:ann", "FEEDBACK#f1")
    assert table.get("FEEDBACK#f2", "FEEDBACK#f2")
    assert all("item_id" not in each for each in (record_of(said(1, item_id="lamp")),)), "else the catalogue has it"


def test_between_gives_all_of_it_in_order_over_years(table: Table) -> None:
    wanted = [said(n, time=NOW - timedelta(days=37 * n)) for n in range(30)]
    FeedbackStore(table).put(wanted)
    found = list(FeedbackStore(table).between(NOW - timedelta(days=37 * 25), NOW))
    assert found == wanted[25::-1]
    assert found[0].time.year < found[-1].time.year


def test_between_asks_for_a_hundred_at_once(table: Table) -> None:
    for start in range(0, 250, 50):
        FeedbackStore(table).put([said(n) for n in range(start, start + 50)])
    with reads("BatchGetItem") as batches, reads("Query") as queries:
        assert len(list(FeedbackStore(table).between(NOW - timedelta(days=20), NOW))) == 250
    assert batches[0] == 3
    assert queries[0] <= 3


def test_a_page_costs_no_more_than_it_shows(table: Table) -> None:
    FeedbackStore(table).put([said(n) for n in range(90)])
    with reads("BatchGetItem") as batches, reads("Query") as queries:
        found, cursor = FeedbackStore(table).page(Window(NOW - timedelta(days=9), NOW), 20, None, lambda _: True)
    assert (len(found), bool(cursor), batches[0], queries[0]) == (20, True, 1, 1)


def test_the_largest_feedback_is_a_small_record(table: Table) -> None:
    """DynamoDB takes 400 KB."""
    aspect = AspectSentiment(
        aspect="a" * 40, term="t" * 60, start=0, end=9, score=0.1234567890123, label="positive", confidence=0.1
    )
    weight = Evidence(start=0, end=9, text="x" * 60, weight=0.1)
    feeling = FEELING.model_copy(update={"aspects": (aspect,) * 9_000, "evidence": (weight,) * 9_000})
    sentences = tuple(Sentence(n, n + 1, 0.1234567890123, b"v" * 384 if n < 8 else b"") for n in range(9_000))
    what = Understood("é" * 10_000, {"email": 3}, Analysis(feeling, sentences), ("c" * 40,) * 30, "m")
    feedback = kept(Said(source=Source.REVIEW, text="x"), "i" * 256, NOW, what)
    assert (len(feedback.sentiment.aspects), len(feedback.sentences)) == (MOST_ASPECTS, MOST_SENTENCES)
    assert len([each for each in feedback.sentences if each.vector]) == 8
    assert len(json.dumps(pack(record_of(feedback)), default=str)) < 100_000
    FeedbackStore(table).put([feedback])
    assert FeedbackStore(table).get(["i" * 256])["i" * 256] == feedback


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.floats(-1, 1), st.sampled_from([0, 3, 384]))))
def test_what_is_written_is_read_back(drawn: list[tuple[int, int, float, int]]) -> None:
    sentences = tuple(
        Sentence(start, end, score, bytes(range(256)) * 2 * (size > 3)) for start, end, score, size in drawn
    )
    feedback = said(1, sentences=sentences, customer=ANN, rating=4.5)
    assert parse(unpack(pack(record_of(feedback)))) == feedback


labels = st.sampled_from(["positive", "neutral", "negative"])
aspects = st.builds(
    lambda name, label, score: AspectSentiment(
        aspect=name, term="t", start=0, end=1, score=score, label=label, confidence=0.5
    ),
    st.sampled_from(["fit", "price"]),
    labels,
    st.floats(-1, 1),
)


@settings(max_examples=50)
@given(labels, st.floats(-1, 1), st.lists(aspects), st.none() | st.floats(1, 5), st.none() | st.just("lamp"))
def test_what_is_taken_back_takes_off_exactly_what_it_added(
    label: Any, score: float, found: Any, rating: Any, item_id: Any
) -> None:
    feeling = Sentiment(label=label, score=score, confidence=0.5, aspects=tuple(found))
    whole = Counted.of(said(1, sentiment=feeling, rating=rating, item_id=item_id, categories=("praise",)))
    again = Counted.model_validate_json(whole.model_dump_json())
    added, taken = list(tallies(whole)), list(tallies(again, -1))
    assert [each._replace(by=-each.by) for each in taken] == added
    assert len({(each.subject, each.facet, each.measure) for each in added}) == len(added)
    assert {each.subject for each in added} == {"", *(["item:lamp"] if item_id else [])}
    assert all(isinstance(each, Tally) for each in added)
