"""Writes a BERT encoder as an ONNX graph, in float32 or with its weights as signed bytes."""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from training.sentiment.branch import Branch
from training.sentiment.weights import Config, Encoder, Floats

OPSET, CONTRIB = 20, 1
BLOCK = 128
"""Weights that share a scale. It divides all measures of the encoder."""
HIDDEN = -10_000.0
LOWEST_READ = 2
"""The first layer that feelings are read off."""

type Precision = Literal["float32", "int8"]


class Graph:
    """A graph in the making: nodes and constants, each with a name of its own."""

    def __init__(self, precision: Precision, prefix: str = "") -> None:
        self.precision, self.prefix = precision, prefix
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """One more node; the name of its output."""
        name = f"{self.prefix}{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, domain=domain, **attributes))
        return name

    def constant(self, values: npt.NDArray[np.generic]) -> str:
        """One more constant; its name."""
        name = f"{self.prefix}constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
        return name

    def ints(self, *values: int) -> str:
        """A constant of a few whole numbers, such as a shape."""
        return self.constant(np.array(values, np.int64))

    def rows(self, table: Floats, ids: str) -> str:
        """The rows of an embedding table; as bytes, each row has its own scale."""
        if self.precision == "float32":
            return self.add("Gather", self.constant(table), ids, axis=0)
        scales = np.abs(table).max(axis=1, keepdims=True) / 127
        scales[scales == 0] = 1
        rows = self.add("Gather", self.constant(np.round(table / scales).astype(np.int8)), ids, axis=0)
        scale = self.add("Gather", self.constant(scales.astype(np.float32)), ids, axis=0)
        return self.add("Mul", self.add("Cast", rows, to=TensorProto.FLOAT), scale)

    def linear(self, x: str, weight: Floats, bias: Floats) -> str:
        """`x @ weight.T + bias`, for a weight [outputs, inputs].

        As bytes, a block of weights shares a scale, and the runtime takes the numbers that come in as bytes too, a
        scale for each block of each row.
        """
        if self.precision == "float32":
            return self.add("Add", self.add("MatMul", x, self.constant(weight.T)), self.constant(bias))
        outputs, inputs = weight.shape
        blocks = weight.reshape(outputs, inputs // BLOCK, BLOCK)
        scales = np.abs(blocks).max(axis=2) / 127
        scales[scales == 0] = 1
        codes = (np.round(blocks / scales[:, :, None]) + 128).astype(np.uint8)
        sizes = {"K": inputs, "N": outputs, "bits": 8, "block_size": BLOCK, "accuracy_level": 4}
        parts = [self.constant(codes), self.constant(scales.astype(np.float32))]
        product = self.add("MatMulNBits", x, *parts, domain="com.microsoft", **sizes)
        return self.add("Add", product, self.constant(bias))

    def normalised(self, x: str, gain: Floats, bias: Floats, epsilon: float) -> str:
        """Each row less its mean, over its spread."""
        return self.add("LayerNormalization", x, self.constant(gain), self.constant(bias), epsilon=epsilon, axis=-1)


def write(
    encoder: Encoder, precision: Precision, tokens: int, branch: Branch | None = None, fork: int | None = None
) -> bytes:
    """The graph from `ids`, `mask` [texts, tokens] and `wanted` to `states` [texts, tokens, layers, size] and `topics`.

    A feeling can be read off the layers in between better than off the last, which was trained to tell topics apart:
    `states` are those from the second layer to the one where a branch forks off (to the last where there is none), and
    before them the last of the branch. `topics` [texts, tokens, size] are those of the last layer as published; the
    layers above the fork are computed only where topics are `wanted`, and there are none where they are not.
    """
    graph, config = Graph(precision), encoder.config
    if branch is not None:
        fork = branch.first
    fork = config.layers if fork is None else fork
    if branch is None and fork < LOWEST_READ:
        raise ValueError(f"Feelings are read from layer {LOWEST_READ} on: nothing is left of {fork} without a branch.")
    layers = [_embedded(graph, encoder, tokens)]
    bias = _bias(graph)
    for layer in range(fork):
        layers.append(layer_of(graph, config, encoder.weights, f"encoder.layer.{layer}.", layers[-1], bias))
    felt = [] if branch is None else [_above(graph, config, branch.applied(encoder.weights), fork, layers[-1], bias)]
    rows = [graph.add("Unsqueeze", each, graph.ints(2)) for each in (*felt, *layers[LOWEST_READ:])]
    topics = _topics(graph, encoder, fork, layers[-1], bias)
    return finished(graph, graph.add("Concat", *rows, axis=2), topics, [len(rows), config.size])


def _above(graph: Graph, config: Config, weights: dict[str, Floats], fork: int, x: str, bias: str) -> str:
    """All layers above the fork; the name of the last one's states."""
    for layer in range(fork, config.layers):
        x = layer_of(graph, config, weights, f"encoder.layer.{layer}.", x, bias)
    return x


def _topics(graph: Graph, encoder: Encoder, fork: int, x: str, bias: str) -> str:
    """The layers above the fork as published, where they are wanted."""
    size = encoder.config.size
    some, none = Graph(graph.precision, "topic_"), Graph(graph.precision, "none_")
    some.add("Identity", _above(some, encoder.config, encoder.weights, fork, x, bias))
    none.add("Identity", none.constant(np.zeros((0, 0, size), np.float32)))
    return graph.add("If", "wanted", then_branch=_part(some, size), else_branch=_part(none, size))


def _part(graph: Graph, size: int) -> onnx.GraphProto:
    """A graph within a graph, that gives what its last node does."""
    (result,) = graph.nodes[-1].output
    shape = helper.make_tensor_value_info(result, TensorProto.FLOAT, [None, None, size])
    return helper.make_graph(graph.nodes, result, [], [shape], graph.constants)


def _embedded(graph: Graph, encoder: Encoder, tokens: int) -> str:
    """Word, place and the one segment, summed and normalised."""
    weights, name = encoder.weights, "embeddings."
    places = weights[f"{name}position_embeddings.weight"][:tokens] + weights[f"{name}token_type_embeddings.weight"][0]
    words = graph.rows(weights[f"{name}word_embeddings.weight"], "ids")
    length = graph.add("Slice", graph.add("Shape", "ids"), graph.ints(1), graph.ints(2))
    place = graph.add("Slice", graph.constant(places), graph.ints(0), length, graph.ints(0))
    gain, bias = weights[f"{name}LayerNorm.weight"], weights[f"{name}LayerNorm.bias"]
    return graph.normalised(graph.add("Add", words, place), gain, bias, encoder.config.epsilon)


def _bias(graph: Graph) -> str:
    """What is added to attention [texts, 1, 1, tokens]: nothing, or so little that a token is not looked at."""
    away = graph.add("Sub", "mask", graph.constant(np.array(1, np.float32)))
    scaled = graph.add("Mul", away, graph.constant(np.array(-HIDDEN, np.float32)))
    return graph.add("Unsqueeze", scaled, graph.ints(1, 2))


def layer_of(graph: Graph, config: Config, weights: dict[str, Floats], name: str, x: str, bias: str) -> str:
    """One transformer layer: attention, then two linear maps, each added to what came in and normalised."""
    attended = _attention(graph, config, weights, f"{name}attention.", x, bias)
    wide = graph.linear(attended, *_pair(weights, f"{name}intermediate.dense"))
    narrow = graph.linear(graph.add("Gelu", wide), *_pair(weights, f"{name}output.dense"))
    return graph.normalised(
        graph.add("Add", narrow, attended), *_pair(weights, f"{name}output.LayerNorm"), config.epsilon
    )


def _attention(graph: Graph, config: Config, weights: dict[str, Floats], name: str, x: str, bias: str) -> str:
    pairs = [_pair(weights, f"{name}self.{part}") for part in ("query", "key", "value")]
    joined = graph.linear(x, np.concatenate([w for w, _ in pairs]), np.concatenate([b for _, b in pairs]))
    width = config.size // config.heads
    split = graph.add("Reshape", joined, graph.ints(0, 0, 3, config.heads, width))
    parts = graph.add("Transpose", split, perm=[2, 0, 3, 1, 4])
    query, key, value = (graph.add("Gather", parts, graph.constant(np.array(at, np.int64)), axis=0) for at in range(3))
    scaled = graph.add("Mul", query, graph.constant(np.array(width**-0.5, np.float32)))
    fits = graph.add("MatMul", scaled, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
    mixed = graph.add("MatMul", graph.add("Softmax", graph.add("Add", fits, bias), axis=-1), value)
    rows = graph.add("Reshape", graph.add("Transpose", mixed, perm=[0, 2, 1, 3]), graph.ints(0, 0, config.size))
    out = graph.linear(rows, *_pair(weights, f"{name}output.dense"))
    return graph.normalised(graph.add("Add", out, x), *_pair(weights, f"{name}output.LayerNorm"), config.epsilon)


def _pair(weights: dict[str, Floats], name: str) -> tuple[Floats, Floats]:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]


def finished(graph: Graph, states: str, topics: str, sizes: list[int]) -> bytes:
    """The graph as bytes; the same graph gives the same bytes."""
    nodes = [
        *graph.nodes,
        helper.make_node("Identity", [states], ["states"]),
        helper.make_node("Identity", [topics], ["topics"]),
    ]
    shape = ["texts", "tokens"]
    inputs = [
        helper.make_tensor_value_info("ids", TensorProto.INT64, shape),
        helper.make_tensor_value_info("mask", TensorProto.FLOAT, shape),
        helper.make_tensor_value_info("wanted", TensorProto.BOOL, []),
    ]
    results = [
        helper.make_tensor_value_info("states", TensorProto.FLOAT, [*shape, *sizes]),
        helper.make_tensor_value_info("topics", TensorProto.FLOAT, [None, None, sizes[-1]]),
    ]
    body = helper.make_graph(nodes, "encoder", inputs, results, graph.constants)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", CONTRIB)]
    model = helper.make_model(body, opset_imports=opsets, ir_version=10, producer_name="regulars")
    content: bytes = model.SerializeToString(deterministic=True)
    return content
