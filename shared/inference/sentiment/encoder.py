"""The encoder: what a piece of text means, as numbers, and what each of its tokens adds to that."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from shared.inference.sentiment.wordpiece import Tokens, WordPiece
from shared.inference.session import Graph

LEAST_LENGTH = np.float32(1e-9)
WANTED = "wanted"
"""An input: whether topics are. Graphs of before there was a branch give all states, the last layer's among them."""

type Floats = npt.NDArray[np.float32]


class Encoded(NamedTuple):
    """A piece of text: its tokens' places in it, what each adds to its meaning [tokens, numbers], and that.

    What the tokens and both marks add sums to the meaning: from each layer that feelings are read off a vector of
    length 1, one after another. `topic` is the last layer's, which the encoder was published for; None where it was not
    asked for.
    """

    spans: list[tuple[int, int]]
    shares: Floats
    meaning: Floats
    topic: Floats | None


class Encoder:
    """Encodes pieces of text with one thread. What a text is given does not depend on the texts beside it."""

    def __init__(self, graph: bytes, pieces: Sequence[str], tokens: int) -> None:
        self._graph = Graph(graph)
        self._pieces = WordPiece(pieces)
        self._tokens = tokens

    def encode(self, texts: Sequence[str], *, topics: bool = True) -> list[Encoded]:
        """One for each text, in their order; the same text is encoded once. Without `topics` it is faster.

        Each by itself: with others in one run, weights as bytes round another way.
        """
        found = {text: self._encoded(self._pieces.tokens(text, self._tokens), topics) for text in dict.fromkeys(texts)}
        return [found[text] for text in texts]

    def _encoded(self, tokens: Tokens, topics: bool) -> Encoded:
        ids = np.array([tokens.ids], np.int64)
        states, last = self._states({"ids": ids, "mask": np.ones(ids.shape, np.float32)}, topics)
        return _pooled(tokens, states[0], last[0] if topics else None)

    def _states(self, inputs: dict[str, Any], topics: bool) -> tuple[Floats, Floats]:
        if WANTED not in self._graph.inputs:
            (states,) = self._graph.run(["states"], inputs)
            return states, states[:, :, -1]
        states, last = self._graph.run(["states", "topics"], inputs | {WANTED: np.array(topics)})
        return states, last


def _pooled(tokens: Tokens, states: Floats, last: Floats | None) -> Encoded:
    total = states.sum(axis=0)
    lengths = _lengths(total)
    shares = (states[1:-1] / lengths).reshape(len(tokens.spans), total.size)
    topic = None if last is None else last.sum(axis=0, keepdims=True)
    meaning: Floats = total / lengths
    return Encoded(tokens.spans, shares, meaning.ravel(), None if topic is None else (topic / _lengths(topic)).ravel())


def _lengths(rows: Floats) -> Floats:
    found: Floats = np.maximum(np.sqrt((rows * rows).sum(axis=1, keepdims=True)), LEAST_LENGTH)
    return found


def signed_bytes(topic: Floats) -> bytes:
    """A vector of length 1 as one signed byte a number."""
    return np.clip(np.rint(topic * 127), -127, 127).astype(np.int8).tobytes()
