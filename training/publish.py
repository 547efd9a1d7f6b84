"""From an artefact to the champion: immutable objects first, then the pointer, by a conditional write."""

from pydantic import ValidationError

from shared.domain.errors import NotFoundError
from shared.inference.card import CARD, Card
from shared.stores.models import ModelStore
from training.train import Artefact


def champion_card(models: ModelStore, model_id: str | None) -> tuple[Card | None, str | None]:
    """The card of the model that serves now, or why there is none: before the first, it is neither."""
    if model_id is None:
        return None, None
    try:
        return Card.model_validate_json(models.file(model_id, CARD)), None
    except NotFoundError:
        return (
            None,
            f"The card of the champion {model_id} is gone, so there was nothing to compare the new recipe with.",
        )
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, each["loc"])) or "all of it" for each in error.errors()}))
        return None, (
            f"The card of the champion {model_id} is not of this version's format ({fields}), "
            "so there was nothing to compare the new recipe with."
        )


def publish(artefact: Artefact, models: ModelStore, over: str | None) -> str | None:
    """Publish and promote; why it was not promoted, where the owner has rolled this very model back.

    Raises `ConflictError` if another training promoted its model meanwhile.
    """
    models.publish(artefact.model_id, artefact.files, _summary(artefact.card))
    pointer = models.pointer()
    if pointer and artefact.model_id in pointer.withdrawn:
        return (
            f"The data still give {artefact.model_id}, which was rolled back, so {pointer.model_id} goes on serving. "
            f"`regulars models promote {artefact.model_id}` would let it serve again."
        )
    models.promote(artefact.model_id, over)
    return None


def _summary(card: Card) -> str:
    return ", ".join(f"{surface}: {decision.serve}" for surface, decision in sorted(card.surfaces.items()))
