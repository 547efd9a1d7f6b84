"""Learns the branch: `branch.py` says what it is. It needs jax, in the group `sentiment-tuning`.

The layers below it are read once for all texts. One pass over the texts, in batches of texts of like length: logistic
loss of positive against negative and, at a lower weight, of neutral against both, weighed as the regressions are; and
the variance of a neutral sentence's logits when names, countries or peoples are swapped in it, so that these move
nothing.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax
from rich.console import Console
from rich.progress import Progress

from shared.inference.sentiment.pieces import text_of
from shared.inference.sentiment.wordpiece import WordPiece
from training.sentiment import branch, fair, forward
from training.sentiment.branch import Branch
from training.sentiment.data import Texts
from training.sentiment.fit import Felt, Mask, balanced
from training.sentiment.weights import Encoder, Floats

LAYERS = 2
"""How many of the upper ones are in the branch."""
RANK = 16
PASSES = 1.0
BATCH = 32
LENGTHS = (12, 24, 40, 64)
"""Of batches, in tokens: texts are filled up to the next of these. Each is compiled once."""
RATE, HEAD_RATE = 1e-3, 3e-2
"""Of the changes, and of the two directions that start at nothing."""
WARMING = 0.1
"""The share of steps in which the rates rise; after it they fall along a cosine."""
DECAY = 0.01
NEUTRAL = 0.3
"""What neutral against both counts beside positive against negative."""
WRITTEN = 0.3
"""What a sentence made for learning counts beside another text."""
SWAPS, FAIR = 16, 1.0
"""Words swapped in a neutral sentence at each step, and what the variance of its logits counts."""
MAPS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)

type Learned = dict[str, Any]


class Read(NamedTuple):
    """What the layers below make of pieces of text: all their tokens [tokens, size], and where each piece begins."""

    states: npt.NDArray[np.float16]
    starts: npt.NDArray[np.int64]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """The tokens of each."""
        return np.diff(self.starts)

    def batches(self, rows: npt.NDArray[np.int64], random: np.random.Generator | None = None) -> "list[Batch]":
        """These pieces in batches of like length, in their order or in a drawn one."""
        place = np.searchsorted(LENGTHS, self.lengths[rows])
        found = []
        for at, length in enumerate(LENGTHS):
            some = rows[place == at]
            some = random.permutation(some) if random is not None else some
            found += [Batch(length, some[start : start + BATCH]) for start in range(0, len(some), BATCH)]
        return [found[at] for at in random.permutation(len(found))] if random is not None else found

    def filled(self, batch: "Batch", size: int = BATCH) -> tuple[Floats, Floats]:
        """The states [size, length, numbers] of a batch, and which of them are tokens."""
        states = np.zeros((size, batch.length, self.states.shape[1]), np.float32)
        mask = np.zeros((size, batch.length), np.float32)
        for at, row in enumerate(batch.rows):
            tokens = self.states[self.starts[row] : self.starts[row + 1]]
            states[at, : len(tokens)], mask[at, : len(tokens)] = tokens, 1
        mask[len(batch.rows) :, 0] = 1
        return states, mask


class Batch(NamedTuple):
    """Pieces that are filled up to one length."""

    length: int
    rows: npt.NDArray[np.int64]


class Tuner:
    """Learns branches from parts of one set of texts. With `kept`, a folder, what was learned is not learned again.

    What is called is a `fit.Tune`.
    """

    def __init__(self, encoder: Encoder, texts: Texts, tokens: int, kept: Path | None = None) -> None:
        self._encoder, self._texts, self._kept, self._tokens = encoder, texts, kept, tokens
        self.first = encoder.config.layers - LAYERS
        if tokens > LENGTHS[-1]:
            raise ValueError(f"{tokens} tokens are more than the longest batch has: {LENGTHS[-1]}")
        read = [text_of(text, None, ()) for text in texts.texts]
        sentences = [[piece.text for piece in each.sentences] for each in read]
        pieces = list(dict.fromkeys([*(each.whole.text for each in read), *(s for each in sentences for s in each)]))
        place = {piece: at for at, piece in enumerate(pieces)}
        self._whole = np.array([place[each.whole.text] for each in read])
        self._sentences = np.array([place[s] for each in sentences for s in each], np.int64)
        self._owner = np.repeat(np.arange(len(read)), [len(each) for each in sentences])
        self._read = self._below(pieces)
        swapped = [[sentence.format(word) for word in words] for sentence, words in fair.SENTENCES]
        self._swapped = self._below([each for some in swapped for each in some])
        ends = np.cumsum([0, *map(len, swapped)])
        self._groups = [np.arange(start, end) for start, end in pairwise(ends)]

    def __call__(self, rows: Mask) -> Felt:
        """The branch learned from these texts, and its logits for all texts."""
        path = self._kept / f"{self._key(rows)}.npz" if self._kept else None
        if path is not None and path.exists():
            learned = branch.read(path.read_bytes())
        else:
            learned = self._learn(rows)
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.with_suffix(".part").write_bytes(learned.content())
                path.with_suffix(".part").replace(path)
        rounded = branch.read(learned.content())
        return Felt(rounded, self._logits(rounded))

    def _key(self, rows: Mask) -> str:
        settings = [LAYERS, RANK, PASSES, BATCH, LENGTHS, RATE, HEAD_RATE, WARMING, DECAY, MAPS, forward.DROPPED]
        settings += [NEUTRAL, WRITTEN, SWAPS, FAIR, fair.SENTENCES, self._tokens, self._encoder.config]
        weights = [sha256(each.tobytes()).digest() for _, each in sorted(self._encoder.weights.items())]
        said = [each.tobytes() for each in (self._texts.positive, self._texts.neutral, self._texts.domains, rows)]
        texts = "\n".join((*self._encoder.vocabulary, *self._texts.texts)).encode()
        return sha256(b"|".join([repr(settings).encode(), *weights, *said, texts])).hexdigest()[:16]

    def _below(self, pieces: Sequence[str]) -> Read:
        """Read pieces of text with the layers that all branches share."""
        encoder, tokenise = self._encoder, WordPiece(self._encoder.vocabulary)
        ids = [tokenise.tokens(piece, self._tokens).ids for piece in pieces]
        starts = np.cumsum([0, *map(len, ids)])
        found = Read(np.zeros((starts[-1], encoder.config.size), np.float16), starts)
        below = [forward.layer_of(encoder.weights, at) for at in range(self.first)]
        embedded = forward.embeddings(encoder.weights)
        for length, rows in _watched("reading", found.batches(np.arange(len(ids)))):
            words, mask = np.zeros((BATCH, length), np.int32), np.zeros((BATCH, length), np.float32)
            for at, row in enumerate(rows):
                words[at, : len(ids[row])], mask[at, : len(ids[row])] = ids[row], 1
            read = forward.states_of(embedded, below, words, mask, encoder.config.heads, encoder.config.epsilon)
            states = np.asarray(read)
            for at, row in enumerate(rows):
                found.states[starts[row] : starts[row + 1]] = states[at, : len(ids[row])]
        return found

    def _learn(self, rows: Mask) -> Branch:
        known = rows & ~(np.isnan(self._texts.positive) & np.isnan(self._texts.neutral))
        wanted, weights = self._labels(rows)
        base = [forward.layer_of(self._encoder.weights, at) for at in range(self.first, self._encoder.config.layers)]
        random = np.random.default_rng(0)
        learned = _start(base, self._encoder.config.size, random)
        steps = max(1, int(PASSES * known.sum() / BATCH))
        step = partial(_step, self._encoder.config.heads, self._encoder.config.epsilon)
        shares = optax.warmup_cosine_decay_schedule(0, 1, int(WARMING * steps), steps, 0)(np.arange(steps))
        state, key = OPTIMIZER.init(learned), jax.random.key(0)
        drawn = self._drawn(np.flatnonzero(known), random, steps)
        for share, texts in _watched("learning", zip(shares, drawn, strict=True), steps):
            states, mask = self._read.filled(Batch(texts.length, self._whole[texts.rows]))
            said, counts = (np.zeros((BATCH, 2), np.float32) for _ in range(2))
            said[: len(texts.rows)], counts[: len(texts.rows)] = wanted[texts.rows], weights[texts.rows]
            swaps = random.choice(self._groups[random.integers(len(self._groups))], SWAPS, replace=False)
            longest = next(length for length in LENGTHS if length >= self._swapped.lengths[swaps].max())
            others = self._swapped.filled(Batch(longest, swaps), SWAPS)
            key, now = jax.random.split(key)
            learned, state = step(base, learned, state, (states, mask, said, counts), others, share, now)
        return _branch(learned, self.first)

    def _labels(self, rows: Mask) -> tuple[Floats, Floats]:
        """Of each text whether it is positive and neutral [texts, 2], and what knowing that counts."""
        wanted, weights = (np.zeros((len(rows), 2), np.float32) for _ in range(2))
        for at, (labels, part) in enumerate(((self._texts.positive, 1.0), (self._texts.neutral, NEUTRAL))):
            known = rows & ~np.isnan(labels)
            wanted[known, at] = labels[known]
            weights[known, at] = part * balanced(self._texts.domains[known], labels[known], WRITTEN)
        return wanted, weights

    def _drawn(self, rows: npt.NDArray[np.int64], random: np.random.Generator, steps: int) -> Iterator[Batch]:
        """That many batches of texts; the texts in another order on each pass."""
        whole = Read(self._read.states[:0], np.cumsum([0, *self._read.lengths[self._whole]]))
        while steps > 0:
            for batch in whole.batches(rows, random)[:steps]:
                yield batch
                steps -= 1

    def _logits(self, learned: Branch) -> npt.NDArray[np.float64]:
        """The mean over each text's sentences, as at serving [texts, 2]; of no sentence, none."""
        config = self._encoder.config
        applied = learned.applied(self._encoder.weights)
        layers = [forward.layer_of(applied, at) for at in range(learned.first, config.layers)]
        found = np.zeros((len(self._read.lengths), 2))
        for batch in self._read.batches(np.unique(self._sentences)):
            states, mask = self._read.filled(batch)
            said = forward.logits(layers, learned.weights, learned.bias, states, mask, config.heads, config.epsilon)
            found[batch.rows] = np.asarray(said)[: len(batch.rows)]
        total = np.zeros((len(self._texts.texts), 2))
        np.add.at(total, self._owner, found[self._sentences])
        counts = np.bincount(self._owner, minlength=len(total))
        return total / np.maximum(counts, 1)[:, None]


def _watched[T](what: str, work: "Sequence[T] | Iterator[T]", total: int | None = None) -> Iterator[T]:
    with Progress(console=Console(stderr=True)) as progress:
        yield from progress.track(work, description=what, total=total)


def _start(base: list[forward.Layer], size: int, random: np.random.Generator) -> Learned:
    """Changes of nothing: one of each pair is drawn, the other is zero."""
    layers = []
    for layer in base:
        pairs = dict[str, dict[str, jax.Array]]()
        for name in MAPS:
            outputs, inputs = layer[f"{name}.weight"].shape
            down = random.normal(0, inputs**-0.5, (RANK, inputs)).astype(np.float32)
            pairs[name] = {"up": jnp.zeros((outputs, RANK)), "down": jnp.asarray(down)}
        layers.append(pairs)
    return {"layers": layers, "weights": jnp.zeros((size, 2)), "bias": jnp.zeros(2)}


OPTIMIZER = optax.chain(
    optax.clip_by_global_norm(1.0),
    optax.multi_transform(
        {"changes": optax.adamw(RATE, weight_decay=DECAY), "directions": optax.adam(HEAD_RATE)},
        {"layers": "changes", "weights": "directions", "bias": "directions"},
    ),
)


@partial(jax.jit, static_argnums=(0, 1))
def _step(  # noqa: PLR0913, PLR0917 - what jax traces comes in as arguments
    heads: int,
    epsilon: float,
    base: list[forward.Layer],
    learned: Learned,
    state: Any,
    texts: tuple[Floats, Floats, Floats, Floats],
    others: tuple[Floats, Floats],
    share: jax.Array,
    key: jax.Array,
) -> tuple[Learned, Any]:
    """One step, by a share of the rates."""

    def loss(now: Learned) -> jax.Array:
        states, mask, wanted, weights = texts
        layers = _changed(base, now)
        found = _directed(now, forward.meaning(layers, states, mask, heads, epsilon, key))
        wrong = (weights * (jnp.logaddexp(0, found) - wanted * found)).sum() / len(states)
        moved = _directed(now, forward.meaning(layers, *others, heads, epsilon, None))
        return wrong + FAIR * jnp.var(moved, axis=0).sum()

    updates, state = OPTIMIZER.update(jax.grad(loss)(learned), state, learned)
    return optax.apply_updates(learned, jax.tree.map(lambda each: share * each, updates)), state


def _changed(base: list[forward.Layer], learned: Learned) -> list[forward.Layer]:
    return [
        layer | {f"{name}.weight": layer[f"{name}.weight"] + pair["up"] @ pair["down"] for name, pair in pairs.items()}
        for layer, pairs in zip(base, learned["layers"], strict=True)
    ]


def _branch(learned: Learned, first: int) -> Branch:
    changes = {
        f"encoder.layer.{first + at}.{name}.weight": (np.asarray(pair["up"]), np.asarray(pair["down"]))
        for at, pairs in enumerate(learned["layers"])
        for name, pair in pairs.items()
    }
    return Branch(first, changes, np.asarray(learned["weights"]), np.asarray(learned["bias"]))


def _directed(learned: Learned, meaning: jax.Array) -> jax.Array:
    return meaning @ learned["weights"] + learned["bias"]
