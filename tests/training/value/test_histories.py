"""From orders to histories: days, amounts that are none, orders that are none."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from training.value.histories import Histories, histories

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)


def of(*orders: tuple[int, datetime, float]) -> Histories:
    customer, times, paid = zip(*orders, strict=True) if orders else ((), (), ())
    return histories(
        np.array(customer, dtype=np.int32), np.array([each.timestamp() for each in times]), np.array(paid), NOW
    )


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_two_customers_in_any_order() -> None:
    found = of((7, ago(3), 5.0), (2, ago(70), 10.0), (2, ago(35), 30.0), (7, ago(3.1), 7.0), (2, ago(0), 20.0))
    assert found.customer.tolist() == [2, 7]
    assert found.orders.tolist() == [3, 2]
    assert found.frequency.x.tolist() == [2, 0]
    assert found.frequency.recency.tolist() == [10, 0]
    assert found.frequency.age.tolist() == [10, pytest.approx(3 / 7)]
    assert found.average.tolist() == [20, 6]
    assert found.spending.mean.tolist() == [20, 12], "one day's orders are one to the model"
    assert found.repeats.orders.tolist() == [2, 0]
    assert found.repeats.mean[0] == 25
    assert found.typical.orders.tolist() == [2.64, 0.64]
    assert found.typical.mean.tolist() == pytest.approx([(50 + 0.64 * 10) / 2.64, 12])


def test_a_day_ends_at_midnight_utc() -> None:
    """In New York both are of one day; on the night when clocks change there, a day is no shorter."""
    late, early = datetime(2026, 3, 8, 23, 59, tzinfo=UTC), datetime(2026, 3, 9, 0, 1, tzinfo=UTC)
    assert of((1, late, 5.0), (1, early, 5.0)).frequency.x.tolist() == [1]
    assert of((1, early, 5.0), (1, early + timedelta(hours=23), 5.0)).frequency.x.tolist() == [0]


@pytest.mark.parametrize("nonsense", [np.nan, np.inf, -np.inf, 0.0, -5.0])
def test_an_amount_that_is_none_is_not_known(nonsense: float) -> None:
    """The order counts. Of a day with such an order nobody knows what it came to."""
    found = of((1, ago(9), 5.0), (1, ago(5), nonsense), (1, ago(5), 8.0), (2, ago(1), nonsense))
    assert found.orders.tolist() == [3, 1]
    assert found.frequency.x.tolist() == [1, 0]
    assert (found.spending.orders.tolist(), found.spending.mean[0]) == ([1, 0], 5)
    assert found.average[0] == 6.5
    assert np.isnan(found.average[1])


def test_an_order_of_tomorrow_is_not_known_yet() -> None:
    """A shopper's clock may be an hour ahead."""
    found = of((1, ago(9), 5.0), (1, ago(-0.01), 50.0), (2, ago(-1), 1.0))
    assert (found.customer.tolist(), found.orders.tolist()) == ([1], [1])


def test_nobody() -> None:
    assert len(of()) == 0
    assert of().repeat_buyers == 0
