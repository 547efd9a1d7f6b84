"""Packs a fitted model: the graph, the vocabulary and the card, verified and named by their content."""

import hashlib
import json
import platform
import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

import numpy as np

from shared.domain.items import Item
from shared.inference import facets
from shared.inference.card import (
    BASKETS,
    CARD,
    FACETS,
    FOR_YOU,
    GRAPH,
    SIMILAR,
    VOCABULARY,
    Card,
    DataWindow,
    FileInfo,
)
from training.contest import Outcome, promised
from training.graph import build
from training.licences import ON_DATA, licence
from training.matrix import ItemMatrix
from training.oracle import verify
from training.phases import Phases
from training.popularity import buyers, staples
from training.shop import Shop

POPULAR = 1000
"""How many of the most popular items are kept: more than any list shows, even after rules and stock."""
MOST_FACETS = 200_000
"""Items whose facets are published: more would not fit beside the model into the memory of `recommend`."""
LIBRARIES = ("numpy", "scipy", "onnx", "onnxruntime")


@dataclass(frozen=True)
class Artefact:
    """A model ready to publish: `files` by name (graph.onnx, vocabulary.json, card.json), and the card among them."""

    model_id: str
    files: dict[str, bytes]
    card: Card

    def with_card(self, **update: object) -> "Artefact":
        """The same model with more on its card."""
        card = self.card.model_copy(update=update)
        return Artefact(self.model_id, self.files | {CARD: _written(card)}, card)


def assemble(
    shop: Shop,
    items: Sequence[Item],
    matrix: ItemMatrix,
    outcome: Outcome,
    champion: Card | None,
    phases: Phases,
    created: datetime,
) -> Artefact:
    """Export, verify and describe; raises `GraphMismatch` when a graph does not rank as its matrix."""
    outcome = promised(outcome, matrix)
    with phases("export"):
        tables = {GRAPH: matrix} | ({BASKETS: matrix.baskets} if matrix.baskets else {})
        files = {name: build(table) for name, table in tables.items()}
        files[VOCABULARY] = vocabulary(shop, matrix, outcome)
        if 0 < len(items) <= MOST_FACETS:
            files[FACETS] = facets.written(_popular_first(items, shop, matrix))
    with phases("verify"):
        for name, table in tables.items():
            verify(files[name], table)
    card = Card(
        model_id=model_id(files, outcome, shop.window()),
        created=created,
        champion=champion.model_id if champion else None,
        window=shop.window(),
        recipe=outcome.recipe,
        recipe_from="champion" if outcome.champion_won else "challenger",
        searched=outcome.searched,
        recommendable=len(matrix.rows),
        surfaces=outcome.surfaces,
        files={name: FileInfo(bytes=len(data), sha256=_sha256(data)) for name, data in files.items()},
        phases=phases.seconds,
        peak_memory_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        versions={name: version(name) for name in LIBRARIES} | {"python": platform.python_version()},
        licences={"data": ON_DATA} | {name: licence(name) for name in LIBRARIES},
    )
    return Artefact(card.model_id, files | {CARD: _written(card)}, card)


def _popular_first(items: Sequence[Item], shop: Shop, matrix: ItemMatrix) -> list[Item]:
    prior = dict(zip((shop.view.items[row] for row in matrix.rows), matrix.priors[0].tolist(), strict=True))
    return sorted(items, key=lambda item: (-prior.get(item.item_id, 0.0), item.item_id))


def _written(card: Card) -> bytes:
    return card.model_dump_json(indent=1).encode()


def vocabulary(shop: Shop, matrix: ItemMatrix, outcome: Outcome) -> bytes:
    """The vocabulary as JSON: items in row order, the most popular best first, the prior of each surface, and how often
    items' buyers order them where buy again heeds that.
    """
    view = shop.view
    counts = buyers(view, shop.end, outcome.recipe.popular_days[FOR_YOU])
    order = np.argsort(-counts, kind="stable")[:POPULAR]
    content = {
        "items": [view.items[row] for row in matrix.rows],
        "popular": [view.items[item] for item in order if counts[item] > 0],
        "priors": {
            surface: [round(float(value), 7) for value in matrix.priors[table]]
            for table, surface in enumerate((FOR_YOU, SIMILAR))
        },
    }
    if outcome.recipe.repeat.staple:
        often = staples(view)[matrix.rows]
        content["staples"] = [round(float(each), 3) for each in often]
    return json.dumps(content, separators=(",", ":")).encode()


def model_id(files: Mapping[str, bytes], outcome: Outcome, window: DataWindow) -> str:
    """The last day of the data and a hash of everything that decides what is served.

    Without the facets: a model that was rolled back does not come back under another name when a price has changed.
    """
    decisions = {surface: card.serve for surface, card in outcome.surfaces.items()}
    parts = [
        *(_sha256(data) for name, data in files.items() if name != FACETS),
        outcome.recipe.model_dump_json(),
        window.model_dump_json(),
    ]
    digest = _sha256(json.dumps([*parts, decisions], sort_keys=True).encode())
    return f"{window.last:%Y%m%d}-{digest[:12]}"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
