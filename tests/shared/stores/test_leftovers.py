"""Poison records: whose they are is found out whatever is wrong with them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.rights import Cut
from shared.stores import clients
from shared.stores.events import partition, records
from shared.stores.leftovers import PoisonedRecords
from shared.stores.table import Table, pack
from tests.conftest import BUCKET

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CUT = Cut(NOON)
ANN, ANNA, ODD = (CustomerRef(kind=KNOWN, id=id_) for id_ in ("ann", "anna", 'é"💡'))


def change(customer: CustomerRef, hours: int = -1) -> dict[str, Any]:
    time = NOON + timedelta(hours=hours)
    image = pack(records(Event(customer=customer, message_id="m", time=time, name="Viewed", items=("lamp",)), {})[0])
    return {"dynamodb": {"Keys": {name: image[name] for name in ("pk", "sk")}, "NewImage": image}}


def broken(customer: CustomerRef, **changes: Any) -> dict[str, Any]:
    whole = change(customer)
    return {"dynamodb": whole["dynamodb"] | changes}


@pytest.fixture
def poison(table: Table) -> PoisonedRecords:
    assert table
    return PoisonedRecords(clients.s3(), BUCKET)


def put(*bodies: str) -> None:
    for n, body in enumerate(bodies):
        clients.s3().put_object(Bucket=BUCKET, Key=f"poison/shard=00/archive/s-{n}.json", Body=body.encode())


def left() -> int:
    return int(clients.s3().list_objects_v2(Bucket=BUCKET).get("KeyCount", 0))


@pytest.mark.parametrize("customer", [ANN, ODD])
@pytest.mark.parametrize(
    "make",
    [
        change,
        lambda who: broken(who, NewImage={"items": {"X": 1}}),
        lambda who: broken(who, Keys={"pk": {"S": partition(who)}, "sk": {"S": "EVENT#yesterday#m"}}),
        lambda who: broken(who, Keys={"pk": {"S": partition(who)}}),
        lambda who: {"image": {"pk": {"S": partition(who)}}},
        lambda who: [partition(who)],
    ],
)
def test_a_record_is_found_whatever_is_wrong_with_it(poison: PoisonedRecords, make: Any, customer: CustomerRef) -> None:
    put(json.dumps(make(customer)), json.dumps(make(ANNA)), json.dumps(make(customer), ensure_ascii=False))
    assert poison.count(frozenset([customer]), CUT) == 2
    poison.erase(frozenset([customer]), CUT)
    assert (poison.count(frozenset([customer]), CUT), left()) == (0, 1)


def test_half_a_record_is_searched_as_it_stands(poison: PoisonedRecords) -> None:
    put(json.dumps(change(ANN))[:-9], json.dumps(change(ANNA))[:-9])
    assert poison.count(frozenset([ANN]), CUT) == 1


def test_what_happened_since_stays(poison: PoisonedRecords) -> None:
    put(json.dumps(change(ANN, hours=1)))
    assert poison.count(frozenset([ANN]), CUT) == 0


def test_of_everyone_all_records_of_customers_go(poison: PoisonedRecords) -> None:
    item = {"dynamodb": {"Keys": {"pk": {"S": "ITEM#lamp"}, "sk": {"S": "ITEM"}}}}
    put(json.dumps(change(ANN)), json.dumps(change(ODD)), json.dumps(item), "{")
    poison.erase(None, CUT)
    assert left() == 1
