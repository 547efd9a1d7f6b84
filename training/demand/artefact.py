"""Packs a demand model: its arrays and its card, named by their content."""

import hashlib
import io
import platform
import resource
from dataclasses import dataclass, fields, replace
from datetime import datetime
from importlib.metadata import version

import numpy as np

from shared.inference.card import FileInfo
from shared.inference.demand import FLATTEST, STEEPEST, DemandModel
from shared.inference.demand_card import CARD, CURVES, DemandCard
from training.demand.panel import Panel
from training.licences import ON_DATA, licence

PREFIX = "demand-"
"""Of each model's id."""
LIBRARIES = ("numpy", "scipy")
ON_CARD = {"model_id", "items", "names", "drift", "widening", "coverage80", "coverage90"}


@dataclass(frozen=True)
class DemandArtefact:
    """A demand model ready to publish: `files` by name, the card among them, and the model under its id."""

    model_id: str
    files: dict[str, bytes]
    card: DemandCard
    model: DemandModel


def pack(model: DemandModel, sales: Panel, created: datetime, seconds: float = 0.0) -> DemandArtefact:
    """The artefact; the same sales give the same id, whenever and however fast they were fitted."""
    arrays = _packed(model)
    digest = hashlib.sha256(arrays).hexdigest()
    model_id = PREFIX + digest[:16]
    card = DemandCard(
        model_id=model_id,
        created=created,
        first_monday=sales.first_monday,
        weeks=sales.weeks,
        rows=len(sales.units),
        items=len(model.items),
        items_with_moves=int((model.prices > 1).sum()),
        covariates=model.names,
        elasticity=float(np.median(model.elasticity)),
        elasticity_spread=float(np.std(model.elasticity)),
        share_at_clip=share_at_clip(model),
        drift=model.drift,
        coverage80=model.coverage80,
        coverage90=model.coverage90,
        widening=model.widening,
        seconds=round(seconds, 2),
        peak_memory_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        files={CURVES: FileInfo(bytes=len(arrays), sha256=digest)},
        versions={name: version(name) for name in LIBRARIES} | {"python": platform.python_version()},
        licences={"data": ON_DATA} | {name: licence(name) for name in LIBRARIES},
    )
    files = {CURVES: arrays, CARD: card.model_dump_json(indent=1).encode()}
    return DemandArtefact(model_id, files, card, replace(model, model_id=model_id))


def share_at_clip(model: DemandModel) -> float:
    """Of the items whose price moved; the others have their category's elasticity."""
    moved = model.prices > 1
    clipped = (model.elasticity <= STEEPEST) | (model.elasticity >= FLATTEST)
    return float((clipped & moved).sum()) / max(int(moved.sum()), 1)


def _packed(model: DemandModel) -> bytes:
    """The arrays as npz. `np.savez` writes a fixed date, so equal arrays are equal bytes."""
    arrays = {each.name: getattr(model, each.name) for each in fields(model) if each.name not in ON_CARD}
    small = {name: array.astype(np.float32) if array.dtype == np.float64 else array for name, array in arrays.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, items=np.array(model.items), **small)
    return buffer.getvalue()
