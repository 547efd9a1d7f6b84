"""The deployment's secrets in the parameter store."""

import pytest

from shared.domain.errors import StoreUnavailableError
from shared.stores import clients
from shared.stores.secrets import SecretStore
from tests.shared.stores.faults import refusing, unreachable

NAME = "/shop/pepper"

pytestmark = pytest.mark.usefixtures("table")


def test_ensuring_twice_gives_one_secret() -> None:
    first = SecretStore(clients.ssm()).ensure(NAME)
    assert SecretStore(clients.ssm()).ensure(NAME) == first
    assert SecretStore(clients.ssm()).get(NAME) == first
    assert SecretStore(clients.ssm()).ensure("/shop/other") != first
    assert len(first) >= 43


def test_a_secret_is_stored_encrypted() -> None:
    SecretStore(clients.ssm()).ensure(NAME)
    assert clients.ssm().get_parameter(Name=NAME)["Parameter"]["Type"] == "SecureString"


def test_a_secret_is_read_once() -> None:
    store = SecretStore(clients.ssm())
    first = store.ensure(NAME)
    with refusing(clients.ssm()):
        assert store.get(NAME) == first


def test_a_secret_that_cannot_be_read_is_our_failure_for_now_only() -> None:
    store = SecretStore(clients.ssm())
    with pytest.raises(StoreUnavailableError, match="A secret of this deployment cannot be read"):
        store.get(NAME)
    first = SecretStore(clients.ssm()).ensure(NAME)
    with unreachable(clients.ssm()), pytest.raises(StoreUnavailableError):
        store.get(NAME)
    assert store.get(NAME) == first


def test_a_secret_that_may_be_missing_is_looked_up_each_time() -> None:
    store = SecretStore(clients.ssm())
    assert store.find(NAME) is None
    store.replace(NAME, "one")
    assert store.find(NAME) == "one"
    store.replace(NAME, "two")
    assert store.find(NAME) == "two"
    assert clients.ssm().get_parameter(Name=NAME)["Parameter"]["Type"] == "SecureString"
    with refusing(clients.ssm()), pytest.raises(StoreUnavailableError):
        store.find(NAME)
