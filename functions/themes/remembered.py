"""Where themes lay: what a run leaves for the next one, so that a theme that comes again gets its id back."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from functions.themes.cluster import Space, Vectors
from shared.domain.themes import Centroid

REMEMBERED = timedelta(days=90)
"""A theme that is gone gets its id back when it comes again within this time."""


def middles_of(known: Sequence[Centroid], within: Space) -> Vectors:
    """Where they lie in this space."""
    if not known:
        return np.zeros((0, len(within.middle)), np.float32)
    raw = np.frombuffer(b"".join(each.vector for each in known), dtype="<f2").astype(np.float32)
    away = raw.reshape(len(known), -1) - within.middle
    return np.asarray(away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def still_known(known: Sequence[Centroid], there: set[str], today: date) -> tuple[Centroid, ...]:
    """Those that are not there today and not yet forgotten."""
    return tuple(each for each in known if each.theme_id not in there and today - each.last_seen <= REMEMBERED)
