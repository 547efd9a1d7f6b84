"""Times are read as their column has them, and never taken for another unit or day."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.imports.times import UnreadableTimeError, seconds

AT = 1700000000.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("881250949", 881250949.0),
        ("1700000000.5", AT + 0.5),
        ("1.7e9", AT),
        ("1700000000000", AT),
        ("1700000000000000", AT),
        ("1700000000000000000", AT),
        ("2023-11-14T22:13:20Z", AT),
        ("2023-11-14 22:13:20", AT),
        ("2023-11-14 22:13:20 UTC", AT),
        ("2023-11-15T00:13:20+02:00", AT),
        ("2023/11/14 22:13:20", AT),
        ("14.11.2023 22:13:20", AT),
        ("11/14/2023 22:13:20", AT),
        ("14/11/2023 10:13:20 PM", AT),
        ("11/14/2023 12:05 am", AT - 79700),
        ("11/14/2023 12:05 PM", AT - 36500),
        ("1/12/1970", None),
        ("01.12.1970 8:26", 28887960.0),
        ("1970-01-02", 86400.0),
        ("19700102", 86400.0),
        ("-5", -5.0),
    ],
)
def test_a_time_alone(text: str, expected: float | None) -> None:
    if expected is None:
        with pytest.raises(UnreadableTimeError, match="may be two days"):
            seconds([text])
    else:
        assert seconds([text]).tolist() == [expected]


def test_one_line_tells_the_order_of_all() -> None:
    assert seconds(["1/2/1970", "1/13/1970"]).tolist() == [86400.0, 12 * 86400.0]
    assert seconds(["1/2/1970", "13/1/1970"]).tolist() == [31 * 86400.0, 12 * 86400.0]


def test_numbers_are_of_one_unit_and_days_only_where_all_are() -> None:
    assert seconds(["5000", "1700000000000"]).tolist() == [5.0, AT]
    assert seconds(["20190930", "20191001"])[1] - seconds(["20190930", "20191001"])[0] == 86400.0
    assert seconds(["20190930", "20191301"]).tolist() == [20190930.0, 20191301.0]
    assert seconds(["2", "1970-01-02"]).tolist() == [2.0, 86400.0]


@pytest.mark.parametrize(
    "text", ["yesterday", "", "nan", "13/14/2020", "2020-13-01", "inf", "-1e40", "1.13.20", "5/5/5"]
)
def test_what_is_no_time_is_said_with_its_place(text: str) -> None:
    with pytest.raises(UnreadableTimeError) as refused:
        seconds(["1970-01-02", text])
    assert refused.value.place == 1
    assert repr(text) in str(refused.value)


@given(st.lists(st.integers(0, 4_000_000_000), min_size=1, max_size=20))
def test_any_way_of_writing_says_the_same(moments: list[int]) -> None:
    # So that the order of day and month is told.
    moments.append(1_700_000_000)
    days = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=each) for each in moments]
    for form in ("%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%Y/%m/%dT%H:%M:%S UTC"):
        assert seconds([day.strftime(form) for day in days]).tolist() == moments
    for unit in (1, 1_000, 1_000_000, 1_000_000_000):
        assert seconds([str(each * unit) for each in moments]).tolist() == pytest.approx(moments)
