"""What each import costs in CPU: installed at a start of the interpreter, before anything of interest is imported.

`-X importtime` measures by the wall, and so whatever else a machine does meanwhile.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from importlib.machinery import ExtensionFileLoader, SourceFileLoader
from types import ModuleType
from typing import Any


class Imports:
    """Milliseconds of CPU of each module by itself: to find, read and run it, without what it imports in turn."""

    def __init__(self) -> None:
        self.own: defaultdict[str, float] = defaultdict(float)
        self._inner = [0.0]

    def install(self) -> None:
        for loader in (SourceFileLoader, ExtensionFileLoader):
            setattr(loader, "exec_module", self._timed(loader.exec_module))  # noqa: B010 - mypy takes no assignment

    def _timed(self, run: Callable[[Any, ModuleType], None]) -> Callable[[Any, ModuleType], None]:
        def timed(loader: Any, module: ModuleType) -> None:
            self._inner.append(0.0)
            begun = time.thread_time()
            try:
                run(loader, module)
            finally:
                whole = (time.thread_time() - begun) * 1e3
                self.own[module.__name__] += whole - self._inner.pop()
                self._inner[-1] += whole

        return timed
