"""Links: the first known owner of an anonymous id keeps it."""

import pytest

from shared.domain.errors import StoreUnavailableError
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.stores import clients
from shared.stores.links import MOST_LINKS, LinkStore
from shared.stores.table import Table
from tests.shared.stores.faults import refusing

ANN = CustomerRef(kind=KNOWN, id="ann")
BOB = CustomerRef(kind=KNOWN, id="bob")


def anonymous(*ids: str) -> list[CustomerRef]:
    return [CustomerRef(kind=ANONYMOUS, id=id_) for id_ in ids]


def test_the_first_owner_keeps_it(table: Table) -> None:
    links = LinkStore(table)
    assert links.claim("phone", ANN)
    assert not links.claim("phone", BOB)
    assert links.claim("phone", ANN)
    assert links.linked(ANN) == [ANN, *anonymous("phone")]
    assert links.linked(BOB) == [BOB]


def test_an_owner_may_have_several_and_each_is_one_step_away(table: Table) -> None:
    """Links do not chain: what is claimed is always anonymous, and who claims is always known."""
    links = LinkStore(table)
    for id_ in ("tablet", "phone", "LINK#odd", "ann"):
        links.claim(id_, ANN)
    assert set(links.linked(ANN)) == {ANN, *anonymous("tablet", "phone", "LINK#odd", "ann")}
    assert [links.owner(each) for each in anonymous("phone", "laptop")] == [ANN, None]
    assert links.owner(ANN) is None


def test_of_two_writers_at_once_one_wins(table: Table) -> None:
    """Bob's claim arrives between the two writes of Ann's."""
    links = LinkStore(table)
    outcomes: list[bool] = []

    def interrupt(**_: object) -> None:
        clients.dynamodb().meta.events.unregister("after-call.dynamodb.PutItem", interrupt)
        outcomes.append(links.claim("phone", BOB))

    clients.dynamodb().meta.events.register("after-call.dynamodb.PutItem", interrupt)
    assert links.claim("phone", ANN)
    assert outcomes == [False]
    assert (links.linked(ANN), links.linked(BOB)) == ([ANN, *anonymous("phone")], [BOB])


def test_a_claim_cut_in_half_is_healed_by_repeating_it(table: Table) -> None:
    links = LinkStore(table)
    with refusing(clients.dynamodb(), "PutItem", after=1), pytest.raises(StoreUnavailableError):
        links.claim("phone", ANN)
    assert links.linked(ANN) == [ANN]
    assert not links.claim("phone", BOB)
    assert links.claim("phone", ANN)
    assert links.linked(ANN) == [ANN, *anonymous("phone")]


def test_what_is_read_is_bounded(table: Table) -> None:
    links = LinkStore(table)
    for n in range(MOST_LINKS + 5):
        assert links.claim(f"device-{n:02d}", ANN)
    assert len(links.linked(ANN)) == 1 + MOST_LINKS
