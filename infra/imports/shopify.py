"""Shopify's own exports: products (of both generations of column names) and orders.

Neither has ids that the other has too: `shared.domain.shopify` says how an item is known.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from infra.imports.files import Row
from shared.domain.sales import amount_of, each_of
from shared.domain.shopify import choices, item_id, item_name, variant_title
from shared.domain.text import plain, slug

PRODUCTS = {"Handle", "Title", "Variant Price"}
NEWER_PRODUCTS = {"URL handle", "Title", "Price"}
ORDERS = {"Name", "Email", "Created at", "Lineitem name"}

NEWER = {
    "URL handle": "Handle",
    "Description": "Body (HTML)",
    "Option1 name": "Option1 Name",
    "Option1 value": "Option1 Value",
    "Option2 name": "Option2 Name",
    "Option2 value": "Option2 Value",
    "Option3 name": "Option3 Name",
    "Option3 value": "Option3 Value",
    "SKU": "Variant SKU",
    "Price": "Variant Price",
    "Inventory tracker": "Variant Inventory Tracker",
    "Inventory quantity": "Variant Inventory Qty",
    "Product image URL": "Image Src",
    "Variant image URL": "Variant Image",
    "Product category": "Product Category",
    "Published on online store": "Published",
}
OF_THE_PRODUCT = (
    "Title",
    "Body (HTML)",
    "Vendor",
    "Type",
    "Product Category",
    "Tags",
    "Status",
    "Published",
    "Image Src",
)
OF_THE_ORDER = ("Email", "Created at", "Cancelled at", "Currency", "Total")
OPTIONS = ("Option1", "Option2", "Option3")


def products(rows: Iterator[Row], currency: str) -> Iterator[Row]:
    """An item for each variant of what is active and published. A product's own fields stand in its first row only."""
    for line, values in _filled(_renamed(rows), "Handle", (*OF_THE_PRODUCT, *(f"{each} Name" for each in OPTIONS))):
        is_shown = values.get("Status", "active").lower() == "active" and values.get("Published", "").lower() != "false"
        if is_shown and values.get("Variant Price"):
            yield Row(line, _item(values, currency))


def orders(rows: Iterator[Row]) -> Iterator[Row]:
    """A purchase for each line of an order that was not cancelled; the customer is known by the e-mail address."""
    for line, values in _filled(rows, "Name", OF_THE_ORDER):
        if not values.get("Cancelled at"):
            yield Row(
                line,
                {
                    "customer_id": values.get("Email", "").strip().lower(),
                    "item_id": item_id(values.get("Lineitem sku"), values.get("Lineitem name", "")),
                    "timestamp": _time(values.get("Created at", "")),
                    "order_id": values["Name"],
                    **_sale(values),
                },
            )


def _sale(values: dict[str, Any]) -> dict[str, Any]:
    """How many, and what was paid for one; codes of discounts are left out, since they may name somebody."""
    quantity, price = amount_of(values.get("Lineitem quantity")), amount_of(values.get("Lineitem price"))
    off = each_of(amount_of(values.get("Lineitem discount")), int(quantity or 0))
    paid = None if price is None else max(price - (off or 0), Decimal(0))
    told = {"quantity": quantity, "price": paid, "currency": values.get("Currency"), "total": values.get("Total")}
    return {name: str(value) for name, value in told.items() if value not in (None, "")}


def _filled(rows: Iterator[Row], key: str, fields: tuple[str, ...]) -> Iterator[Row]:
    """The rows with what only the first of their group says."""
    first: dict[str, Any] = {}
    for line, values in rows:
        if values.get(key) != first.get(key):
            first = values
        yield Row(line, values | {name: values.get(name) or first[name] for name in fields if first.get(name)})


def _renamed(rows: Iterator[Row]) -> Iterator[Row]:
    for line, values in rows:
        yield Row(line, {NEWER.get(name, name): value for name, value in values.items()})


def _item(values: dict[str, Any], currency: str) -> dict[str, Any]:
    chosen = choices({values.get(f"{each} Name", ""): values.get(f"{each} Value", "") for each in OPTIONS})
    name = item_name(values.get("Title", ""), variant_title(chosen))
    return {
        "item_id": item_id(values.get("Variant SKU"), name),
        "title": name,
        "group": values["Handle"],
        "price": values["Variant Price"],
        "cost": values.get("Cost per item"),
        "currency": currency,
        "stock": _stock(values),
        "category": values.get("Type") or values.get("Product Category"),
        "tags": values.get("Tags"),
        "text": plain(values.get("Body (HTML)", "")),
        "image_url": values.get("Variant Image") or values.get("Image Src"),
        **{f"attributes.{slug(name)}": value for name, value in (chosen | {"vendor": values.get("Vendor")}).items()},
    }


def _stock(values: dict[str, Any]) -> Any:
    """What is left, where Shopify counts it and stops selling at zero; it may have sold more than there were."""
    sells_on = (values.get("Variant Inventory Policy") or "").lower() == "continue"
    sells_on |= (values.get("Continue selling when out of stock") or "").lower() == "true"
    if not values.get("Variant Inventory Tracker") or sells_on:
        return None
    quantity = values.get("Variant Inventory Qty") or "0"
    return "0" if str(quantity).startswith("-") else quantity


def _time(text: str) -> str:
    """`2026-05-01 12:00:00 +0200` in the form that events have; anything else as it is, to be refused with its line."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z").isoformat()
    except ValueError:
        return text
