"""Scores items for a query with a published model, and says what each score is made of."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from pydantic_core import from_json

from shared.inference.card import (
    BASKETS,
    BOUGHT_TOGETHER,
    CARD,
    CART,
    FACETS,
    FOR_YOU,
    GRAPH,
    OF_BASKETS,
    SIMILAR,
    VOCABULARY,
    Card,
)
from shared.inference.session import HIDDEN, BadGraph, Session

LEAST_SHARE = 1e-3
"""As popular as this, of the most popular item, is whatever nobody has taken yet."""


class BadArtefact(ValueError):  # noqa: N818 - named for what was found
    """A model's files are missing, damaged or not what its card says. Keep the model that is in memory."""


def check(card: Card, name: str, content: bytes) -> None:
    """Raises `BadArtefact` where this is not the file that the card describes."""
    if hashlib.sha256(content).hexdigest() != card.files[name].sha256:
        raise BadArtefact(f"{name} is not the file that the card of {card.model_id} describes")


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
    """The items in the order of the graph's rows, the most popular best first, and each surface's prior [items].

    `staples` [items], [] where the recipe leaves them out: how often its buyers order an item, 1 being usual.
    """

    items: list[str]
    popular: list[str]
    priors: dict[str, list[float]]
    staples: Sequence[float] = ()


class _Table(NamedTuple):
    """What one surface asks: a graph at the offset of its rows, with the prior that its scores start from [items]."""

    session: Session
    offset: int
    prior: npt.NDArray[np.float32]


class Scorer:
    """One model in memory. Read-only after loading, so that threads may share it."""

    def __init__(self, card: Card, vocabulary: Vocabulary, session: Session, baskets: Session | None = None) -> None:
        self.card = card
        self._items = vocabulary.items
        self._popular = vocabulary.popular
        self._staples = vocabulary.staples
        self._shares = vocabulary.priors[SIMILAR]
        self._row = {item: row for row, item in enumerate(vocabulary.items)}
        self._tables = _tables(card, vocabulary, session, baskets)

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """A scorer from an artefact's files; raises `BadArtefact` when one is missing, damaged or not the card's."""
        try:
            card = Card.model_validate_json(files[CARD])
            for name in dict.fromkeys((GRAPH, VOCABULARY, *card.files)):
                if name != FACETS:
                    check(card, name, files[name])
            # A third of the time of the standard library's reader, which a cold start would wait for.
            vocabulary = _known(from_json(files[VOCABULARY], cache_strings="none"))
            baskets = Session(files[BASKETS]) if BASKETS in card.files else None
            return cls(card, vocabulary, Session(files[GRAPH]), baskets)._tried()
        except BadArtefact:
            raise
        except KeyError as error:
            raise BadArtefact(f"the artefact lacks {error}") from error
        except (TypeError, ValueError, IndexError, BadGraph) as error:
            raise BadArtefact(f"the artefact cannot be read: {error}") from error

    def _tried(self) -> Self:
        """Itself, once it has answered: a sound graph over other items, or of another kind, shows when it is asked."""
        if {len(table.prior) for table in self._tables.values()} != {len(self._items)}:
            raise BadArtefact("the vocabulary has not one prior for each item")
        if len(self._staples) not in (0, len(self._items)):
            raise BadArtefact("the vocabulary does not say of each item how often its buyers order it")
        for surface in self._tables if self._items else ():
            self.score([(self._items[-1], 1.0)], (), 1, surface)
        return self

    def staple(self, item_id: str) -> float:
        """How often its buyers order an item, 1 being usual, or not known."""
        row = self._row.get(item_id)
        return self._staples[row] if self._staples and row is not None else 1.0

    def popularity(self, item_id: str) -> float:
        """How many take an item, as a share of those who take the most popular one, in [LEAST_SHARE, 1]."""
        row = self._row.get(item_id)
        share = self._shares[row] if row is not None else 0.0
        return min(1.0, max(LEAST_SHARE, share))

    def __contains__(self, item_id: str) -> bool:
        """Whether the model knows the item: as a query or as a result."""
        return item_id in self._row

    def score(
        self,
        query: Sequence[tuple[str, float]],
        exclude: Collection[str],
        k: int,
        surface: str = FOR_YOU,
        only: Collection[str] | None = None,
    ) -> list[Scored]:
        """At most `k` items, best first, never one of `exclude`, and where `only` is given nothing else than that.

        The queried items are not left out by themselves. Items of the query that the model does not know are ignored,
        and a query without any that it knows gives []. An item whose score is not above 0 is left out: nothing speaks
        for it. `surface` is FOR_YOU, SIMILAR, or CART or BOUGHT_TOGETHER where the model has a table for these.
        """
        known = [(item, weight) for item, weight in query if item in self._row]
        if not known or k < 1:
            return []
        mask = self._mask(surface, exclude, only)
        table = self._tables[surface]
        rows = np.array([self._row[item] + table.offset for item, _ in known], dtype=np.int64)
        weights = np.array([weight for _, weight in known], dtype=np.float32)
        most = len(self._items) if only is None else max(1, len(only))
        ids, scores, contributions = table.session.run(rows, weights, mask, min(k, most, len(self._items)))
        asked = [item for item, _ in known]
        return [
            Scored(self._items[id_], score, prior, _terms(asked, shares))
            for id_, score, prior, shares in zip(
                ids.tolist(), scores.tolist(), mask[ids].tolist(), contributions.T.tolist(), strict=True
            )
            if score > 0
        ]

    def _mask(self, surface: str, exclude: Collection[str], only: Collection[str] | None) -> npt.NDArray[np.float32]:
        """The prior of every item that may be shown."""
        prior = self._tables[surface].prior
        mask = prior.copy() if only is None else np.full_like(prior, HIDDEN)
        if only is not None:
            rows = self._rows(only)
            mask[rows] = prior[rows]
        mask[self._rows(exclude)] = HIDDEN
        return mask

    def _rows(self, items: Iterable[str]) -> list[int]:
        return [self._row[item] for item in items if item in self._row]

    def popular(self, k: int, exclude: Collection[str] = ()) -> list[str]:
        """At most `k` of the most popular items, best first, without `exclude`."""
        hidden = set(exclude)
        return list(islice((item for item in self._popular if item not in hidden), k))


def _known(read: Any) -> Vocabulary:
    """The vocabulary without what a later release has written into it."""
    if not isinstance(read, dict):
        raise BadArtefact("the vocabulary is not a JSON object")
    return Vocabulary(**{name: value for name, value in read.items() if name in Vocabulary._fields})


def _tables(card: Card, vocabulary: Vocabulary, session: Session, baskets: Session | None) -> dict[str, _Table]:
    """Each surface's table. The graph holds taste first and company after it; baskets have a graph of their own."""
    recipe, popular = card.recipe, np.array(vocabulary.priors[SIMILAR], np.float32)
    taste = np.float32(recipe.query.prior) * np.array(vocabulary.priors[FOR_YOU], np.float32)
    company = _Table(session, len(vocabulary.items), np.float32(recipe.similar.prior) * popular)
    tables = {FOR_YOU: _Table(session, 0, taste), SIMILAR: company}
    if baskets is not None:
        tables[BOUGHT_TOGETHER] = _Table(baskets, 0, np.float32(recipe.bought_together.prior) * popular)
    if (asked := tables.get(recipe.cart.table)) and CART in card.surfaces:
        tables[CART] = asked._replace(prior=np.float32(recipe.cart.prior) * popular)
    for surface in OF_BASKETS:
        if surface not in tables and surface in card.surfaces and card.surfaces[surface].serve == "model":
            raise BadArtefact(f"the card of {card.model_id} promises a table for {surface} that is not there")
    return tables


def _terms(asked: Sequence[str], shares: Sequence[float]) -> tuple[tuple[str, float], ...]:
    present = [term for term in zip(asked, shares, strict=True) if term[1]]
    return tuple(sorted(present, key=lambda term: -abs(term[1])))
