"""The owner's offers in the table: one partition, small enough to be read whole.

An offer that was deleted leaves its version behind for as long as its codes may still be used, so that one of the same
name goes on from there, and so that whoever reads orders knows that codes are about.
"""

from datetime import datetime, timedelta

from pydantic import ValidationError

from shared.domain.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from shared.domain.offers import MOST_OFFERS, Offer
from shared.stores.table import Record, Table
from shared.telemetry.log import logger

PARTITION = "OFFERS"
PREFIX = "OFFER#"
REMEMBERED = timedelta(days=180)
"""Over the 90 days for which a code holds at most, and the 60 after them."""


class OfferStore:
    """Puts, gets, lists and deletes offers, each conditional on the version that was read."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def all(self) -> list[Offer]:
        """The offers by id; eventually consistent, and without any that this release cannot read."""
        found = filter(None, map(_readable, self._table.query_all(PARTITION)))
        return sorted(found, key=lambda offer: offer.offer_id)

    def has_any(self) -> bool:
        """Whether there is an offer, or was one lately."""
        return bool(self._table.query(PARTITION, PREFIX, 1))

    def get(self, offer_id: str) -> Offer:
        """One offer. Raises `NotFoundError`."""
        record = self._table.get(PARTITION, PREFIX + offer_id)
        if record is None or "body" not in record:
            raise NotFoundError(f"There is no offer {offer_id}.")
        return _offer(record)

    def put(self, offer: Offer) -> Offer:
        """Write the offer, over any other version or over `offer.version` only (0: only if there is none).

        Raises `ConflictError`, and `InvalidInputError` where there are too many or another has its public code.
        """
        before = self._table.get(PARTITION, PREFIX + offer.offer_id)
        others = [each for each in self.all() if each.offer_id != offer.offer_id]
        if len(others) >= MOST_OFFERS:
            raise InvalidInputError(f"There are {MOST_OFFERS} offers already: delete one first.")
        if offer.code is not None and offer.code in {each.code for each in others}:
            wrong = FieldError("code", "is another offer's")
            raise InvalidInputError("Another offer has this code.", [wrong])
        _require(offer.version, before)
        after = offer.model_copy(update={"version": _version(before) + 1})
        self._write(offer.offer_id, before, {"body": after.model_dump_json(), "version": after.version})
        return after

    def delete(self, offer_id: str, version: int | None, now: datetime) -> None:
        """Delete the offer, in any version or in this one only; codes that are out stay good. Raises as the others."""
        before = self._table.get(PARTITION, PREFIX + offer_id)
        if before is None or "body" not in before:
            raise NotFoundError(f"There is no offer {offer_id}.")
        _require(version, before)
        expires = int((now + REMEMBERED).timestamp())
        self._write(offer_id, before, {"version": _version(before) + 1, "expires_at": expires})

    def _write(self, offer_id: str, before: Record | None, record: Record) -> None:
        condition = "attribute_not_exists(pk)" if before is None else "version = :version"
        values = None if before is None else {":version": before["version"]}
        if not self._table.put_if({"pk": PARTITION, "sk": PREFIX + offer_id} | record, condition, values):
            raise ConflictError("Somebody else changed the offer at the same time: read it again.")


def _offer(record: Record) -> Offer:
    try:
        return Offer.model_validate_json(record["body"], extra="ignore")
    except ValidationError as error:
        raise InvalidInputError(f"The stored offer {record['sk'].removeprefix(PREFIX)} cannot be read.") from error


def _readable(record: Record) -> Offer | None:
    if "body" not in record:
        return None
    try:
        return _offer(record)
    except InvalidInputError:
        logger.warning("an offer is left out, since it cannot be read", extra={"offer": record["sk"]})
        return None


def _version(record: Record | None) -> int:
    return int(record["version"]) if record else 0


def _require(version: int | None, before: Record | None) -> None:
    have = _version(before) if before and "body" in before else 0
    if version is not None and version != have:
        raise ConflictError(f"The offer has version {have}, not {version}: read it again.")
