"""Events and customers: identity, and time in UTC."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef, Event

ANN = CustomerRef(kind=KNOWN, id="ann")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def event(**changes: Any) -> Event:
    fields = {"customer": ANN, "message_id": "m1", "time": NOON, "name": "Product Viewed", "items": ("lamp",)}
    return Event.model_validate(fields | changes)


def test_a_time_is_kept_in_utc() -> None:
    summer = timezone(timedelta(hours=2))
    assert event(time=datetime(2026, 5, 1, 14, tzinfo=summer)).time.isoformat() == "2026-05-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("time", "message"),
    [
        (datetime(2026, 5, 1, 12), "offset"),  # noqa: DTZ001 - that is the point
        (datetime(1969, 12, 31, 23, 59, tzinfo=UTC), "1970"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=23))), "1970"),
    ],
)
def test_no_time(time: datetime, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        event(time=time)


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": ""},
        {"message_id": "x" * 101},
        {"name": "x" * 257},
        {"items": ("",)},
        {"items": ("ü" * 129,)},
        {"anonymous_id": ""},
        {"order_id": "x" * 101},
        {"recommendation_id": "x" * 33},
        {"customer": {"kind": "robot", "id": "ann"}},
        {"customer": {"kind": KNOWN, "id": ""}},
    ],
)
def test_a_bad_field_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        event(**changes)
    assert {str(error["loc"][0]) for error in caught.value.errors()} == set(changes)


@given(kind=st.sampled_from([KNOWN, ANONYMOUS]), id_=st.text(st.characters(codec="utf-8"), min_size=1, max_size=64))
def test_a_reference_reads_back(kind: str, id_: str) -> None:
    customer = CustomerRef(kind=kind, id=id_)
    assert CustomerRef.parse(str(customer)) == customer
    assert customer.is_known == (kind == KNOWN)


@pytest.mark.parametrize("text", ["", "ann", "user:", ":ann", "robot:ann", "User:ann"])
def test_no_reference(text: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        CustomerRef.parse(text)


def test_an_order_has_a_short_name_so_that_its_id_fits_beside_it() -> None:
    assert event(name="x" * 100, order_id="o" * 100).order_id
    with pytest.raises(ValidationError, match="with an order_id"):
        event(name="x" * 101, order_id="o1")
