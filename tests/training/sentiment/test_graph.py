"""The graph that is written computes what the published encoder does: against a forward pass of its own in numpy."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import helper

from shared.inference.sentiment.encoder import Encoder, signed_bytes
from shared.inference.sentiment.wordpiece import WordPiece
from shared.inference.session import Graph
from tests.training.sentiment import tiny
from training.sentiment import branch, encoders, graph, weights

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


def test_a_branch_stands_before_the_layers_as_published(tmp_path: Path) -> None:
    """Its last state is that of a forward pass with the changed weights; those below the fork stay, and the topic."""
    encoder = weights.read(tiny.folder(tmp_path / "encoder", tiny.vocabulary()))
    felt = tiny.changes()
    changed = encoder._replace(weights=felt.applied(encoder.weights))
    pieces = WordPiece(encoder.vocabulary)
    cases: tuple[tuple[graph.Precision, float], ...] = (("float32", 1e-5), ("int8", 0.05))
    for precision, most in cases:
        beside = Encoder(graph.write(encoder, precision, 64, felt), encoder.vocabulary, 64).encode(TEXTS)
        alone = Encoder(graph.write(encoder, precision, 64), encoder.vocabulary, 64).encode(TEXTS)
        for text, found, plain in zip(TEXTS, beside, alone, strict=True):
            expected = pooled(forward(changed, pieces.tokens(text, 64).ids))[-1]
            assert np.abs(found.meaning[: tiny.SIZE] - expected).max() < most
            assert found.topic is not None
            assert plain.topic is not None
            assert np.abs(found.meaning[tiny.SIZE :] - plain.meaning[: tiny.SIZE]).max() < 1e-6
            assert np.abs(found.topic - plain.topic).max() < 1e-6
            assert np.abs(found.meaning[: tiny.SIZE] - found.topic).max() > 0.01


def test_a_branch_of_no_change_says_what_the_last_layer_does(tmp_path: Path) -> None:
    encoder = weights.read(tiny.folder(tmp_path / "encoder", tiny.vocabulary()))
    served = Encoder(graph.write(encoder, "float32", 64, tiny.changes(size=0.0)), encoder.vocabulary, 64)
    for found in served.encode(TEXTS):
        assert found.topic is not None
        assert np.abs(found.meaning[: tiny.SIZE] - found.topic).max() < 1e-6


def test_topics_that_nobody_wants_are_not_computed(tmp_path: Path) -> None:
    """There are none, and with the weights of the last layer gone, only who wants topics notices."""
    encoder = weights.read(tiny.folder(tmp_path / "encoder", tiny.vocabulary()))
    name = f"encoder.layer.{tiny.LAYERS - 1}.output.dense.weight"
    broken = encoder._replace(weights={**encoder.weights, name: 0 * encoder.weights[name]})
    raw = Graph(graph.write(encoder, "int8", 64, fork=2))
    for wanted, shape in ((True, (1, 3, tiny.SIZE)), (False, (0, 0, tiny.SIZE))):
        inputs: dict[str, Any] = {"ids": np.array([[2, 7, 3]]), "mask": np.ones((1, 3), np.float32)}
        (topics,) = raw.run(["topics"], inputs | {"wanted": np.array(wanted)})
        assert topics.shape == shape
    whole, hurt = (Encoder(graph.write(each, "int8", 64, fork=2), encoder.vocabulary, 64) for each in (encoder, broken))
    for plain, found in zip(whole.encode(TEXTS, topics=False), hurt.encode(TEXTS, topics=False), strict=True):
        assert plain.topic is None
        assert (plain.meaning == found.meaning).all()
    for plain, found in zip(whole.encode(TEXTS), hurt.encode(TEXTS), strict=True):
        assert plain.topic is not None
        assert found.topic is not None
        assert np.abs(plain.topic - found.topic).max() > 0.01


def test_there_must_be_a_layer_to_read(tmp_path: Path) -> None:
    encoder = weights.read(tiny.folder(tmp_path / "encoder", tiny.vocabulary()))
    for fork in (0, 1):
        with pytest.raises(ValueError, match=f"nothing is left of {fork}"):
            graph.write(encoder, "float32", 64, fork=fork)


def test_a_graph_of_before_there_was_a_branch_is_read(tmp_path: Path) -> None:
    """All states came at once then, the last layer's at the end: what a shop published stays in use."""
    encoder = weights.read(tiny.folder(tmp_path / "encoder", tiny.vocabulary()))
    model = onnx.load_from_string(graph.write(encoder, "float32", 64))
    kept = [each for each in model.graph.node if each.op_type != "If" and each.output[0] != "topics"]
    older = helper.make_graph(kept, "encoder", model.graph.input[:2], model.graph.output[:1], model.graph.initializer)
    model.graph.CopyFrom(older)
    served = Encoder(model.SerializeToString(), encoder.vocabulary, 64)
    now = Encoder(graph.write(encoder, "float32", 64), encoder.vocabulary, 64)
    for before, after in zip(served.encode(TEXTS), now.encode(TEXTS), strict=True):
        assert before.topic is not None
        assert after.topic is not None
        assert (before.meaning == after.meaning).all()
        assert np.abs(before.topic - after.topic).max() < 1e-6


def test_a_branch_is_read_as_it_was_written() -> None:
    known = branch.read(tiny.changes().content())
    again = branch.read(known.content())
    assert known.first == again.first == 2
    assert (known.weights == tiny.changes().weights).all()
    for name, (up, down) in tiny.changes().changes.items():
        for exact, kept, same in zip((up, down), known.changes[name], again.changes[name], strict=True):
            assert np.abs(exact - kept).max() < 1e-3
            assert (kept == same).all()


def test_a_text_is_encoded_the_same_alone_and_among_others(tmp_path: Path) -> None:
    made = encoders.made(tiny.folder(tmp_path / "encoder", tiny.vocabulary()))
    encoder = Encoder(made["encoder.onnx"], made["pieces.txt"].decode().splitlines(), 64)
    together = encoder.encode(TEXTS)
    for text, found in zip(TEXTS, together, strict=True):
        assert (encoder.encode([text])[0].meaning == found.meaning).all()


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
    assert found.topic is not None
    assert np.linalg.norm(found.topic) == pytest.approx(1.0, abs=1e-5)
    assert len(signed_bytes(found.topic)) == tiny.SIZE


def test_an_encoder_of_another_kind_is_refused(tmp_path: Path) -> None:
    folder = tiny.folder(tmp_path / "encoder", [])
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(config.replace('"gelu"', '"relu"'))
    with pytest.raises(ValueError, match="not a BERT encoder"):
        weights.read(folder)
