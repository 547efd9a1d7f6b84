"""Which model serves: shown, promoted, rolled back. A serving function takes another champion within seconds."""

import hashlib
from pathlib import Path
from typing import NamedTuple

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
    champion = models.pointer()
    check(models, model_id)
    models.promote(model_id, champion.model_id if champion else None)
    return champion.model_id if champion else None


def publish_sentiment(models: ModelStore, folder: Path) -> str:
    """Publish the sentiment model of a folder, whole, and let it speak; its id. Safe to repeat.

    Raises `DamagedModelError`, and `ConflictError` where somebody else was quicker.
    """
    from shared.inference.sentiment.card import BadArtefact  # noqa: PLC0415 - with numpy
    from shared.inference.sentiment.model import SentimentModel  # noqa: PLC0415

    try:
        card = SentimentModel.load(folder).card
    except BadArtefact as error:
        raise DamagedModelError(str(error)) from error
    files = {name: (folder / name).read_bytes() for name in (*card.files, CARD)}
    right = [domain.accuracy for domain in card.domains.values()]
    summary = f"{', '.join(card.languages)}; right on unseen domains: {sum(right) / len(right):.3f}" if right else ""
    before = models.champion()
    models.publish(card.model_id, files, summary)
    models.promote(card.model_id, before)
    return card.model_id


class RolledBack(NamedTuple):
    """The model that serves now, the one that does not any more, and those in between that are damaged."""

    champion: str
    before: str
    damaged: list[str]


def rollback(models: ModelStore) -> RolledBack:
    """Let the model serve again that did before the champion, the latest that is whole and was not rolled back.

    Raises `NotFoundError` where there is none, and `ConflictError` where somebody else was quicker.
    """
    champion, damaged = models.pointer(), list[str]()
    if champion is None:
        raise NotFoundError("There is no champion yet.")
    for model_id in champion.earlier():
        try:
            check(models, model_id)
        except (DamagedModelError, NotFoundError):
            damaged.append(model_id)
            continue
        models.roll_back(model_id, champion)
        return RolledBack(model_id, champion.model_id, damaged)
    gone = f" ({', '.join(damaged)}: damaged)" if damaged else ""
    raise NotFoundError(
        f"No model that served before {champion.model_id} is left{gone}. "
        "`regulars models list` has the others, `regulars models promote ID` lets one serve."
    )


def check(models: ModelStore, model_id: str) -> None:
    """Raises `NotFoundError` for what was never published, and `DamagedModelError` for what must not serve."""
    files = models.files(model_id)
    try:
        card = Card.model_validate_json(files[CARD])
    except (KeyError, ValueError) as error:
        raise DamagedModelError(f"The card of {model_id} cannot be read.") from error
    for name, info in card.files.items():
        if hashlib.sha256(files.get(name, b"")).hexdigest() != info.sha256:
            raise DamagedModelError(f"{name} of {model_id} is not the file that its card describes.")
