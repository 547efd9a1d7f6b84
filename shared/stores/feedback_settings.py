"""The owner's settings of feedback in the table: one record, with a version."""

from typing import NamedTuple

from pydantic import ValidationError

from shared.domain.errors import ConflictError, StoreUnavailableError
from shared.domain.feedback_settings import FeedbackSettings
from shared.stores.table import Table

KEY = ("FEEDBACK_SETTINGS", "SETTINGS")


class Versioned(NamedTuple):
    """The settings, and their version: 0 for those of a shop that never set any."""

    settings: FeedbackSettings
    version: int


class FeedbackSettingsStore:
    """Gets and puts the settings."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self) -> Versioned:
        """What holds. Raises `StoreUnavailableError` where this release cannot read them, as after a rollback: what was
        sent is not to blame, and is to be sent again. Putting them anew mends it."""
        record = self._table.get(*KEY)
        if record is None:
            return Versioned(FeedbackSettings(), 0)
        try:
            settings = FeedbackSettings.model_validate_json(record["body"], extra="ignore")
        except ValidationError as error:
            raise StoreUnavailableError("The stored settings of feedback cannot be read: put them anew.") from error
        return Versioned(settings, int(record["version"]))

    def put(self, settings: FeedbackSettings, version: int | None) -> Versioned:
        """Write them over any version, or over this one only. Raises `ConflictError`."""
        before = self._table.get(*KEY)
        have = int(before["version"]) if before else 0
        if version is not None and version != have:
            raise ConflictError(f"The settings have version {have}, not {version}: read them again.")
        record = {"pk": KEY[0], "sk": KEY[1], "body": settings.model_dump_json(), "version": have + 1}
        condition, values = ("version = :version", {":version": have}) if before else ("attribute_not_exists(pk)", None)
        if not self._table.put_if(record, condition, values):
            raise ConflictError("Somebody else changed the settings at the same time: read them again.")
        return Versioned(settings, have + 1)
