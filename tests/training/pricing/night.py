"""A shop with a past, and a night over it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from shared.domain.items import Item
from shared.domain.money import Money
from shared.stores import clients
from shared.stores.competitors import CompetitorStore
from shared.stores.items import ItemStore
from shared.stores.ledger import LedgerStore
from shared.stores.models import DEMAND, ModelStore
from shared.stores.price_limits import PriceLimitsStore
from shared.stores.repricing import Repricing
from shared.stores.suggestions import SuggestionStore
from shared.stores.table import Table
from tests.conftest import BUCKET
from training.pricing.run import Rooms
from training.sales import WeeklySales

NOW = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
WEEKS = 40
FIRST_MONDAY = date(2026, 2, 16)
CHEAP, DEAR, LONELY, NEW, UNCOSTED = "cheap 0", "dear 0", "steady", "new", "uncosted"


def usd(amount: float | str) -> Money:
    return Money(amount=Decimal(str(amount)), currency="USD")


def rooms(table: Table) -> Rooms:
    return Rooms(
        items=ItemStore(table),
        limits=PriceLimitsStore(table),
        competitors=CompetitorStore(table),
        ledger=LedgerStore(table),
        suggestions=SuggestionStore(table),
        models=ModelStore(table, clients.s3(), BUCKET, DEMAND),
        repricing=Repricing(table),
    )


def catalogue(**changes: dict[str, Any]) -> list[Item]:
    """All at 10, and of an elasticity of 2.5: a cost of 8 asks for a higher price, a cost of 3 for a lower one."""
    costs: dict[str, float | None] = {LONELY: 6.0, NEW: 6.0, UNCOSTED: None}
    costs |= {f"cheap {n}": 8.0 for n in range(8)}
    costs |= {f"dear {n}": 3.0 for n in range(8)}
    return [
        Item.model_validate(
            {
                "item_id": name,
                "title": name.title(),
                "category": "cups",
                "price": usd("10.00"),
                "cost": usd(cost) if cost else None,
            }
            | changes.get(name, {})
        )
        for name, cost in costs.items()
    ]


def sales(*, currency: str | None = "USD", told: bool = True) -> WeeklySales:
    """Prices moved every few weeks, but for the steady item's; the new one was never sold."""
    draw = np.random.default_rng(3)
    names = tuple(sorted(item.item_id for item in catalogue() if item.item_id != NEW))
    rows: list[tuple[int, int, float, float]] = []
    for at, name in enumerate(names):
        price = 10.0
        for week in range(WEEKS):
            if name != LONELY and week % 5 == 0:
                price = 10.0 if week > 29 else float(draw.choice([8.5, 9.2, 10.0, 10.8, 11.5]))
            units = float(draw.poisson(30 * (price / 10) ** -2.5))
            rows.append((at, week, units, price if told else float("nan")))
    item, week_, units_, price_ = (np.array(each) for each in zip(*rows, strict=True))
    return WeeklySales(
        items=names,
        item=item.astype(np.int32),
        week=week_.astype(np.int32),
        units=units_,
        price=price_.astype(np.float64),
        orders=units_.astype(np.int32),
        currency=currency,
        first_monday=FIRST_MONDAY,
        foreign=0,
    )


def opened(table: Table, **changes: dict[str, Any]) -> Rooms:
    """The shop, whose prices are in force for a year."""
    made = rooms(table)
    edits = {item.item_id: (lambda _, item=item: item) for item in catalogue(**changes)}
    made.items.edit(edits, NOW - timedelta(days=365))
    return made
