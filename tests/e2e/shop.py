"""A small made-up shop with a known right answer: customers who buy from one department, and come back for the same."""

import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

DEPARTMENTS = ("bakery", "dairy", "garden", "pets", "tools", "toys")
ITEMS_EACH = 40
CUSTOMERS = 240
DAYS = 120
ORDERS = 14
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
"""When the history ends: once for all tests, so that writing the files again writes the same."""


class Files(NamedTuple):
    """The shop's files, as `regulars import` takes them."""

    purchases: Path
    items: Path


def write(folder: Path) -> Files:
    """Write the shop's files into `folder`."""
    chance = random.Random(7)  # noqa: S311 - test data
    files = Files(folder / "purchases.csv", folder / "items.csv")
    with files.items.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["item_id", "title", "price", "currency", "category"])
        for department in DEPARTMENTS:
            for n in range(ITEMS_EACH):
                title = f"{department.title()} item {n}"
                out.writerow([f"{department}-{n}", title, f"{n + 1}.50", "EUR", department])
    with files.purchases.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["customer_id", "item_id", "timestamp", "order_id"])
        for customer in range(CUSTOMERS):
            _orders(out, customer, chance)
    return files


def department_of(customer: int) -> str:
    return DEPARTMENTS[customer % len(DEPARTMENTS)]


def _orders(out: Any, customer: int, chance: random.Random) -> None:
    own = [f"{department_of(customer)}-{n}" for n in range(ITEMS_EACH)]
    staples = chance.sample(own, 2)
    for order in range(ORDERS):
        at = NOW - timedelta(days=DAYS * (1 - order / ORDERS) - chance.random() * 5 - 0.1)
        other = f"{chance.choice(DEPARTMENTS)}-{chance.randrange(ITEMS_EACH)}"
        for item in {*staples, *chance.sample(own, 2), other}:
            out.writerow([f"c{customer}", item, at.isoformat(), f"o{customer}-{order}"])
