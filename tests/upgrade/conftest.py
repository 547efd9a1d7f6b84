"""A deployment's life: the release before, with data in it; this one over it; and back again."""

import os
from collections.abc import Iterator

import pytest

from infra.cli.local import BUILT
from infra.local.stack import LocalStack
from tests.upgrade.deployed import Release
from tests.upgrade.life import Life, live

ROOT = BUILT.parents[2]
PREVIOUS = ROOT / ".aws-sam/previous"


@pytest.fixture(scope="session")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Lived once for all tests, which look at what was seen on the way."""
    if "UPGRADE_TEST" not in os.environ:
        pytest.skip("an upgrade and a rollback take ten minutes: make upgrade-test")
    home = tmp_path_factory.mktemp("upgrade")
    with LocalStack(home / "stack") as stack:
        yield live(stack, Release(PREVIOUS), Release(ROOT), home)
