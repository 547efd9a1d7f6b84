"""Values in DynamoDB's typed form are those of boto3's own serialiser."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from shared.stores.typed import plain, typed

NUMBERS = st.integers(-(10**37), 10**37) | st.decimals(-(10**15), 10**15, places=4)
LEAVES = st.none() | st.booleans() | st.text() | st.binary() | NUMBERS
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(VALUES)
def test_it_writes_and_reads_what_boto3_does(value: Any) -> None:
    reference: Any = TypeSerializer().serialize(value)
    assert typed(value) == reference
    assert plain(reference) == TypeDeserializer().deserialize(reference) == value


def test_bytes_are_read_as_the_stream_and_json_have_them() -> None:
    assert plain({"B": "AP8="}) == plain({"B": b"\x00\xff"}) == b"\x00\xff"


def test_a_truth_value_is_no_number_and_a_number_is_exact() -> None:
    assert typed(True) == {"BOOL": True}
    assert plain({"N": "0.1"}) == Decimal("0.1")


@pytest.mark.parametrize("value", [1.5, bytearray(b"bytes"), {"set"}])
def test_what_no_record_has_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="a record cannot have a"):
        typed(value)
    with pytest.raises(KeyError):
        plain({"SS": ["text"]})
