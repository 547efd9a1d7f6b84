"""The owner's offers in the table, few enough to be read whole.

The version of one that was deleted is kept for as long as its codes may be used, so that whoever reads orders knows
that codes are about.
"""

from datetime import datetime, timedelta

from pydantic import ValidationError

from shared.domain.errors import FieldError, InvalidInputError
from shared.domain.offers import MOST_OFFERS, Offer
from shared.stores.documents import Document, Documents, Kind, readable
from shared.stores.table import Table

REMEMBERED = timedelta(days=180)
"""Over the 90 days for which a code holds at most, and the 60 after them."""
OFFERS = Kind("OFFERS", "OFFER#", "There is no offer {}.", "The offer has", "read it again", REMEMBERED)


class OfferStore:
    """Puts, gets, lists and deletes offers, each conditional on the version that was read."""

    def __init__(self, table: Table) -> None:
        self._documents = Documents(table, OFFERS)

    def all(self) -> list[Offer]:
        """The offers by id; eventually consistent, without those that cannot be read."""
        return sorted(readable(self._documents.all(), _offer), key=lambda offer: offer.offer_id)

    def has_any(self) -> bool:
        """Whether there is an offer, or was one lately."""
        return self._documents.has_any()

    def get(self, offer_id: str) -> Offer:
        """One offer. Raises `NotFoundError`."""
        return _offer(self._documents.get(offer_id))

    def put(self, offer: Offer) -> Offer:
        """Write the offer, over any other version or over `offer.version` only (0: only if there is none).

        Raises `ConflictError`, and `InvalidInputError` where there are too many or another has its public code.
        """
        others = [each for each in self.all() if each.offer_id != offer.offer_id]
        if len(others) >= MOST_OFFERS:
            raise InvalidInputError(f"There are {MOST_OFFERS} offers already: delete one first.")
        if offer.code is not None and offer.code in {each.code for each in others}:
            raise InvalidInputError("Another offer has this code.", [FieldError("code", "is another offer's")])

        def at(version: int) -> Offer:
            return offer.model_copy(update={"version": version})

        return at(self._documents.put(offer.offer_id, offer.version, lambda version: at(version).model_dump_json()))

    def delete(self, offer_id: str, version: int | None, now: datetime) -> None:
        """Delete the offer, in any version or in this one only; codes that are out stay good. Raises as the others."""
        self._documents.delete(offer_id, version, now)


def _offer(document: Document) -> Offer:
    """Raises `InvalidInputError` for one that this release cannot read."""
    try:
        return Offer.model_validate_json(document.body, extra="ignore")
    except ValidationError as error:
        raise InvalidInputError(f"The stored offer {document.name} cannot be read.") from error
