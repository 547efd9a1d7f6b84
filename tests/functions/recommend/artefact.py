"""A real artefact whose weights are given by hand, so that the right list is known."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from shared.inference.card import (
    BASKETS,
    CARD,
    FACETS,
    FOR_YOU,
    GRAPH,
    OF_BASKETS,
    SIMILAR,
    SURFACES,
    VOCABULARY,
    Card,
    DataWindow,
    FileInfo,
    QueryPolicy,
    Recipe,
    SimilarPolicy,
    SurfaceCard,
)
from training.graph import build
from training.matrix import LEVELS, ItemMatrix

Affinities = Mapping[str, Mapping[str, int]]
"""For each item its neighbours, with weights from 1 to 127."""

MADE = datetime(2026, 5, 1, tzinfo=UTC)


def artefact(
    items: Sequence[str],
    taste: Affinities,
    together: Affinities | None = None,
    baskets: Affinities | None = None,
    *,
    model_id: str = "m1",
    popular: Sequence[str] | None = None,
    prior: Mapping[str, float] | None = None,
    popularity_on: Sequence[str] = (),
    facets: bytes | None = None,
) -> dict[str, bytes]:
    """The files of a model over `items`. It recommends by `taste`, and by `together` beside one item.

    With `baskets` it has these for what is bought together and for carts; without, it is as models were before they
    had such a table.
    `prior` is what everybody's score of an item starts from, before the recipe's weight; the gate has turned the
    model down on the surfaces `popularity_on`.
    """
    priors = [(prior or {}).get(item, 0.0) for item in items]
    own = _table(items, [baskets], priors) if baskets is not None else None
    matrix = _table(items, [taste, taste if together is None else together], priors)
    return files_of(replace(matrix, baskets=own), items, popular or items, priors, model_id, popularity_on, facets)


def _table(items: Sequence[str], tables: Sequence[Affinities], priors: Sequence[float]) -> ItemMatrix:
    row = {item: n for n, item in enumerate(items)}
    ids = np.zeros((len(tables) * len(items), len(items)), dtype=np.int32)
    weights = np.zeros((len(tables) * len(items), len(items)), dtype=np.int8)
    for number, table in enumerate(tables):
        for item, neighbours in table.items():
            for place, (neighbour, weight) in enumerate(neighbours.items()):
                ids[number * len(items) + row[item], place] = row[neighbour]
                weights[number * len(items) + row[item], place] = weight
    scale = np.full(len(ids), 1 / LEVELS, dtype=np.float32)
    both = np.array([priors, priors], dtype=np.float32)
    return ItemMatrix(np.arange(len(items), dtype=np.int32), ids, weights, scale, both)


def files_of(
    matrix: ItemMatrix,
    items: Sequence[str],
    popular: Sequence[str],
    priors: Sequence[float],
    model_id: str = "m1",
    popularity_on: Sequence[str] = (),
    facets: bytes | None = None,
) -> dict[str, bytes]:
    """The files of a model with this matrix."""
    files = {GRAPH: build(matrix), VOCABULARY: _vocabulary(items, popular, priors)}
    files |= {BASKETS: build(matrix.baskets)} if matrix.baskets else {}
    files |= {FACETS: facets} if facets is not None else {}
    surfaces = SURFACES if matrix.baskets else tuple(each for each in SURFACES if each not in OF_BASKETS)
    return files | {CARD: _card(model_id, files, surfaces, popularity_on).model_dump_json().encode()}


def _vocabulary(items: Sequence[str], popular: Sequence[str], priors: Sequence[float]) -> bytes:
    return json.dumps({"items": items, "popular": popular, "priors": {FOR_YOU: priors, SIMILAR: priors}}).encode()


def _card(model_id: str, files: Mapping[str, bytes], on: Sequence[str], popularity_on: Sequence[str]) -> Card:
    window = DataWindow(first=MADE, last=MADE, test_from=MADE, events=1, customers=1, items=1, interactions=1)
    surfaces = {
        surface: SurfaceCard(serve="popularity", reason=f"Popularity did better on {surface}.")
        if surface in popularity_on
        else SurfaceCard(serve="model", reason="The model did better.")
        for surface in on
    }
    return Card(
        model_id=model_id,
        created=MADE,
        window=window,
        recipe=Recipe(query=QueryPolicy(prior=0.03), similar=SimilarPolicy(prior=0.05)),
        recommendable=1,
        surfaces=surfaces,
        files={
            name: FileInfo(bytes=len(body), sha256=hashlib.sha256(body).hexdigest()) for name, body in files.items()
        },
    )
