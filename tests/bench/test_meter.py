"""The meter by which costs are told: AWS's rules on calls whose charge is known from its documents."""

from typing import Any

import pytest

from shared.stores.table import Table, pack
from tests.bench.meter import charged, metered, size


@pytest.mark.parametrize(
    ("kilobytes", "consistent", "units"), [(1, True, 1), (4, True, 1), (5, True, 2), (5, False, 1)]
)
def test_a_read_is_charged_by_4_kilobytes_of_each_item(kilobytes: int, consistent: bool, units: float) -> None:
    item = {"pk": {"S": "x" * (kilobytes * 1024 - 2)}}
    asked = {"RequestItems": {"t": {"Keys": [{}, {}], "ConsistentRead": consistent}}}
    assert charged("BatchGetItem", asked, {"Responses": {"t": [item, item]}}) == 2 * units


def test_a_query_is_charged_by_4_kilobytes_of_all_items_and_at_least_one() -> None:
    item = {"pk": {"S": "x" * 1022}}
    asked = {"ConsistentRead": True}
    assert [charged("Query", asked, {"Items": [item] * n}) for n in (0, 1, 4, 5)] == [1, 1, 1, 2]


def test_what_is_not_there_is_charged_too() -> None:
    keys: Any = [{}] * 3
    asked = {"RequestItems": {"t": {"Keys": keys}}}
    assert charged("BatchGetItem", asked, {"Responses": {}}) == 1.5
    assert charged("GetItem", {"ConsistentRead": True}, {}) == 1


def test_writes_are_charged_by_1_kilobyte_and_twice_in_a_transaction() -> None:
    small, large = {"pk": {"S": "x" * 1022}}, {"pk": {"S": "x" * 1023}}
    assert charged("PutItem", {"Item": small}, {}) == 1
    assert charged("PutItem", {"Item": large}, {}) == 2
    put: Any = [{"PutRequest": {"Item": each}} for each in (small, large)]
    assert charged("BatchWriteItem", {"RequestItems": {"t": put}}, {}) == 3
    assert charged("TransactWriteItems", {"TransactItems": [{"Put": {"Item": large}}]}, {}) == 4


def test_an_operation_without_a_rule_is_an_error() -> None:
    with pytest.raises(LookupError):
        charged("Scan", {}, {})


def test_the_size_of_a_record_is_that_of_its_names_and_values() -> None:
    assert size(pack({"pk": "é", "n": 1234, "yes": True})) == 2 + 2 + 1 + 3 + 3 + 1


def test_every_call_of_the_client_is_counted(table: Table) -> None:
    with metered() as units:
        table.write_many({"pk": f"p{n}", "sk": "s"} for n in range(30))
        table.put_if({"pk": "p1", "sk": "s"}, "attribute_not_exists(pk)")
        table.get_many([("p1", "s"), ("none", "s")])
        table.update_if(("p1", "s"), "SET #t = :t", "attribute_exists(pk)", {"#t": "t"}, {":t": "x" * 1024})
    table.put({"pk": "later", "sk": "s"})
    assert dict(units) == {
        ("BatchWriteItem", ""): 30,
        ("PutItem", ""): 1,
        ("BatchGetItem", "p1"): 2,
        ("UpdateItem", ""): 2,
    }


def test_a_list_takes_three_bytes_and_one_for_each_element() -> None:
    assert size({"a": {"L": []}}) == 1 + 3
    assert size({"a": {"L": [{"S": "xy"}, {"BOOL": True}]}}) == 1 + 3 + (1 + 2) + (1 + 1)
