"""Records set aside: whole, once, in order, and findable by whose they are."""

from typing import Any

import pytest

from shared.domain.events import KNOWN, CustomerRef
from shared.stores import clients
from shared.stores.archive import shard_of
from shared.stores.poison import PoisonStore
from shared.stores.table import Table
from tests.conftest import BUCKET

ANN = CustomerRef(kind=KNOWN, id="ann/ü #:")


@pytest.fixture
def poison(table: Table) -> PoisonStore:
    assert table
    return PoisonStore(clients.s3(), BUCKET)


def record(sequence: int = 7, customer: CustomerRef = ANN) -> dict[str, Any]:
    keys = {"pk": {"S": f"CUSTOMER#{customer}"}, "sk": {"S": "EVENT#never"}}
    return {"eventName": "INSERT", "dynamodb": {"Keys": keys, "SequenceNumber": str(sequence), "NewImage": {"x": 1.5}}}


def test_a_record_is_kept_whole_in_its_customers_shard(poison: PoisonStore) -> None:
    for _ in range(3):
        poison.put("project", "shardId-001-abc-7", record())
    (found,) = poison.all()
    assert found == (f"poison/{shard_of(ANN)}/project/shardId-001-abc-7.json", "project", "shardId-001-abc")
    assert poison.get(found.key) == record()
    poison.delete(found.key)
    assert list(poison.all()) == []


def test_they_come_back_in_the_streams_order(poison: PoisonStore) -> None:
    for sequence in (9, 10, 100):
        poison.put("archive", f"s-{sequence}", record(sequence, CustomerRef(kind=KNOWN, id=f"c{sequence}")))
    assert [each.key.rpartition("-")[2] for each in poison.all()] == ["9.json", "10.json", "100.json"]


def test_a_record_without_a_key_is_kept_too(poison: PoisonStore) -> None:
    broken_ones: list[Any] = [{}, {"dynamodb": {}}, {"dynamodb": {"Keys": {"pk": {"N": "1"}}}}, {"dynamodb": None}]
    for n, broken in enumerate(broken_ones):
        poison.put("archive", f"s-{n}", broken)
    assert len(list(poison.all())) == 4
