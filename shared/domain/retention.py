"""How long an event is kept. After that it does not count any more, whether or not it is deleted yet."""

from collections.abc import Mapping, Sized
from datetime import datetime, timedelta

from shared.domain.events import Event
from shared.domain.vocabulary import ABOUT_ORDERS, IDENTIFYING, EventName

LONG = timedelta(days=5 * 365)
"""Orders and what undoes them, reviews, and who is who."""
MEDIUM = timedelta(days=3 * 365)
"""Any other event about an item."""
SHORT = timedelta(days=760)
"""What names no item, such as page views and custom events: 25 months, so that a season can be set beside its last."""

BY_NAME: Mapping[str, timedelta] = dict.fromkeys([*ABOUT_ORDERS, *IDENTIFYING, EventName.PRODUCT_REVIEWED], LONG)


def lifetime(name: str, items: Sized) -> timedelta:
    """How long an event of this name, about these items, counts."""
    return BY_NAME.get(name, MEDIUM if len(items) else SHORT)


def expires_at(event: Event) -> datetime:
    """When the event is to be forgotten: a function of the event alone, so that a replay does not prolong it."""
    return event.time + lifetime(event.name, event.items)


def is_expired(event: Event, now: datetime) -> bool:
    """Whether the event does not count any more."""
    return expires_at(event) <= now
