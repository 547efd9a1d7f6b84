"""Items whose price has a past, as if the shop had been running for months."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.items import Item
from shared.stores.items import ItemStore
from shared.stores.table import Table

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def item(price: str | None, item_id: str = "lamp", currency: str = "EUR", **more: Any) -> Item:
    money = {"amount": price, "currency": currency} if price else None
    return Item.model_validate({"item_id": item_id, "title": "Lamp", "price": money} | more)


def priced(table: Table, *prices: tuple[float, str | None], item_id: str = "lamp", **more: Any) -> None:
    """The item with each price from so many days ago on."""
    for days_ago, price in prices:
        wanted = item(price, item_id, **more)
        ItemStore(table).edit({item_id: lambda _, wanted=wanted: wanted}, NOW - days_ago * DAY)  # type: ignore[misc]
