"""The encoder: what a piece of text means, as numbers, and what each of its tokens adds to that."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from shared.inference.sentiment.wordpiece import Tokens, WordPiece
from shared.inference.session import Graph

BATCH = 16
"""Texts of like length that are encoded at once: more gains no time and needs memory."""
LEAST_LENGTH = np.float32(1e-9)

type Floats = npt.NDArray[np.float32]


class Encoded(NamedTuple):
    """A piece of text: its tokens' places in it, what each adds to its meaning [tokens, numbers], and that.

    What the tokens and both marks add sums to the meaning: from each layer a vector of length 1, one after another.
    `topic` is the last of these: what the encoder was published for.
    """

    spans: list[tuple[int, int]]
    shares: Floats
    meaning: Floats
    topic: Floats


class Encoder:
    """Encodes pieces of text with one thread. What a text is given does not depend on the texts beside it."""

    def __init__(self, graph: bytes, pieces: Sequence[str], tokens: int) -> None:
        self._graph = Graph(graph)
        self._pieces = WordPiece(pieces)
        self._tokens = tokens

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """One for each text, in their order; texts that are the same are encoded once."""
        tokens = {text: self._pieces.tokens(text, self._tokens) for text in texts}
        order = sorted(tokens, key=lambda text: len(tokens[text].ids))
        found = dict[str, Encoded]()
        for at in range(0, len(order), BATCH):
            batch = order[at : at + BATCH]
            found |= zip(batch, self._run([tokens[text] for text in batch]), strict=True)
        return [found[text] for text in texts]

    def _run(self, batch: list[Tokens]) -> list[Encoded]:
        longest = max(len(each.ids) for each in batch)
        ids = np.full((len(batch), longest), self._pieces.padding, np.int64)
        mask = np.zeros((len(batch), longest), np.float32)
        for row, each in enumerate(batch):
            ids[row, : len(each.ids)] = each.ids
            mask[row, : len(each.ids)] = 1
        (states,) = self._graph.run(["states"], {"ids": ids, "mask": mask})
        return [_pooled(each, states[row]) for row, each in enumerate(batch)]


def _pooled(tokens: Tokens, states: Floats) -> Encoded:
    count = len(tokens.ids)
    total: Floats = states[:count].sum(axis=0)
    lengths: Floats = np.maximum(np.sqrt((total * total).sum(axis=1, keepdims=True)), LEAST_LENGTH)
    meaning = total / lengths
    shares = (states[1 : count - 1] / lengths).reshape(max(0, count - 2), -1)
    return Encoded(tokens.spans, shares, meaning.ravel(), meaning[-1])


def signed_bytes(topic: Floats) -> bytes:
    """A vector of length 1 as one signed byte a number."""
    return np.clip(np.rint(topic * 127), -127, 127).astype(np.int8).tobytes()
