"""The encoder's upper layers once more, changed to hear feelings: they branch off below, and both are read.

What is learned is a product of two thin matrices for each weight of a layer (Hu et al., LoRA, 2021), so that it is
small enough to commit, and the two directions in which the branch's meaning points to a feeling and to none. The layers
as they were published stay beside it: themes are told apart by those.
"""

import io
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from training.sentiment.weights import Floats

FILE = "branch.npz"
"""Its name beside the head. No artefact carries it: the encoder's graph is made with it."""
UP, DOWN = ".up", ".down"


class Branch(NamedTuple):
    """Changes of the layers from `first`: for each weight [outputs, rank] and [rank, inputs]; and the two directions.

    `weights` [size, 2] and `bias` [2] give the logits of positive against negative, and of neutral against both.
    """

    first: int
    changes: dict[str, tuple[Floats, Floats]]
    weights: Floats
    bias: Floats

    def applied(self, weights: dict[str, Floats]) -> dict[str, Floats]:
        """An encoder's weights with these changes."""
        return weights | {name: weights[name] + _product(up, down) for name, (up, down) in self.changes.items()}

    def content(self) -> bytes:
        """As a file: changes in half precision."""
        arrays: dict[str, npt.NDArray[np.generic]] = {"first": np.array(self.first)}
        for name, (up, down) in self.changes.items():
            arrays |= {name + UP: up.astype(np.float16), name + DOWN: down.astype(np.float16)}
        content = io.BytesIO()
        np.savez_compressed(content, allow_pickle=False, weights=self.weights, bias=self.bias, **arrays)
        return content.getvalue()


def read(content: bytes) -> Branch:
    """The branch of a file."""
    arrays = np.load(io.BytesIO(content), allow_pickle=False)
    names = [name.removesuffix(UP) for name in arrays if name.endswith(UP)]
    changes = {name: (_floats(arrays[name + UP]), _floats(arrays[name + DOWN])) for name in names}
    return Branch(int(arrays["first"]), changes, arrays["weights"], arrays["bias"])


def _product(up: Floats, down: Floats) -> Floats:
    """`up @ down`, to the bit the same on every processor: a graph goes by its hash, and BLAS sums as it likes."""
    total = np.zeros((len(up), down.shape[1]))
    for column, row in zip(up.T.astype(np.float64), down.astype(np.float64), strict=True):
        total += np.multiply.outer(column, row)
    return _floats(total)


def _floats(values: npt.NDArray[np.generic]) -> Floats:
    return values.astype(np.float32)
