"""An encoder of three small layers with drawn weights, as a folder like a published one; and texts to learn from."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from training.sentiment.branch import Branch
from training.sentiment.data import Row, Texts, together
from training.sentiment.fit import Felt, Mask

SIZE, WIDE, LAYERS, PLACES = 128, 256, 3, 64
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def folder(target: Path, words: list[str], seed: int = 0) -> Path:
    """A whole encoder in `target`, that knows these words and all letters."""
    letters = [chr(at) for at in range(33, 127)]
    pieces = [*SPECIAL, *letters, *(f"##{letter}" for letter in letters), *sorted(set(words) - set(letters))]
    target.mkdir(parents=True)
    (target / "vocab.txt").write_text("\n".join(pieces) + "\n")
    config = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "position_embedding_type": "absolute",
        "layer_norm_eps": 1e-12,
    }
    config |= {"num_hidden_layers": LAYERS, "num_attention_heads": 4, "hidden_size": SIZE}
    (target / "config.json").write_text(json.dumps(config))
    (target / "model.safetensors").write_bytes(safetensors(drawn(len(pieces), np.random.default_rng(seed))))
    return target


def drawn(pieces: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    """Weights of the right shapes."""
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (pieces, SIZE),
        "embeddings.position_embeddings.weight": (PLACES, SIZE),
        "embeddings.token_type_embeddings.weight": (2, SIZE),
        **_norm("embeddings.LayerNorm"),
    }
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            shapes |= _linear(f"{name}.attention.self.{part}", SIZE, SIZE)
        shapes |= _linear(f"{name}.attention.output.dense", SIZE, SIZE) | _norm(f"{name}.attention.output.LayerNorm")
        shapes |= _linear(f"{name}.intermediate.dense", WIDE, SIZE) | _linear(f"{name}.output.dense", SIZE, WIDE)
        shapes |= _norm(f"{name}.output.LayerNorm")
    weights = {name: random.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}
    return {name: each + 1 if name.endswith("LayerNorm.weight") else each for name, each in weights.items()}


def safetensors(tensors: dict[str, np.ndarray]) -> bytes:
    """The format that published weights come in."""
    header, data = dict[str, object](), b""
    for name, values in tensors.items():
        entry = {"dtype": "F32", "shape": values.shape, "data_offsets": [len(data), len(data) + values.nbytes]}
        header[name], data = entry, data + values.tobytes()
    content = json.dumps(header).encode()
    return len(content).to_bytes(8, "little") + content + data


def _linear(name: str, outputs: int, inputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _norm(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (SIZE,), f"{name}.bias": (SIZE,)}


def changes(first: int = 2, seed: int = 0, size: float = 0.3) -> Branch:
    """A branch of drawn changes."""
    random = np.random.default_rng(seed)

    def pair(outputs: int, inputs: int) -> tuple[np.ndarray, np.ndarray]:
        return tuple(random.normal(0, size, shape).astype(np.float32) for shape in ((outputs, 2), (2, inputs)))  # type: ignore[return-value]

    found = {
        f"encoder.layer.{layer}.{part}.weight": pair(*shape)
        for layer in range(first, LAYERS)
        for part, shape in (("attention.self.query", (SIZE, SIZE)), ("output.dense", (SIZE, WIDE)))
    }
    weights = random.normal(0, 1, (SIZE, 2)).astype(np.float32)
    return Branch(first, found, weights, np.array([0.5, -0.5], np.float32))


class Oracle(NamedTuple):
    """A branch that knows every label."""

    texts: Texts
    first: int = 2

    def __call__(self, rows: Mask) -> Felt:
        assert rows.any()
        known = (np.where(np.isnan(each), 0.5, each) for each in (self.texts.positive, self.texts.neutral))
        return Felt(changes(self.first), 8 * np.column_stack([*known]) - 4)


GOOD = ["wonderful", "lovely", "perfect", "superb"]
BAD = ["broken", "awful", "useless", "horrid"]
PLAIN = ["grey", "square", "weekly", "printed"]
THINGS = ["coat", "lamp", "chair", "soup", "kettle", "scarf"]
SHOPS = ["clothes", "kitchen", "garden"]


def texts() -> Texts:
    """Each thing of each shop called good, bad and neither: a set that a head must learn by heart."""
    rows = [
        Row(shop, f"The {thing} from the {shop} shop is {word}.", positive, neutral)
        for shop in SHOPS
        for thing in THINGS
        for words, positive, neutral in ((GOOD, 1, 0), (BAD, 0, 0), (PLAIN, None, 1))
        for word in words
    ]
    return together(rows, ())


def vocabulary() -> list[str]:
    """The words of `texts`."""
    return [*GOOD, *BAD, *PLAIN, *THINGS, *SHOPS, "the", "from", "shop", "is", "."]
