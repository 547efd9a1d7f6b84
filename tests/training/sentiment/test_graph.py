"""The graph that is written computes what the published encoder does: against a forward pass of its own in numpy."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from shared.inference.sentiment.encoder import Encoder, signed_bytes
from shared.inference.sentiment.wordpiece import WordPiece
from tests.training.sentiment import tiny
from training.sentiment import encoders, graph, weights

type Array = npt.NDArray[Any]

TEXTS = (
    "Lovely coat, warm and well made.",
    "The lamp came broken and nobody answered my letters; I want my money back!",
    "ok",
    "They open at nine on Mondays, and the café on the corner sells tickets for the 14:30 boat.",
)


def forward(encoder: weights.Encoder, ids: list[int]) -> Array:
    """The hidden states [layers, tokens, size] of one text, after every layer, in double precision."""
    w = {name: each.astype(np.float64) for name, each in encoder.weights.items()}
    config = encoder.config
    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = normalised(x + w["embeddings.token_type_embeddings.weight"][0], w, "embeddings.LayerNorm", config.epsilon)
    layers = []
    for layer in range(config.layers):
        name = f"encoder.layer.{layer}."
        mixed = attention(x, w, f"{name}attention.self.", config.heads)
        x = normalised(
            x + linear(mixed, w, f"{name}attention.output.dense"),
            w,
            f"{name}attention.output.LayerNorm",
            config.epsilon,
        )
        wide = linear(x, w, f"{name}intermediate.dense")
        wide = wide * 0.5 * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)))
        x = normalised(x + linear(wide, w, f"{name}output.dense"), w, f"{name}output.LayerNorm", config.epsilon)
        layers.append(x)
    return np.stack(layers)


def attention(x: Array, w: dict[str, Array], name: str, heads: int) -> Array:
    size = x.shape[1] // heads
    query, key, value = (linear(x, w, name + part) for part in ("query", "key", "value"))
    mixed = []
    for head in range(heads):
        at = slice(head * size, (head + 1) * size)
        fits = np.exp(query[:, at] @ key[:, at].T / math.sqrt(size))
        mixed.append(fits / fits.sum(axis=1, keepdims=True) @ value[:, at])
    return np.concatenate(mixed, axis=1)


def linear(x: Array, w: dict[str, Array], name: str) -> Array:
    found: Array = x @ w[f"{name}.weight"].T + w[f"{name}.bias"]
    return found


def normalised(x: Array, w: dict[str, Array], name: str, epsilon: float) -> Array:
    apart = x - x.mean(axis=1, keepdims=True)
    found: Array = (
        apart / np.sqrt((apart**2).mean(axis=1, keepdims=True) + epsilon) * w[f"{name}.weight"] + w[f"{name}.bias"]
    )
    return found


def pooled(states: Array) -> Array:
    mean = states.mean(axis=1)
    found: Array = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return found


@pytest.fixture(scope="module")
def published() -> weights.Encoder:
    return weights.read(weights.published())


def meanings(encoder: weights.Encoder, precision: graph.Precision) -> list[Array]:
    served = Encoder(graph.write(encoder, precision, 64), encoder.vocabulary, 64)
    return [each.meaning for each in served.encode(TEXTS)]


def test_the_published_weights_give_the_published_meanings(published: weights.Encoder) -> None:
    pieces = WordPiece(published.vocabulary)
    for text, found in zip(TEXTS, meanings(published, "float32"), strict=True):
        expected = pooled(forward(published, pieces.tokens(text, 64).ids))[1:]
        assert np.abs(found - expected.ravel()).max() < 1e-5


def test_bytes_for_weights_change_meanings_little(published: weights.Encoder) -> None:
    for exact, small in zip(meanings(published, "float32"), meanings(published, "int8"), strict=True):
        cosines = (exact.reshape(5, -1) * small.reshape(5, -1)).sum(axis=1)
        assert cosines.min() > 0.99


def test_other_weights_give_other_meanings(published: weights.Encoder) -> None:
    """So the parity above is of these weights: with one of them halved it is gone."""
    name = "encoder.layer.3.attention.self.value.weight"
    changed = published._replace(weights={**published.weights, name: published.weights[name] * np.float32(0.5)})
    apart = np.abs(meanings(published, "float32")[0] - meanings(changed, "float32")[0]).max()
    assert apart > 1e-3


def test_a_text_is_encoded_the_same_alone_and_among_others(tmp_path: Path) -> None:
    made = encoders.made(tiny.folder(tmp_path / "encoder", tiny.vocabulary()))
    encoder = Encoder(made["encoder.onnx"], made["pieces.txt"].decode().splitlines(), 64)
    together = encoder.encode(TEXTS)
    for text, found in zip(TEXTS, together, strict=True):
        assert np.abs(encoder.encode([text])[0].meaning - found.meaning).max() < 1e-5


def test_the_same_weights_give_the_same_bytes(tmp_path: Path) -> None:
    folder = tiny.folder(tmp_path / "encoder", tiny.vocabulary())
    assert encoders.made(folder) == encoders.made(folder)


def test_what_the_tokens_add_is_the_meaning(tmp_path: Path) -> None:
    """But for the marks of start and end, which belong to no word."""
    made = encoders.made(tiny.folder(tmp_path / "encoder", tiny.vocabulary()))
    encoder = Encoder(made["encoder.onnx"], made["pieces.txt"].decode().splitlines(), 64)
    found = encoder.encode(["the lamp is superb and so is the chair from the garden shop"])[0]
    assert len(found.spans) == len(found.shares)
    assert np.dot(found.shares.sum(axis=0), found.meaning) > 0.5
    assert np.linalg.norm(found.topic) == pytest.approx(1.0, abs=1e-5)
    assert len(signed_bytes(found.topic)) == tiny.SIZE


def test_an_encoder_of_another_kind_is_refused(tmp_path: Path) -> None:
    folder = tiny.folder(tmp_path / "encoder", [])
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(config.replace('"gelu"', '"relu"'))
    with pytest.raises(ValueError, match="not a BERT encoder"):
        weights.read(folder)
