"""What each endpoint answers on each bad day: the table of `infra/faults.md`, of which each cell is a test."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import botocore.auth
import pytest

from functions.recommend.live import OVER_SECONDS
from functions.recommend.patience import LATE, SLOW
from infra import openapi
from shared.stores import clients
from shared.stores import table as tables
from shared.stores.deadline import DEADLINE, Deadline
from shared.web import edge
from tests.conftest import issue_keys, new_account
from tests.functions import endpoints, faults
from tests.functions.api import app
from tests.functions.endpoints import Row, World
from tests.functions.faults import Clock, Strike, struck
from tests.gateway import Context, Response

DOCUMENT = Path(openapi.__file__).with_name("faults.md")
TABLE, SECRETS, QUEUE, BUCKET = (clients.dynamodb,), (clients.ssm,), (clients.sqs,), (clients.s3, clients.quick_s3)


class Fault(NamedTuple):
    """What happens to the calls of these clients, and how far our clock is off."""

    clients: tuple[Callable[[], Any], ...]
    strike: Strike
    off: timedelta = timedelta(0)


FAULTS = {
    "table throttles": Fault(TABLE, faults.throttled),
    "table fails": Fault(TABLE, faults.failing),
    "table times out": Fault(TABLE, faults.timed_out),
    "table slow": Fault(TABLE, faults.slow),
    "table half-writes": Fault(TABLE, faults.half_done),
    "replies lost": Fault(TABLE, faults.hiccup),
    "secrets down": Fault(SECRETS, faults.throttled),
    "queue down": Fault(QUEUE, faults.throttled),
    "S3 503": Fault(BUCKET, faults.slow_down),
    "S3 slow": Fault(BUCKET, faults.timed_out),
    "clock minutes off": Fault((*TABLE, *SECRETS, *QUEUE, *BUCKET), faults.skewed, timedelta(minutes=10)),
    "clock hours off": Fault((*TABLE, *SECRETS, *QUEUE, *BUCKET), faults.skewed, timedelta(hours=-2)),
    "no memory": Fault(TABLE, faults.no_memory),
}


class Cell(NamedTuple):
    """What one row says of one fault."""

    row: Row
    fault: str
    answer: str


def rows(heading: str) -> Iterator[tuple[list[str], list[str]]]:
    """The columns' names and the cells of each line of the table below a heading of the document."""
    lines = DOCUMENT.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0].splitlines()
    head, _, *rest = ([each.strip() for each in line.strip("|").split("|")] for line in lines if line.startswith("|"))
    return ((head, cells) for cells in rest)


def cells() -> list[Cell]:
    """The table's cells. A line stands for each operation that it names, and for the call of it that it says."""
    found = []
    for (_, *names), (line, *answers) in rows("Endpoints"):
        variant = re.sub(r"`[^`]*`,?\s*", "", line).removeprefix("(").removesuffix(")")
        for operation in re.findall(r"`([^`]*)`", line):
            found += [Cell(Row(operation, variant), *each) for each in zip(names, answers, strict=True)]
    return found


class Hurried(Context):
    """A request that has as much time as the template says, on the clock of the test."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._end = clock, clock.now + seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(1000 * (self._end - self._clock.now))

    @property
    def is_over(self) -> bool:
        return self._clock.now >= self._end


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One for all cells, since to make one takes as long as fifty of them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        with new_account() as table:
            yield World(table, issue_keys(table, patch.setenv))


@contextmanager
def bad_day(fault: Fault, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A day with this fault."""
    with ExitStack() as day, monkeypatch.context() as patch:
        for make in fault.clients:
            day.enter_context(struck(make(), fault.strike, clock))
        if fault.off:
            patch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: _naive(fault.off))
            patch.setattr(edge, "now", lambda: datetime.now(UTC) + fault.off)
        yield


def _naive(off: timedelta) -> datetime:
    return (datetime.now(UTC) + off).replace(tzinfo=None)


def answer(row: Row, reply: Response) -> str:
    """What a reply is, in the table's words. A list from memory says so, and a failure of ours asks to be repeated."""
    if reply.status == 503:
        assert reply.headers["content-type"] == "application/problem+json"
        assert int(reply.headers["retry-after"]) > 0
        assert "accepted" not in reply.json()
        return "503"
    if reply.status == 200 and row.operation.startswith("POST /v1/recommendations"):
        said = reply.json()
        (found,) = said.get("lists", [said])
        assert found["items"]
        return {SLOW: "memory", LATE: "popular"}.get(found["note"], "done")
    if reply.status == 200 and row == Row("POST /v1/sentiment", endpoints.OWN):
        return {endpoints.CARRIED: "carried", endpoints.PUBLISHED: "done"}[reply.json()["model_id"]]
    if reply.status == 404 and row.operation.startswith("DELETE"):
        return "gone"
    return "done" if reply.status == row.healthy else f"{reply.status}: {reply.text}"


def called(world: World, row: Row, number: int, clock: Clock) -> str:
    """The answer to a row's call, which comes before Lambda would end the function."""
    context = Hurried(clock, endpoints.seconds_of(endpoints.function_of(row.operation)))
    reply = world.call(row, number, context, datetime.now(UTC))
    DEADLINE.within(float("inf"))  # what comes now is the test's
    assert not context.is_over, f"ended by Lambda: {clock.now}"
    return answer(row, reply)


def usual(world: World, row: Row, clock: Clock) -> int:
    """What a call of this row leaves behind on a good day."""
    if row not in world.usual:
        number = world.stocked()
        app(endpoints.function_of(row.operation))
        assert called(world, row, number, clock) == "done"
        world.usual[row] = endpoints.traces(number)
    endpoints.sweep()
    return world.usual[row]


def tried(world: World, cell: Cell, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer; that what it says is done is done; and that the same call again, after the day, does it once."""
    number, function = world.stocked(), endpoints.function_of(cell.row.operation)
    app(function)
    if cell.row.variant == endpoints.WARM:
        assert called(world, cell.row, number, clock) == "done"
        clock.sleep(OVER_SECONDS / 2)
    with bad_day(FAULTS[cell.fault], clock, monkeypatch):
        got = called(world, cell.row, number, clock)
    assert got == cell.answer
    left = endpoints.traces(number)
    clock.sleep(OVER_SECONDS)
    app(function)
    assert called(world, cell.row, number, clock) in {"done", "gone"}
    assert endpoints.traces(number) == left or got == "503"
    assert endpoints.traces(number) == usual(world, cell.row, clock)


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: f"{'-'.join(filter(None, cell.row))}-{cell.fault}")
def test_a_cell_of_the_table(world: World, cell: Cell, virtual: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    tried(world, cell, virtual, monkeypatch)


def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks at the time."""
    monkeypatch.setattr(Deadline, "seconds_left", float("inf"))


def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that meets itself takes itself for another's."""
    monkeypatch.setattr(tables, "_is_own", lambda *_: False)


def lying(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said to be written is not."""
    monkeypatch.setattr(tables.Table, "write_many", lambda *_, **__: None)


@pytest.mark.parametrize(
    ("broken", "cell", "words"),
    [
        (endless, Cell(Row("GET /v1/items"), "table slow", "503"), "ended by Lambda"),
        (endless, Cell(Row("POST /v1/events", endpoints.MANY), "replies lost", "503"), "ended by Lambda"),
        (forgetful, Cell(Row("PUT /v1/offers/{offer_id}"), "replies lost", "done"), "409"),
        (lying, Cell(Row("POST /v1/batch"), "queue down", "done"), "assert 4 == 6"),
    ],
)
def test_a_part_that_is_broken_changes_the_table(
    world: World,
    broken: Callable[[pytest.MonkeyPatch], None],
    cell: Cell,
    words: str,
    virtual: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried(world, cell, virtual, monkeypatch)
    broken(monkeypatch)
    with pytest.raises(AssertionError, match=words):
        tried(world, cell, virtual, monkeypatch)


def test_every_endpoint_and_every_fault_is_in_the_table() -> None:
    document = json.loads(openapi.PATH.read_text())
    operations = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert {cell.row.operation for cell in cells()} == operations
    assert {cell.fault for cell in cells()} == set(FAULTS)


def test_every_other_fault_has_its_tests() -> None:
    """The third table names for each what happens, and the test that shows it."""
    named = [re.findall(r"`(tests/[^`]*)`", cells[-1]) for _, cells in rows("Streams, clocks, memory")]
    assert all(named)
    for path, _, name in (each.partition("::") for some in named for each in some):
        assert f"def {name}(" in (DOCUMENT.parents[1] / path).read_text(), f"{path} has no {name}"
