"""Which sentiment model speaks: the one that the owner has published, or else the one that the function carries."""

from pathlib import Path
from typing import Protocol

from shared.domain.errors import NotFoundError, StoreUnavailableError
from shared.inference.sentiment.card import CARD, BadArtefact, SentimentCard
from shared.inference.sentiment.model import SentimentModel
from shared.telemetry.log import logger


class Models(Protocol):
    """The published models of one kind, and which of them is pointed to."""

    def champion(self) -> str | None: ...
    def files(self, model_id: str) -> dict[str, bytes]: ...


class Speaking(Protocol):
    """A model in memory."""

    @property
    def model_id(self) -> str: ...


def load[M: Speaking](carried: Path, models: Models, present: M | None = None) -> SentimentModel | M:
    """The model that is pointed to, if it is whole; else the one in the folder `carried`.

    `present` is the model in memory: it is given back where it is that one, and where another cannot be had, of which a
    warning says why. Raises `BadArtefact` where the carried one is not whole either.
    """
    try:
        own = _model_id(carried)
        wanted = models.champion() or own
        if present is not None and present.model_id == wanted:
            return present
        if wanted and wanted != own:
            return SentimentModel.of(models.files(wanted))
    except (BadArtefact, NotFoundError, StoreUnavailableError) as error:
        logger.warning("sentiment model not loaded", extra={"reason": str(error)})
        if present is not None:
            return present
    return SentimentModel.load(carried)


def _model_id(carried: Path) -> str | None:
    path = carried / CARD
    return SentimentCard.model_validate_json(path.read_bytes()).model_id if path.is_file() else None
