"""The scoring graph in onnxruntime: one thread, since a function serves one request at a time."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

HIDDEN = -1e9
"""The mask of an item that may not be shown: far below any score."""

type Floats32 = npt.NDArray[np.float32]
type Ints64 = npt.NDArray[np.int64]


class BadGraph(Exception):  # noqa: N818 - named for what was found
    """The bytes are not a graph that onnxruntime can run."""


class Session:
    """A loaded graph; raises `BadGraph` on bytes that are not one."""

    def __init__(self, graph: bytes) -> None:
        self._session = _opened(graph)

    def run(self, items: Ints64, weights: Floats32, mask: Floats32, k: int) -> tuple[Ints64, Floats32, Floats32]:
        """Ids [k], scores [k] and contributions [h, k] for row numbers [h], their weights [h] and the mask [N].

        Raises `BadGraph` where the graph takes or gives something else.
        """
        inputs = {"items": items, "weights": weights, "mask": mask, "k": np.array([k], dtype=np.int64)}
        try:
            ids, scores, contributions = self._session.run(["ids", "scores", "contributions"], inputs)
        except Exception as error:  # as above
            raise BadGraph(str(error)) from error
        return ids, scores, contributions


class Graph:
    """Any other loaded graph: named numbers in, named numbers out. Raises `BadGraph` on bytes that are not one."""

    def __init__(self, graph: bytes) -> None:
        self._session = _opened(graph)
        self.inputs = {each.name: str(each.type) for each in self._session.get_inputs()}

    def run(self, outputs: Sequence[str], inputs: Mapping[str, Ints64 | Floats32]) -> list[Floats32]:
        """These outputs. Raises `BadGraph` where the graph takes or gives something else."""
        try:
            found: list[Floats32] = self._session.run(list(outputs), dict(inputs))
        except Exception as error:  # as below
            raise BadGraph(str(error)) from error
        return found


def _opened(graph: bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no base class but this
        raise BadGraph(str(error)) from error
