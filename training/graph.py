"""The ONNX graph that scores a query: gather, multiply, scatter-add, mask, top k, and each item's share of every score.

Inputs: `items` int64 [h], row numbers of the tables; `weights` float [h]; `mask` float [N], the prior of each item, or
-1e9 for one that may not be shown; `k` int64 [1]. Outputs: `ids` int64 [k] and `scores` float [k], best first;
`contributions` float [h, k], whose columns sum to the score less the mask.
"""

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto as Tensor
from onnx import helper, numpy_helper

from training.matrix import ItemMatrix

OPSET = 18
IR_VERSION = 10
"""What opset 18 runtimes still in the field can read; the newest would shut them out for nothing."""


def build(matrix: ItemMatrix) -> bytes:
    """The serialised graph of a matrix; raises `onnx.checker.ValidationError` where it is not valid."""
    graph = helper.make_graph(
        [*_terms(), *_scores(), *_contributions()],
        "item_to_item",
        [
            helper.make_tensor_value_info("items", Tensor.INT64, ["h"]),
            helper.make_tensor_value_info("weights", Tensor.FLOAT, ["h"]),
            helper.make_tensor_value_info("mask", Tensor.FLOAT, [len(matrix.rows)]),
            helper.make_tensor_value_info("k", Tensor.INT64, [1]),
        ],
        [
            helper.make_tensor_value_info("ids", Tensor.INT64, ["k"]),
            helper.make_tensor_value_info("scores", Tensor.FLOAT, ["k"]),
            helper.make_tensor_value_info("contributions", Tensor.FLOAT, ["h", "k"]),
        ],
        _constants(matrix),
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _constants(matrix: ItemMatrix) -> list[onnx.TensorProto]:
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "table_ids": matrix.ids,
        "table_weights": matrix.weights,
        "table_scale": matrix.scale[:, None],
        "flat": np.array([-1], dtype=np.int64),
        "last_axis": np.array([1], dtype=np.int64),
        "zero": np.array([0], dtype=np.int64),
        "zero_scalar": np.array(0, dtype=np.int64),
        "one_scalar": np.array(1, dtype=np.int64),
        "one": np.array([1], dtype=np.int64),
        "count": np.array([len(matrix.rows)], dtype=np.int64),
    }
    return [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in arrays.items()]


def _terms() -> list[onnx.NodeProto]:
    """`near` int32 [h, K] and `terms` float [h, K]: every neighbour of every queried item, and what it adds."""
    return [
        helper.make_node("Gather", ["table_ids", "items"], ["near"]),
        helper.make_node("Gather", ["table_weights", "items"], ["levels"]),
        helper.make_node("Gather", ["table_scale", "items"], ["scale"]),
        helper.make_node("Cast", ["levels"], ["values"], to=Tensor.FLOAT),
        helper.make_node("Unsqueeze", ["weights", "last_axis"], ["weight_column"]),
        helper.make_node("Mul", ["scale", "weight_column"], ["row_weight"]),
        helper.make_node("Mul", ["values", "row_weight"], ["terms"]),
    ]


def _scores() -> list[onnx.NodeProto]:
    return [
        helper.make_node("Reshape", ["near", "flat"], ["near_flat"]),
        helper.make_node("Reshape", ["terms", "flat"], ["terms_flat"]),
        helper.make_node("ConstantOfShape", ["count"], ["nothing"]),
        helper.make_node("ScatterElements", ["nothing", "near_flat", "terms_flat"], ["sums"], reduction="add"),
        helper.make_node("Add", ["sums", "mask"], ["masked"]),
        helper.make_node("TopK", ["masked", "k"], ["scores", "ids"], largest=1, sorted=1),
    ]


def _contributions() -> list[onnx.NodeProto]:
    """Each term goes to the place of its neighbour among the results, or to a place past the end that is cut off.

    Comparing every neighbour with every result would do the same in h x K x k steps; this takes N + h x K.
    """
    beyond = helper.make_node("Expand", ["k", "count"], ["beyond"])
    return [
        beyond,
        helper.make_node("Squeeze", ["k"], ["k_scalar"]),
        helper.make_node("Range", ["zero_scalar", "k_scalar", "one_scalar"], ["places"]),
        helper.make_node("ScatterElements", ["beyond", "ids", "places"], ["place_of"]),
        helper.make_node("Gather", ["place_of", "near"], ["place"]),
        helper.make_node("Shape", ["weights"], ["asked"]),
        helper.make_node("Add", ["k", "one"], ["k_and_one"]),
        helper.make_node("Concat", ["asked", "k_and_one"], ["shape"], axis=0),
        helper.make_node("ConstantOfShape", ["shape"], ["blank"]),
        helper.make_node("ScatterElements", ["blank", "place", "terms"], ["with_rest"], axis=1, reduction="add"),
        helper.make_node("Slice", ["with_rest", "zero", "k", "last_axis"], ["contributions"]),
    ]
