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


def load(carried: Path, models: Models) -> SentimentModel:
    """The model that is pointed to, if it is whole; else the one in the folder `carried`, and a warning says why.

    Raises `BadArtefact` where the carried one is not whole either.
    """
    try:
        model_id = models.champion()
        if model_id and model_id != _model_id(carried):
            return SentimentModel.of(models.files(model_id))
    except (BadArtefact, NotFoundError, StoreUnavailableError) as error:
        logger.warning("sentiment model not loaded, the carried one speaks", extra={"reason": str(error)})
    return SentimentModel.load(carried)


def _model_id(carried: Path) -> str | None:
    path = carried / CARD
    return SentimentCard.model_validate_json(path.read_bytes()).model_id if path.is_file() else None
