"""What a customer is worth, for tests that need one who is worth something."""

from datetime import datetime, timedelta
from typing import Any

from shared.domain.value import CustomerValue, Lifecycle, Likely


def valued(now: datetime, **fields: Any) -> CustomerValue:
    """A loyal customer with four orders, but for `fields`."""
    usual: dict[str, Any] = {
        "lifecycle": Lifecycle.LOYAL,
        "orders": 4,
        "first_order": now - timedelta(days=90),
        "last_order": now - timedelta(days=3),
        "average_order": 31.5,
        "currency": "EUR",
        "expected_orders": Likely(value=2.5, low=1, high=4),
        "expected_value": Likely(value=80.25, low=20, high=150),
        "days_between_orders": 29.0,
        "computed": now,
        "model_id": "value-1",
    }
    return CustomerValue(**usual | fields)
