"""A short load, steady and in a burst, on the deployed artefacts: nothing is lost, and nothing double."""

import pytest

from tests.bench.bench_load import loaded
from tests.bench.load import Shape
from tests.e2e.conftest import Running

pytestmark = pytest.mark.local


@pytest.mark.parametrize(
    "shape", [Shape("steady", 4, 8), Shape("burst", 60, 1, at_once=True)], ids=lambda each: each.name
)
def test_nothing_is_lost_and_nothing_double(running: Running, shape: Shape) -> None:
    ledger, faults = loaded(running.deployment, shape)
    assert faults == []
    assert len(ledger.accepted) > 30
    assert ledger.seen["replies lost"] > 0
