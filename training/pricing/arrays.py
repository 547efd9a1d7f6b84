"""The arrays of this package."""

import numpy as np
import numpy.typing as npt

type Doubles = npt.NDArray[np.float64]
type Bits = npt.NDArray[np.bool_]
type Whole = npt.NDArray[np.int64]
