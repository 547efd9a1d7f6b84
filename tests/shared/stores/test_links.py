"""Links: the first known owner of an anonymous id keeps it."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.errors import StoreUnavailableError
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.stores import clients
from shared.stores.links import MOST_LINKS, LinkStore
from shared.stores.table import Table
from tests.shared.stores.faults import cancelled, refusing

ANN = CustomerRef(kind=KNOWN, id="ann")
BOB = CustomerRef(kind=KNOWN, id="bob")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def anonymous(*ids: str) -> list[CustomerRef]:
    return [CustomerRef(kind=ANONYMOUS, id=id_) for id_ in ids]


def test_the_first_owner_keeps_it(table: Table) -> None:
    links = LinkStore(table)
    assert links.claim("phone", ANN, NOON)
    assert not links.claim("phone", BOB, NOON)
    assert links.claim("phone", ANN, NOON)
    assert links.linked(ANN) == [ANN, *anonymous("phone")]
    assert links.linked(BOB) == [BOB]


def test_an_owner_may_have_several_and_each_is_one_step_away(table: Table) -> None:
    """Links do not chain: what is claimed is always anonymous, and who claims is always known."""
    links = LinkStore(table)
    for id_ in ("tablet", "phone", "LINK#odd", "ann"):
        links.claim(id_, ANN, NOON)
    assert set(links.linked(ANN)) == {ANN, *anonymous("tablet", "phone", "LINK#odd", "ann")}
    assert [links.owner(each) for each in anonymous("phone", "laptop")] == [ANN, None]
    assert links.owner(ANN) is None


def test_of_two_writers_at_once_one_wins(table: Table) -> None:
    """Bob's claim arrives between the read and the write of Ann's."""
    links = LinkStore(table)
    outcomes: list[bool] = []

    def interrupt(**_: object) -> None:
        clients.dynamodb().meta.events.unregister("after-call.dynamodb.GetItem", interrupt)
        outcomes.append(links.claim("phone", BOB, NOON))

    clients.dynamodb().meta.events.register("after-call.dynamodb.GetItem", interrupt)
    assert not links.claim("phone", ANN, NOON)
    assert outcomes == [True]
    assert (links.linked(ANN), links.linked(BOB)) == ([ANN], [BOB, *anonymous("phone")])


def test_a_claim_that_stands_is_not_written_again(table: Table) -> None:
    links = LinkStore(table)
    links.claim("phone", ANN, NOON)
    with refusing(clients.dynamodb(), "TransactWriteItems"):
        assert links.claim("phone", ANN, NOON)
        assert not links.claim("phone", BOB, NOON)


def test_a_claim_that_is_refused_leaves_nothing_behind(table: Table) -> None:
    links = LinkStore(table)
    with refusing(clients.dynamodb(), "TransactWriteItems"), pytest.raises(StoreUnavailableError):
        links.claim("phone", ANN, NOON)
    assert (links.owner(*anonymous("phone")), links.linked(ANN)) == (None, [ANN])
    assert links.claim("phone", ANN, NOON)


def test_a_claim_that_collides_is_tried_again(table: Table) -> None:
    with cancelled(clients.dynamodb(), ["TransactionConflict", "None"], times=2):
        assert LinkStore(table).claim("phone", ANN, NOON)


def test_of_many_the_latest_are_read(table: Table) -> None:
    links = LinkStore(table)
    for n in range(MOST_LINKS + 5):
        assert links.claim(f"device-{n:02d}", ANN, NOON + timedelta(hours=n))
    assert links.linked(ANN) == [ANN, *anonymous(*(f"device-{n:02d}" for n in range(MOST_LINKS + 4, 4, -1)))]
