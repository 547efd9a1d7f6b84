"""Which model serves: shown, promoted, rolled back. A serving function takes another champion within seconds."""

import hashlib

from shared.domain.errors import NotFoundError
from shared.inference.card import CARD, Card
from shared.stores.models import ModelStore


class DamagedModelError(Exception):
    """A model's files are not what its card says; it must not serve."""


def card_of(models: ModelStore, model_id: str | None) -> Card:
    """The card of a model, of the champion where none is named. Raises `NotFoundError`."""
    found = model_id or models.champion()
    if found is None:
        raise NotFoundError("There is no champion yet.")
    return Card.model_validate_json(models.file(found, CARD))


def promote(models: ModelStore, model_id: str) -> str | None:
    """Make this published model the champion, if its files are whole; the champion that it follows.

    Raises `NotFoundError`, `DamagedModelError`, and `ConflictError` where somebody else was quicker.
    """
    champion = models.champion()
    files = models.files(model_id)
    card = Card.model_validate_json(files[CARD])
    for name, info in card.files.items():
        if hashlib.sha256(files.get(name, b"")).hexdigest() != info.sha256:
            raise DamagedModelError(f"{name} of {model_id} is not the file that its card describes.")
    models.promote(model_id, champion)
    return champion


def rollback(models: ModelStore) -> str:
    """Promote the model that was published before the champion; its id. Raises as `promote` does."""
    champion = models.champion()
    ids = [version.model_id for version in models.versions()]
    older = ids[ids.index(champion) + 1 :] if champion in ids else []
    if not older:
        raise NotFoundError(f"There is no model from before {champion or 'the first'}.")
    promote(models, older[0])
    return older[0]
