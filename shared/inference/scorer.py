"""Scores items for a query with a published model, and says what each score is made of."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Self

import numpy as np
from pydantic_core import from_json

from shared.inference.card import CARD, FOR_YOU, GRAPH, SIMILAR, VOCABULARY, Card
from shared.inference.session import HIDDEN, BadGraph, Session


class BadArtefact(ValueError):  # noqa: N818 - named for what was found
    """A model's files are missing, damaged or not what its card says. Keep the model that is in memory."""


class Scored(NamedTuple):
    """One item with its score = `prior` + the sum of `contributions`.

    `prior` is what every customer's score of this item starts from (how many take it). `contributions` are
    (queried item, value), without zeros, largest first by absolute size.
    """

    item_id: str
    score: float
    prior: float
    contributions: tuple[tuple[str, float], ...]


class Vocabulary(NamedTuple):
    """The items in the order of the graph's rows, the most popular best first, and each surface's prior [items]."""

    items: list[str]
    popular: list[str]
    priors: dict[str, list[float]]


class Scorer:
    """One model in memory. Read-only after loading, so that threads may share it."""

    def __init__(self, card: Card, vocabulary: Vocabulary, session: Session) -> None:
        self.card = card
        self._items = vocabulary.items
        self._popular = vocabulary.popular
        self._row = {item: row for row, item in enumerate(vocabulary.items)}
        weight = {FOR_YOU: card.recipe.query.prior, SIMILAR: card.recipe.similar.prior}
        self._prior = {on: np.float32(weight[on]) * np.array(vocabulary.priors[on], np.float32) for on in weight}
        # The graph's table holds taste first and company after it: a surface asks at its own offset.
        self._offset = {FOR_YOU: 0, SIMILAR: len(vocabulary.items)}
        self._session = session

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """A scorer from an artefact's files; raises `BadArtefact` when one is missing, damaged or not the card's."""
        try:
            card = Card.model_validate_json(files[CARD])
            for name in (GRAPH, VOCABULARY):
                if hashlib.sha256(files[name]).hexdigest() != card.files[name].sha256:
                    raise BadArtefact(f"{name} is not the file that the card of {card.model_id} describes")
            # A third of the time of the standard library's reader, which a cold start would wait for.
            vocabulary = Vocabulary(**from_json(files[VOCABULARY], cache_strings="none"))
            return cls(card, vocabulary, Session(files[GRAPH]))
        except BadArtefact:
            raise
        except KeyError as error:
            raise BadArtefact(f"the artefact lacks {error}") from error
        except (TypeError, ValueError, BadGraph) as error:
            raise BadArtefact(f"the artefact cannot be read: {error}") from error

    def __contains__(self, item_id: str) -> bool:
        """Whether the model knows the item: as a query or as a result."""
        return item_id in self._row

    def score(
        self, query: Sequence[tuple[str, float]], exclude: Collection[str], k: int, surface: str = FOR_YOU
    ) -> list[Scored]:
        """At most `k` items, best first, never one of `exclude`; the queried items are not left out by themselves.

        Items of the query that the model does not know are ignored, and a query without any that it knows gives []. An
        item whose score is not above 0 is left out: nothing speaks for it. `surface` is FOR_YOU or SIMILAR.
        """
        known = [(item, weight) for item, weight in query if item in self._row]
        if not known or k < 1:
            return []
        mask = self._prior[surface].copy()
        mask[[self._row[item] for item in exclude if item in self._row]] = HIDDEN
        rows = np.array([self._row[item] + self._offset[surface] for item, _ in known], dtype=np.int64)
        weights = np.array([weight for _, weight in known], dtype=np.float32)
        ids, scores, contributions = self._session.run(rows, weights, mask, min(k, len(self._items)))
        asked = [item for item, _ in known]
        return [
            Scored(self._items[id_], score, prior, _terms(asked, shares))
            for id_, score, prior, shares in zip(
                ids.tolist(), scores.tolist(), mask[ids].tolist(), contributions.T.tolist(), strict=True
            )
            if score > 0
        ]

    def popular(self, k: int, exclude: Collection[str] = ()) -> list[str]:
        """At most `k` of the most popular items, best first, without `exclude`."""
        hidden = set(exclude)
        return list(islice((item for item in self._popular if item not in hidden), k))


def _terms(asked: Sequence[str], shares: Sequence[float]) -> tuple[tuple[str, float], ...]:
    present = [term for term in zip(asked, shares, strict=True) if term[1]]
    return tuple(sorted(present, key=lambda term: -abs(term[1])))
