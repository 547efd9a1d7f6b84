"""A real artefact whose weights are given by hand, so that the right list is known."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from shared.inference.card import (
    CARD,
    FOR_YOU,
    GRAPH,
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
    *,
    model_id: str = "m1",
    popular: Sequence[str] | None = None,
    prior: Mapping[str, float] | None = None,
    popularity_on: Sequence[str] = (),
) -> dict[str, bytes]:
    """The files of a model over `items`. It recommends by `taste`, and by `together` beside one item.

    `prior` is what everybody's score of an item starts from, before the recipe's weight; the gate has turned the
    model down on the surfaces `popularity_on`.
    """
    row = {item: n for n, item in enumerate(items)}
    ids = np.zeros((2 * len(items), len(items)), dtype=np.int32)
    weights = np.zeros((2 * len(items), len(items)), dtype=np.int8)
    for offset, table in ((0, taste), (len(items), taste if together is None else together)):
        for item, neighbours in table.items():
            for place, (neighbour, weight) in enumerate(neighbours.items()):
                ids[offset + row[item], place] = row[neighbour]
                weights[offset + row[item], place] = weight
    scale = np.full(2 * len(items), 1 / LEVELS, dtype=np.float32)
    priors = [(prior or {}).get(item, 0.0) for item in items]
    matrix = ItemMatrix(
        np.arange(len(items), dtype=np.int32), ids, weights, scale, np.array([priors, priors], dtype=np.float32)
    )
    return files_of(matrix, items, popular or items, priors, model_id, popularity_on)


def files_of(
    matrix: ItemMatrix,
    items: Sequence[str],
    popular: Sequence[str],
    priors: Sequence[float],
    model_id: str = "m1",
    popularity_on: Sequence[str] = (),
) -> dict[str, bytes]:
    """The files of a model with this matrix."""
    files = {GRAPH: build(matrix), VOCABULARY: _vocabulary(items, popular, priors)}
    return files | {CARD: _card(model_id, files, popularity_on).model_dump_json().encode()}


def _vocabulary(items: Sequence[str], popular: Sequence[str], priors: Sequence[float]) -> bytes:
    return json.dumps({"items": items, "popular": popular, "priors": {FOR_YOU: priors, SIMILAR: priors}}).encode()


def _card(model_id: str, files: Mapping[str, bytes], popularity_on: Sequence[str]) -> Card:
    window = DataWindow(first=MADE, last=MADE, test_from=MADE, events=1, customers=1, items=1, interactions=1)
    surfaces = {
        surface: SurfaceCard(serve="popularity", reason=f"Popularity did better on {surface}.")
        if surface in popularity_on
        else SurfaceCard(serve="model", reason="The model did better.")
        for surface in SURFACES
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
