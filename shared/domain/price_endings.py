"""Prices that end as the owner likes: in 9, in .99, in 4.95."""

from collections.abc import Iterator, Sequence

from shared.domain.currencies import decimals


def ended(units: int, current: int, allowed: range, endings: Sequence[str], currency: str) -> int:
    """The allowed price with one of the endings that is nearest, and not on the other side of the current price.

    All in minor units. Where there is none, the current price stays; where that is not allowed, no ending counts.
    """
    classes = list(_classes(endings, currency))
    if not classes or units == current:
        return units
    onwards = [
        each
        for modulus, rest in classes
        for each in _nearest(units, modulus, rest)
        if each in allowed and (each > current) == (units > current)
    ]
    stay = current if current in allowed else units
    return min(onwards, key=lambda each: (abs(each - units), each), default=stay)


def _classes(endings: Sequence[str], currency: str) -> Iterator[tuple[int, int]]:
    """Of each ending the modulus and the rest in minor units; none of one with more decimals than the currency has."""
    places = decimals(currency)
    for ending in endings:
        whole, point, fraction = ending.partition(".")
        if len(fraction.rstrip("0")) > places:
            continue
        digits = whole + (fraction[:places].ljust(places, "0") if point else "")
        if digits:
            yield 10 ** len(digits), int(digits)


def _nearest(units: int, modulus: int, rest: int) -> tuple[int, int]:
    """The next such price below or at this one, and the next above."""
    below = units - (units - rest) % modulus
    return below, below + modulus
