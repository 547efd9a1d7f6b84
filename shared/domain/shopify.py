"""How a variant of a Shopify product is known here: one rule for exports, orders and webhooks, so that they meet.

An export of orders has no ids of products, and an export of products none of variants. So an item is known by its SKU,
and without one by the name that order lines show: `Title - Red / M`.
"""

from collections.abc import Mapping

NO_CHOICE = "Default Title"
"""The only variant of a product that has no options."""


def choices(options: Mapping[str, str | None]) -> dict[str, str]:
    """The options that a variant chooses, without Shopify's stand-in for none."""
    return {name: value for name, value in options.items() if name and value and value != NO_CHOICE}


def variant_title(chosen: Mapping[str, str]) -> str:
    """A variant's own title, as order lines have it."""
    return " / ".join(chosen.values())


def item_name(title: str, variant: str | None) -> str:
    """The name of an order line, and of the item."""
    return " - ".join(filter(None, [title, None if variant == NO_CHOICE else variant]))


def item_id(sku: str | None, name: str) -> str:
    """The id of a variant's item."""
    return (sku or "").strip() or name
