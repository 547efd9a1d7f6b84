"""How often answers are right, and how far their confidence can be believed."""

import numpy as np
import numpy.typing as npt

BINS = 15

type Floats = npt.NDArray[np.float64]
type Ints = npt.NDArray[np.int64]


def calibration_error(confidence: Floats, right: npt.NDArray[np.bool_]) -> float:
    """The expected calibration error: how far confidence is from the share of right answers, over 15 equal bins."""
    if not len(confidence):
        return 0.0
    places = np.clip(confidence * BINS, 0, BINS - 1).astype(np.int64)
    count = np.bincount(places, minlength=BINS)
    apart = np.bincount(places, confidence - right, minlength=BINS)
    return float(np.abs(apart[count > 0]).sum() / len(confidence))


def macro_f1(labels: Ints, found: Ints) -> float:
    """The mean over the labels that occur of 2 tp / (2 tp + fp + fn)."""
    return float(np.mean([_f1(labels == label, found == label) for label in np.unique(labels)]))


def _f1(labels: npt.NDArray[np.bool_], found: npt.NDArray[np.bool_]) -> float:
    both = int((labels & found).sum())
    return 2 * both / (int(labels.sum()) + int(found.sum())) if both else 0.0
