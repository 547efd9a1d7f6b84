"""A Google Merchant feed, as XML (RSS or Atom) or TSV: its own names of fields, prices as `9.90 EUR`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from infra.imports.files import Row
from shared.domain.text import plain

FEED = {"id", "title", "link", "price", "availability"}
SAME = {"title": "title", "link": "url", "image_link": "image_url", "item_group_id": "group"}
ATTRIBUTES = ("brand", "color", "size", "material", "pattern", "gender", "age_group", "condition", "gtin", "mpn")


def names(header: set[str]) -> set[str]:
    """The fields' names; a TSV may write `image link` for `image_link`."""
    return {name.strip().lower().replace(" ", "_") for name in header}


def items(rows: Iterator[Row], _currency: str) -> Iterator[Row]:
    """An item for each product of the feed."""
    for line, values in rows:
        fields = {name.strip().lower().replace(" ", "_"): value for name, value in values.items()}
        yield Row(line, _item(fields, datetime.now(UTC)))


def _item(fields: dict[str, Any], now: datetime) -> dict[str, Any]:
    amount, currency = _price(fields["sale_price"] if _on_sale(fields, now) else fields.get("price", ""))
    cost, _ = _price(fields.get("cost_of_goods_sold", ""))
    available = str(fields.get("availability", "")).lower().replace(" ", "_")
    return {
        "item_id": fields.get("id"),
        **{ours: fields.get(theirs) for theirs, ours in SAME.items()},
        "price": amount,
        "cost": cost,
        "currency": currency,
        "stock": "0" if available == "out_of_stock" else None,
        "category": fields.get("product_type") or fields.get("google_product_category"),
        "text": plain(fields.get("description") or fields.get("summary") or ""),
        "available_from": fields.get("availability_date"),
        "available_until": fields.get("expiration_date"),
        **{f"attributes.{name}": fields.get(name) for name in ATTRIBUTES},
    }


def _price(text: str) -> tuple[str, str]:
    """`9.90 EUR` or `EUR 9.90` as amount and currency."""
    parts = text.split()
    if len(parts) == 2 and parts[0].isalpha():
        parts.reverse()
    return (parts[0] if parts else "", parts[1] if len(parts) > 1 else "")


def _on_sale(fields: dict[str, Any], now: datetime) -> bool:
    """Whether the sale price is the public one now: its dates are `START/END`, and may be left out."""
    if not fields.get("sale_price"):
        return False
    try:
        start, end = map(datetime.fromisoformat, fields["sale_price_effective_date"].split("/"))
        return start <= now < end
    except (KeyError, ValueError, TypeError):
        return not fields.get("sale_price_effective_date")
