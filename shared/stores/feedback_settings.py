"""The owner's settings of feedback in the table: one document, which is never deleted."""

from typing import NamedTuple

from pydantic import ValidationError

from shared.domain.errors import StoreUnavailableError
from shared.domain.feedback_settings import FeedbackSettings
from shared.stores.documents import Documents, Kind
from shared.stores.table import Table

FEEDBACK = Kind("FEEDBACK_SETTINGS", "", "There are no settings.", "The settings have", "read them again")
NAME = "SETTINGS"


class Versioned(NamedTuple):
    """The settings, and their version: 0 for those of a shop that never set any."""

    settings: FeedbackSettings
    version: int


class FeedbackSettingsStore:
    """Gets and puts the settings."""

    def __init__(self, table: Table) -> None:
        self._documents = Documents(table, FEEDBACK)

    def get(self) -> Versioned:
        """What holds. Raises `StoreUnavailableError` where this release cannot read them, as after a rollback: what was
        sent is not to blame, and is to be sent again. Putting them anew mends it."""
        found = self._documents.find(NAME)
        if found is None:
            return Versioned(FeedbackSettings(), 0)
        try:
            settings = FeedbackSettings.model_validate_json(found.body, extra="ignore")
        except ValidationError as error:
            raise StoreUnavailableError("The stored settings of feedback cannot be read: put them anew.") from error
        return Versioned(settings, found.version)

    def put(self, settings: FeedbackSettings, version: int | None) -> Versioned:
        """Write them over any version, or over this one only. Raises `ConflictError`."""
        return Versioned(settings, self._documents.put(NAME, version, lambda _: settings.model_dump_json()))
