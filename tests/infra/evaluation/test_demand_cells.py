"""Columns of a file as covariates: what an empty cell is, and numbers too large to count with."""

import numpy as np
import pytest

from infra.evaluation.demand_cells import LARGEST, covariates


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["yes", "", "No", "n/a"], [1, 0, 0, 0]),
        (["1", "0", "", "1"], [1, 0, 0, 1]),
        (["yes", "", "yes"], [1, 0, 1]),
        (["10", "", "10"], [10, 0, 10]),
        (["10", "", "20"], [10, 15, 20]),
        (["1e300", "-1e308", "inf"], [LARGEST, -LARGEST, 0]),
    ],
)
def test_numbers_and_flags(cells: list[str], numbers: list[float]) -> None:
    found = covariates("x", cells)
    assert found is not None
    assert found["x"].tolist() == numbers


def test_one_odd_number_does_not_fill_the_empty_cells() -> None:
    found = covariates("x", [*map(str, range(1, 200)), "1e12", ""])
    assert found is not None
    assert found["x"][-1] == pytest.approx(100.5, abs=1)


def test_words() -> None:
    found = covariates("x", ["yes", "no", "maybe", "maybe"])
    assert found is not None
    assert sorted(found) == ["x=no", "x=yes"]
    assert found["x=yes"].tolist() == [1, 0, 0, 0]
    assert covariates("x", list("abcdefg")) is None
    assert np.isfinite(found["x=no"]).all()
