"""The whole API, for the tests of single functions and of what they do together."""

import pytest

from tests.conftest import Keys
from tests.functions.api import Api


@pytest.fixture
def api(keys: Keys) -> Api:
    """All functions with routes, on the template's own table."""
    return Api(keys)
