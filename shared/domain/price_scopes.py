"""What limits on prices are said of: all items, a category, one item; and what contradicts itself in them."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from shared.domain.errors import FieldError
from shared.domain.price_limits import Limits

ALL = "all"
CATEGORY, ITEM = "category:", "item:"
MOST_NAME_BYTES = 900
"""A category has 256 characters at most, which may have four bytes each; a sort key has room for 1,024."""


def _known(value: str) -> str:
    """A scope, or `ValueError`."""
    kind = next((each for each in (CATEGORY, ITEM) if value.startswith(each)), "")
    name = value.removeprefix(kind)
    if value != ALL and not (kind and name):
        raise ValueError("must be `all`, `category:NAME` or `item:ID`")
    if len(name.encode()) > MOST_NAME_BYTES:
        raise ValueError(f"its name must be at most {MOST_NAME_BYTES} bytes of UTF-8")
    return value


Scope = Annotated[str, StringConstraints(min_length=3, max_length=300), AfterValidator(_known)]
"""`all`, `category:NAME` or `item:ID`."""


def scopes_of(item_id: str, category: str | None) -> tuple[str, ...]:
    """The scopes that an item is in, the narrowest first."""
    return (ITEM + item_id, *([CATEGORY + category] if category else []), ALL)


def contradictions(limits: Limits) -> list[FieldError]:
    """What the limits of one scope say that can never hold together."""
    found = _between(limits)
    if limits.maximum and limits.maximum.amount == 0:
        found.append(FieldError("maximum", "must be above zero"))
    cover = (limits.fewest_days_of_cover, limits.most_days_of_cover)
    if None not in cover and cover[0] > cover[1]:  # type: ignore[operator]
        found.append(FieldError("fewest_days_of_cover", f"is over most_days_of_cover, {cover[1]}"))
    return found


def _between(limits: Limits) -> list[FieldError]:
    """Of the amounts: they are of one currency, and the maximum is the highest."""
    most, found = limits.maximum, list[FieldError]()
    like = most or limits.minimum
    for name in ("minimum", "minimum_advertised"):
        least = getattr(limits, name)
        if least and like and least.currency != like.currency:
            other = "maximum" if most else "minimum"
            found.append(FieldError(name, f"is in another currency than {other}, {like.currency}"))
        elif least and most and least.amount > most.amount:
            found.append(FieldError(name, f"is over maximum, {most.amount:f}"))
    return found
