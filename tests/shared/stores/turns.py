"""Two writers at once, in an order of their calls that is given: what a race does is then no accident."""

from collections.abc import Callable, Sequence
from threading import Condition, Thread, current_thread
from typing import Any

from shared.stores import clients

PATIENCE = 30.0


class Turns:
    """Runs writers on threads, one call of a store at a time, as `schedule` says by their names.

    A writer whose turn it is and who is done passes it on; what is left when the schedule is over goes by name.
    """

    def __init__(self, writers: dict[str, Callable[[], object]], schedule: Sequence[str]) -> None:
        self._writers = writers
        self._schedule = list(schedule)
        self._running = set(writers)
        self._free = Condition()
        self.calls: list[tuple[str, str]] = []
        self.outcomes: dict[str, object] = {}

    def run(self) -> dict[str, object]:
        """What each writer gave or raised."""
        events = [client.meta.events for client in (clients.dynamodb(), clients.s3())]
        for each in events:
            each.register_first("before-call", self._begin)
            each.register_last("after-call", self._end)
        try:
            threads = [Thread(target=self._write, args=(name,), name=name) for name in self._writers]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(PATIENCE)
                assert not thread.is_alive(), f"stuck after {self.calls}"
        finally:
            for each in events:
                each.unregister("before-call", self._begin)
                each.unregister("after-call", self._end)
        return self.outcomes

    def _write(self, name: str) -> None:
        try:
            self.outcomes[name] = self._writers[name]()
        except Exception as error:
            self.outcomes[name] = error
        with self._free:
            self._running.discard(name)
            self._free.notify_all()

    def _begin(self, model: Any, **_: Any) -> None:
        name = current_thread().name
        with self._free:
            assert self._free.wait_for(lambda: self._turn() == name, PATIENCE), f"{name} never came to its turn"
            self.calls.append((name, model.name))

    def _end(self, **_: Any) -> None:
        with self._free:
            if self._schedule:
                self._schedule.pop(0)
            self._free.notify_all()

    def _turn(self) -> str:
        while self._schedule and self._schedule[0] not in self._running:
            self._schedule.pop(0)
        return self._schedule[0] if self._schedule else min(self._running)
