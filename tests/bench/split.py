"""Where the CPU time of a request goes: parts that nest, each charged with what no part inside it took."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch


class Split:
    """CPU seconds by part, and for how long, by the wall, at least one thread was in each."""

    def __init__(self) -> None:
        self.cpu: dict[str, float] = defaultdict(float)
        self.wall: dict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()
        self._here = threading.local()
        self._lock = threading.Lock()
        self._inside: Counter[str] = Counter()
        self._since: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Charge what happens inside to `name`, and not to the part around it."""
        stack = self._here.__dict__.setdefault("stack", [])
        self._charge(stack)
        stack.append(name)
        self._enter(name)
        try:
            yield
        finally:
            self._leave(name)
            self._charge(stack)
            stack.pop()

    def _charge(self, stack: list[str]) -> None:
        now = time.thread_time()
        if stack:
            with self._lock:
                self.cpu[stack[-1]] += now - self._here.last
        self._here.last = now

    def _enter(self, name: str) -> None:
        with self._lock:
            self.calls[name] += 1
            self._inside[name] += 1
            if self._inside[name] == 1:
                self._since[name] = time.perf_counter()

    def _leave(self, name: str) -> None:
        with self._lock:
            self._inside[name] -= 1
            if self._inside[name] == 0:
                self.wall[name] += time.perf_counter() - self._since[name]

    @contextmanager
    def of(self, *places: tuple[str, Any, str]) -> Iterator[None]:
        """Charge every call of these (part, object, name of its function) meanwhile."""
        with ExitStack() as patched:
            for part, owner, name in places:
                patched.enter_context(patch.object(owner, name, self._charged(part, getattr(owner, name))))
            yield

    def _charged(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def charged(*arguments: Any, **named: Any) -> Any:
            with self.part(part):
                return call(*arguments, **named)

        return charged
