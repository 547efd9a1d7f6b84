"""Keeps the linear algebra library to one thread while this package runs its own: two pools on the same cores fight."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

_SETTERS = ("scipy_openblas_set_num_threads64_", "openblas_set_num_threads")
_GETTERS = ("scipy_openblas_get_num_threads64_", "openblas_get_num_threads")


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """One thread for numpy's OpenBLAS inside the block; does nothing for another library.

    The environment variable would do the same, but only when set before numpy is first imported.
    """
    library = _openblas()
    if library is None:
        yield
        return
    setter, threads = library
    setter(1)
    try:
        yield
    finally:
        setter(threads)


def _openblas() -> tuple["ctypes._NamedFuncPointer", int] | None:
    for path in sorted((Path(np.__file__).parent.parent / "numpy.libs").glob("*openblas*")):
        library = ctypes.CDLL(str(path))
        for getter, setter in zip(_GETTERS, _SETTERS, strict=True):
            if hasattr(library, getter):
                return getattr(library, setter), int(getattr(library, getter)())
    return None
