"""A ranking of what is said of few items is that of a full sort; only those who are asked about have histories."""

import numpy as np
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from tests.training.shops import two_tastes
from training.interactions import collect
from training.metrics import RECALL_AT
from training.ranking import top
from training.split import Histories


@given(st.integers(0, 10_000), st.integers(5, 60))
def test_the_best_are_those_of_a_full_sort(seed: int, items: int) -> None:
    """Few levels, so that many are equal; some are never shown, some hidden from a row."""
    draw = np.random.default_rng(seed)
    start = draw.integers(0, 4, items).astype(np.float32)
    start[draw.random(items) < 0.1] = -np.inf
    terms = np.where(draw.random((4, items)) < 0.3, draw.integers(-2, 3, (4, items)), 0).astype(np.float32)
    hidden = draw.random((4, items)) < 0.2
    found = top(sp.csr_matrix(terms), start, sp.csr_matrix(hidden.astype(np.float32)))
    for row, away, got in zip(start + terms, hidden, found, strict=True):
        row[away] = -np.inf
        best = [column for column in np.argsort(-row, kind="stable")[:RECALL_AT] if row[column] > 0]
        assert got[got >= 0].tolist() == best


def test_histories_are_made_of_those_who_are_asked_about() -> None:
    view = collect(two_tastes())
    histories = Histories(view)
    newest = histories[3][0]
    assert list(histories._made) == [3]
    mine = np.flatnonzero(view.event_customer == 3)
    assert newest.time == view.event_time[mine].max()
    assert len(list(histories)) == len(view.customers)
