"""The world of the tests of exports and erasures."""

import pytest

from shared.stores.table import Table
from tests.functions.fulfil.world import World


@pytest.fixture
def world(table: Table) -> World:
    made = World(table)
    made.fill()
    return made
