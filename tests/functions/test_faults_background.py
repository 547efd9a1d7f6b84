"""What each function that nobody waits for does on each bad day: the second table of `infra/faults.md`, by cells."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from shared.stores import clients
from shared.stores.table import Table
from tests.conftest import Keys
from tests.functions import endpoints, faults
from tests.functions.faults import Clock
from tests.functions.jobs import WORKS, Work
from tests.functions.test_faults import FAULTS, Fault, bad_day, rows

OTHERS = {
    "CloudWatch down": Fault((clients.cloudwatch,), faults.throttled),
    "topic down": Fault((clients.sns,), faults.throttled),
    "schedules down": Fault((clients.scheduler,), faults.throttled),
}
"""What only the meter and the themes ask."""


class Cell(NamedTuple):
    """What one line says of one fault."""

    function: str
    fault: str
    answer: str


def cells() -> list[Cell]:
    return [
        Cell(function, *each)
        for (_, *names), (function, *answers) in rows("Functions that nobody waits for")
        for each in zip(names, answers, strict=True)
        if each[1] != "-"
    ]


def done(work: Work, clock: Clock) -> str:
    """One invocation: `again` where AWS is told to repeat it, in time to be told anything."""
    began, function = clock.now, work.__class__.__name__.lower()
    try:
        reply = work.run()
    except Exception:  # whatever it raises, AWS repeats the invocation
        answer = "again"
    else:
        answer = "again" if (reply or {}).get("batchItemFailures") else "done"
    limit = endpoints.seconds_of({"export": "fulfil", "erasure": "fulfil"}.get(function, function))
    assert clock.now - began < limit, "ended by Lambda"
    return answer


@pytest.fixture
def make(table: Table, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Work]:
    return lambda function: WORKS[function](table, keys, monkeypatch)


@pytest.mark.parametrize("function", WORKS)
def test_a_good_day(make: Callable[[str], Work], function: str, virtual: Clock) -> None:
    """All is done, and to do it again, as AWS does now and then, changes nothing."""
    work = make(function)
    for _ in range(2):
        assert done(work, virtual) == "done"
        assert work.outcome() == work.expected


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: f"{cell.function}-{cell.fault}")
def test_a_cell_of_the_table(
    make: Callable[[str], Work], cell: Cell, virtual: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What AWS is told; and that after the day all is done that would have been, once."""
    work = make(cell.function)
    with bad_day((FAULTS | OTHERS)[cell.fault], virtual, monkeypatch):
        assert done(work, virtual) == cell.answer
    if cell.answer == "again":
        assert done(work, virtual) == "done"
    assert work.outcome() == work.expected


def test_every_function_and_every_fault_is_in_the_table() -> None:
    assert {cell.function for cell in cells()} == set(WORKS)
    assert {cell.fault for cell in cells()} <= set(FAULTS | OTHERS)
