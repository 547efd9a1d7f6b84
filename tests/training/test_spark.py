"""Training on Spark: the same model as on one machine, and the work is really done on its executors.

`make spark-test` runs this with pyspark and Java; elsewhere it is skipped, which pytest's summary says.
"""

import gzip
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from shared.domain.events import CustomerRef, Event
from shared.inference.card import MatrixRecipe
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.models import ModelStore
from shared.stores.table import Table
from tests.conftest import BUCKET, Keys
from tests.training.shops import order, two_tastes
from training.covisits import covisit_weights
from training.interactions import Interactions, collect
from training.publish import champion_card
from training.ridge import Problem
from training.sparse import Csr, by_event, spreading
from training.train import train

pytest.importorskip("pyspark", reason="pyspark is not installed: `make spark-test` runs these")

from training import spark

if TYPE_CHECKING:
    from pyspark import SparkContext

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def context() -> Iterator["SparkContext"]:
    """Two executors' threads, each with a Python of its own."""
    from pyspark import SparkContext  # noqa: PLC0415 - see above

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        found = SparkContext("local[2]", "tests")
        found.setLogLevel("ERROR")
        yield found
        found.stop()


@pytest.fixture
def archived(table: Table, tmp_path: Path) -> "Archived":
    return Archived(table, tmp_path)


class Archived:
    """Events as the archive's own objects, on disk, in any order and number of files."""

    def __init__(self, _: Table, folder: Path) -> None:
        self._folder = folder

    def __call__(self, events: list[Event]) -> str:
        for at in range(3):
            ArchiveStore(clients.s3(), BUCKET).append_import(str(at), events[at::3])
        for entry in clients.s3().list_objects_v2(Bucket=BUCKET, Prefix="events/")["Contents"]:
            path = self._folder / entry["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(clients.s3().get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read())
            assert gzip.decompress(path.read_bytes())
        return f"{self._folder}/events/*/*/*.jsonl.gz"


def nobody(_: Any) -> dict[CustomerRef, datetime]:
    return {}


def quiet(_: str) -> None:
    pass


def awkward() -> list[Event]:
    """Devices that became known (one of two people), repeated deliveries, a refund, browsing."""
    events = two_tastes(customers=60, days=40)
    draw = np.random.default_rng(5)
    for n, event in enumerate(list(events)):
        if n % 7 == 0:
            events.append(event)
        if n % 11 == 0:
            device = CustomerRef(kind="anonymous", id=f"d{n % 5}")
            moved = {"customer": device, "message_id": f"v{n}", "name": "Product Viewed", "anonymous_id": device.id}
            events += [event.model_copy(update=moved), event.model_copy(update={"anonymous_id": device.id})]
    events.append(order("user:back", 1, 3, "red-00", "red-01", order_id="o1"))
    events.append(order("user:back", 2, 4, "red-00", name="Order Refunded", order_id="o1"))
    events.append(order("user:gone", 1, 3, "red-00", "blue-01"))
    events.append(order("anonymous:stranger", 1, 3, "red-00", "blue-01"))
    return [events[at] for at in draw.permutation(len(events))]


def same(found: Interactions, expected: Interactions) -> None:
    for name, value in vars(expected).items():
        np.testing.assert_array_equal(vars(found)[name], value, err_msg=name)


def test_the_view_is_that_of_one_machine(context: "SparkContext", archived: Archived) -> None:
    events = awkward()
    expected = collect(events)
    assert "anonymous:stranger" in expected.customers
    assert "anonymous:d1" not in expected.customers
    same(spark.collected(context.textFile(archived(events)), nobody, NOW), expected)


def test_what_is_erased_or_expired_is_not_read(context: "SparkContext", archived: Archived) -> None:
    events = awkward()
    lines = context.textFile(archived(events)).cache()

    def gone(customers: Any) -> dict[CustomerRef, datetime]:
        return {customer: NOW for customer in customers if customer.id == "gone"}

    same(spark.collected(lines, gone, NOW), collect(event for event in events if event.customer.id != "gone"))
    assert spark.collected(lines, nobody, NOW + timedelta(days=9_000)).customers == ()


def test_the_model_is_that_of_one_machine_byte_for_byte(context: "SparkContext", archived: Archived) -> None:
    events = awkward()
    there = spark.train(context.textFile(archived(events)), [], None, quiet, created=NOW, erased=nobody)
    here = train(events, [], None, quiet, created=NOW)
    assert there.model_id == here.model_id
    assert there.card.files == here.card.files
    assert there.card.surfaces == here.card.surfaces
    assert there.card.window == here.card.window


def tables(view: Interactions) -> tuple[Csr, Csr]:
    """Regressions whose Gram matrices come in part from the lists of neighbours, and co-visits."""
    ridge = Problem(by_event(view), 20).solved(50.0)
    return ridge, covisit_weights(by_event(view), view.event_customer, 20, MatrixRecipe().gap_decay)


def test_the_heavy_parts_are_worked_on_by_other_processes(context: "SparkContext") -> None:
    view = collect(two_tastes())
    seen: list[int] = []

    def watched(work: Any, parts: list[slice]) -> list[Any]:
        done = list(spark.over(context)(lambda part: (os.getpid(), work(part)), parts))
        seen.extend(pid for pid, _ in done)
        return [result for _, result in done]

    with spreading(watched):
        there = tables(view)
    assert len(seen) == 3  # neighbours, regressions, co-visits: one block of each
    assert os.getpid() not in seen
    for found, expected in zip(there, tables(view), strict=True):
        assert expected.nnz
        np.testing.assert_array_equal(found.toarray(), expected.toarray())


def test_a_result_that_an_executor_spoils_is_in_the_tables(context: "SparkContext") -> None:
    """What comes back is what is used: nothing is worked out again on the driver."""
    view = collect(two_tastes())

    def spoilt(work: Any, parts: list[slice]) -> list[Any]:
        return list(spark.over(context)(lambda part: work(part) * np.float32(2), parts))

    with spreading(spoilt):
        there = tables(view)
    np.testing.assert_allclose(there[1].toarray(), 2 * tables(view)[1].toarray())


def test_it_reads_the_archive_and_publishes_as_the_function_does(
    context: "SparkContext", keys: Keys, table: Table, archived: Archived
) -> None:
    assert context.defaultParallelism == 2
    assert keys
    model_id = spark.main([archived(two_tastes())])
    models = ModelStore(table, clients.s3(), BUCKET)
    assert models.champion() == model_id
    card, problem = champion_card(models, model_id)
    assert (card is None, problem) == (False, None)
    assert card is not None
    assert card.window.events == len(collect(two_tastes()).event_time)
