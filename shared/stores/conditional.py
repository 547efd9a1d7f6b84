"""Many conditional writes, alone and side by side or together in transactions, and which of them lost."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import sleep

from shared.domain.errors import StoreUnavailableError
from shared.stores.table import LOST, Put, Table, pauses

Write = Sequence[Put]
"""What is written together or not at all."""

MOST_IN_TRANSACTION = 100
WRITERS = 8


def write_all(table: Table, writes: Mapping[str, Write]) -> set[str]:
    """Make these writes; the names of those that were not made, since what stood there was not as expected.

    One of a single record is a plain conditional put, which costs half of what it would in a transaction.
    """
    single = {name: put for name, (put, *more) in writes.items() if not more}
    together = {name: write for name, write in writes.items() if name not in single}
    lost = set[str]().union(*(_write(table, batch) for batch in _packed(together)))
    with ThreadPoolExecutor(WRITERS) as pool:
        written = pool.map(lambda put: table.put_if(*put), single.values())
        return lost | {name for name, done in zip(single, written, strict=True) if not done}


def _packed(writes: Mapping[str, Write]) -> Iterator[dict[str, Write]]:
    """As many writes to a transaction as it takes."""
    batch: dict[str, Write] = {}
    for name, write in writes.items():
        if sum(map(len, batch.values())) + len(write) > MOST_IN_TRANSACTION:
            yield batch
            batch = {}
        batch[name] = write
    if batch:
        yield batch


def _write(table: Table, batch: Mapping[str, Write]) -> set[str]:
    """Transactions until all but the losers are written: a loser cancels the others' transaction too."""
    left = dict(batch)
    lost: set[str] = set()
    for pause in pauses():
        reasons = table.transact([put for write in left.values() for put in write])
        now_lost = set(_losers(left, reasons))
        lost |= now_lost
        left = {name: write for name, write in left.items() if name not in now_lost}
        if not (reasons and left):
            return lost
        if not now_lost:
            sleep(pause)
    raise StoreUnavailableError("The table did not take all the records.")


def _losers(writes: Mapping[str, Write], reasons: Iterable[str]) -> Iterator[str]:
    each = iter(reasons)
    for name, write in writes.items():
        if LOST in [next(each, "") for _ in write]:
            yield name
