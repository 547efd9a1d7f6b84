"""What of an offer must stay as it is for its figures to go on."""

import hashlib

from shared.domain.offers import Offer

MEASURED = {"discount", "on", "minimum_cart", "surfaces", "eligibility", "valid_days", "hold_out"}


def design_of(offer: Offer) -> str:
    """A digest of all that decides who gets what, and of the hold-out's size: customers of two designs do not mix."""
    return hashlib.sha256(offer.model_dump_json(include=MEASURED).encode()).hexdigest()[:12]
