"""How the table and the archive write what was bought for how much: `lines` as lists, money as text.

A release that does not know these fields passes them over, and what it wrote has none of them.
"""

from collections.abc import Mapping
from typing import Any

from shared.domain.events import Event, Line


def written(event: Event) -> dict[str, Any]:
    """The fields that are known of this event, for JSON."""
    fields: dict[str, Any] = {}
    if event.lines:
        fields["lines"] = [_line(each) for each in event.lines]
    if event.paid:
        fields["paid"] = format(event.paid.amount, "f")
    if event.currency:
        fields["currency"] = event.currency
    if event.coupons:
        fields["coupons"] = event.coupons
    return fields


def read(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The event's own fields from those that were written; a later release may have written more into a line."""
    found: dict[str, Any] = {name: fields[name] for name in ("currency", "coupons") if name in fields}
    if "lines" in fields:
        found["lines"] = tuple(Line(*each[:3]) for each in fields["lines"])
    if "paid" in fields:
        found["paid"] = {"amount": fields["paid"], "currency": fields["currency"]}
    return found


def _line(line: Line) -> list[Any]:
    price = [] if line.price is None else [format(line.price, "f")]
    return [line.item_id, line.quantity, *price]
