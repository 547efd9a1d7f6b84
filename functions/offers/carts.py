"""What a cart costs at the catalogue's prices, as far as money can say it."""

from collections.abc import Iterable, Mapping

from shared.domain.errors import FieldError, InvalidInputError
from shared.domain.items import Item
from shared.domain.offers import CartLine, Priced, Terms, priced
from shared.domain.quotes import MOST_TOTAL


def valued(
    cart: Iterable[CartLine], items: Mapping[str, Item], terms: Terms, margin: float, currency: str | None
) -> Priced | None:
    """The cart as far as the catalogue knows it. Raises `InvalidInputError` for one that costs too much."""
    found = priced(cart, items, terms, margin, currency)
    if found and found.total >= MOST_TOTAL:
        raise InvalidInputError("The cart is too large.", [FieldError("cart", "costs too much together")])
    return found
