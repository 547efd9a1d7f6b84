"""The exported graph: valid, and in agreement with the oracle and with sums done by hand."""

from typing import Any

import numpy as np
import onnx
import pytest

from shared.inference.session import HIDDEN, Session
from training.errors import GraphMismatch
from training.graph import OPSET, build
from training.matrix import ItemMatrix
from training.oracle import answer, verify


def random_matrix(items: int = 60, width: int = 8, seed: int = 4) -> ItemMatrix:
    draw = np.random.default_rng(seed)
    ids = np.stack([draw.permutation(items)[:width] for _ in range(2 * items)]).astype(np.int32)
    weights = draw.integers(-127, 128, ids.shape).astype(np.int8)
    # The last places of every third row are padding, as in a row with fewer neighbours.
    ids[::3, 5:], weights[::3, 5:] = 0, 0
    scale = draw.uniform(0.001, 0.02, 2 * items).astype(np.float32)
    return ItemMatrix(np.arange(items, dtype=np.int32), ids, weights, scale, np.zeros((2, items), dtype=np.float32))


def by_hand() -> ItemMatrix:
    """Item 0 speaks for 1 (1.0) and against 2 (-0.5); item 1 for 2 (2.0), and its second place is padding."""
    ids = np.array([[1, 2], [2, 0], [0, 0]] * 2, dtype=np.int32)
    weights = np.array([[100, -50], [100, 0], [0, 0]] * 2, dtype=np.int8)
    scale = np.array([0.01, 0.02, 1.0] * 2, dtype=np.float32)
    return ItemMatrix(np.arange(3, dtype=np.int32), ids, weights, scale, np.zeros((2, 3), dtype=np.float32))


def ask(matrix: ItemMatrix, items: list[int], weights: list[float], mask: list[float], k: int) -> list[Any]:
    session = Session(build(matrix))
    found = session.run(np.array(items), np.array(weights, np.float32), np.array(mask, np.float32), k)
    return [np.round(part.astype(np.float64), 5).tolist() for part in found]


def test_the_graph_is_valid_at_its_opset() -> None:
    model = onnx.load_from_string(build(random_matrix()))
    onnx.checker.check_model(model, full_check=True)
    assert [each.version for each in model.opset_import] == [OPSET]


def test_scores_and_contributions_by_hand() -> None:
    ids, scores, contributions = ask(by_hand(), [0, 1], [1.0, 0.5], [0.0, 0.0, 0.0], 3)
    assert ids == [1, 2, 0]
    assert scores == [1.0, 0.5, 0.0]
    assert contributions == [[1.0, -0.5, 0.0], [0.0, 1.0, 0.0]]


def test_the_mask_hides_and_lifts_without_touching_contributions() -> None:
    ids, scores, contributions = ask(by_hand(), [0], [1.0], [0.25, HIDDEN, 2.0], 2)
    assert ids == [2, 0]
    assert scores == [1.5, 0.25]
    assert contributions == [[-0.5, 0.0]]


@pytest.mark.parametrize("k", [1, 20, 60])
def test_contributions_sum_to_the_score_less_the_mask(k: int) -> None:
    matrix, draw = random_matrix(), np.random.default_rng(9)
    items, weights = draw.integers(0, 120, 15), draw.random(15, dtype=np.float32)
    mask = draw.random(60, dtype=np.float32)
    ids, scores, contributions = Session(build(matrix)).run(items, weights, mask, k)
    np.testing.assert_allclose(contributions.sum(axis=0), scores - mask[ids], atol=1e-5)
    expected = answer(matrix, items, weights, mask, k)
    assert ids.tolist() == expected.ids.tolist()
    np.testing.assert_allclose(contributions, expected.contributions, atol=1e-5)


def test_the_same_matrix_gives_the_same_bytes() -> None:
    assert build(random_matrix()) == build(random_matrix())


def test_a_faithful_graph_is_verified() -> None:
    verify(build(random_matrix()), random_matrix())
    verify(build(by_hand()), by_hand())


@pytest.mark.parametrize("part", ["weights", "ids", "scale"])
def test_a_graph_of_another_matrix_is_refused(part: str) -> None:
    matrix, other = random_matrix(), random_matrix()
    rows = getattr(other, part)
    rows[:] = np.roll(rows, 1, axis=0)
    with pytest.raises(GraphMismatch, match="differ from the oracle's"):
        verify(build(other), matrix)
