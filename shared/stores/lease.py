"""Leases: one worker at a time rewrites a shard of the archive. One who dies with a lease holds it until it expires."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep, time

from shared.domain.errors import ConflictError
from shared.stores.table import Table

SORT = "LEASE"
SECONDS = 120
PAUSE_SECONDS = 0.5


class Lease:
    """One held lease. Its holder calls `renew` before each change, and stops where that raises."""

    def __init__(self, table: Table, name: str, seconds: float, clock: Callable[[], float]) -> None:
        self._table = table
        self._pk = f"LEASE#{name}"
        self._seconds = seconds
        self._clock = clock
        self._owner = secrets.token_hex(16)
        self._until = self._renewed = 0.0

    def take(self) -> bool:
        """Whether the lease is ours now: it was free, expired, or ours already."""
        now = self._clock()
        until = now + self._seconds
        record = {"pk": self._pk, "sk": SORT, "held_by": self._owner, "held_until": _millis(until)}
        values = {":me": self._owner, ":now": _millis(now)}
        free = "attribute_not_exists(pk) OR held_by = :me OR held_until < :now"
        taken = self._table.put_if(record, free, values)
        if taken:
            self._until, self._renewed = until, now
        return taken

    def renew(self) -> None:
        """Make sure that the lease is still ours, and lasts. Raises `ConflictError` where another may have it."""
        now = self._clock()
        since = now - self._renewed
        if 0 <= since < self._seconds / 2:
            return
        # As long after the last as time has passed: a clock that was set back must not let it run out by the others'.
        until = max(now + self._seconds, self._until + max(0.0, since))
        if not self._set_until(until):
            raise ConflictError("The lease was lost to another.")
        self._until, self._renewed = until, now

    def give_back(self) -> None:
        """Let the next one have it at once."""
        self._set_until(0.0)

    def _set_until(self, until: float) -> bool:
        values = {":until": _millis(until), ":me": self._owner}
        return self._table.update_if(
            (self._pk, SORT), "SET #until = :until", "held_by = :me", {"#until": "held_until"}, values
        )


class LeaseStore:
    """Hands out leases by name."""

    def __init__(self, table: Table, seconds: float = SECONDS, clock: Callable[[], float] = time) -> None:
        self._table = table
        self._seconds = seconds
        self._clock = clock

    @contextmanager
    def hold(self, name: str, patience_seconds: float) -> Iterator[Lease]:
        """Hold a lease for the block. Raises `ConflictError` where others hold it for longer than our patience."""
        lease = Lease(self._table, name, self._seconds, self._clock)
        deadline = monotonic() + patience_seconds
        while not lease.take():
            if monotonic() >= deadline:
                raise ConflictError(f"{name} is being rewritten by another.")
            sleep(PAUSE_SECONDS)
        try:
            yield lease
        finally:
            lease.give_back()


def _millis(seconds: float) -> int:
    return int(seconds * 1000)
