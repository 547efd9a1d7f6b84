"""What of an offer must stay as it is for its figures to go on."""

import hashlib
from collections.abc import Mapping

from shared.domain.offers import Offer
from shared.domain.uplift import Figures
from shared.stores.decisions import IN

MEASURED = {"discount", "on", "minimum_cart", "surfaces", "eligibility", "valid_days", "hold_out"}


def design_of(offer: Offer) -> str:
    """A digest of all that decides who gets what, and of the hold-out's size: customers of two designs do not mix."""
    return hashlib.sha256(offer.model_dump_json(include=MEASURED).encode()).hexdigest()[:12]


def by_currency(found: Mapping[str, Figures], design: str) -> dict[str, Figures]:
    """What came of a design, by the currency of the orders: euros and yen cannot be added up."""
    start = design + IN
    return {name.removeprefix(start): each for name, each in found.items() if name.startswith(start)}


def together(figures: Mapping[str, Figures]) -> Figures:
    """Of all currencies: people and orders are counted whatever they paid with. Of the sums nothing must be made."""
    found = Figures()
    for each in figures.values():
        found = found.plus(each)
    return found
