"""Changes of what the archive holds already: erasing lines, and merging many small objects into few large ones.

An object is never changed: what shall be in its place is written first, and then it is deleted. So a crash leaves lines
twice, never none, and readers count an event once. Whoever rewrites a shard holds its lease, since one who had read
an object before another erased lines from it would write them back. Who appends needs none: that only adds objects.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain

from shared.domain.events import CustomerRef
from shared.domain.rights import Cut
from shared.stores.archive import ArchiveObject, ArchiveStore, columns_key, head, head_of, parse
from shared.stores.lease import LeaseStore

Doomed = Callable[[bytes], bool]
"""Whether a line shall not stay."""
Plan = Callable[[list[ArchiveObject]], Iterable[Sequence[str]]]
"""Which of a shard's objects are made one, as groups of keys."""
Wanted = Callable[[ArchiveObject], bool]
"""Whether an object shall have columns beside it."""
MERGED = "merged"
PATIENCE_SECONDS = 240


class ArchiveRewriter:
    """Rewrites the objects of a shard, one worker at a time."""

    def __init__(self, archive: ArchiveStore, leases: LeaseStore, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._archive = archive
        self._hold = partial(leases.hold, patience_seconds=patience_seconds)

    def count(self, shard: str, doomed: Doomed) -> int:
        """How many lines of a shard are doomed."""
        with self._hold(shard) as lease:
            total = 0
            for _, lines in self._archive.contents([each.key for each in self._archive.objects(shard)]):
                lease.renew()
                total += sum(map(doomed, lines or []))
            return total

    def erase(self, shard: str, doomed: Doomed) -> None:
        """Leave no doomed line in a shard."""
        with self._hold(shard) as lease:
            for key, lines in self._archive.contents([each.key for each in self._archive.objects(shard)]):
                lease.renew()
                kept = [line for line in lines or [] if not doomed(line)]
                if len(kept) < len(lines or []):
                    self._replace([key], key.split("/")[2], shard, kept)
            self._sweep(shard, self._archive.objects(shard))

    def unsettled(self, plan: Plan, wanted: Wanted) -> Iterator[str]:
        """The shards in which `merge` or `lay_columns` would find anything to do.

        It takes two listings for all of them, and no lease: a hint, since under the lease all is looked at again.
        """
        for shard, objects, laid in self._archive.standing():
            lacks_columns = any(wanted(each) and columns_key(each.key) not in laid for each in objects)
            is_swept = laid <= {columns_key(each.key) for each in objects}
            if lacks_columns or not is_swept or any(plan(objects)):
                yield shard

    def merge(self, shard: str, plan: Plan, doomed: Doomed) -> int:
        """Make one object of each group of keys that `plan` chooses, without doomed lines; how many were deleted.

        Equal lines become one. They are sorted, so that a customer's stand together, which compresses better.
        """
        with self._hold(shard) as lease:
            gone = 0
            for keys in plan(self._archive.objects(shard)):
                contents = list(chain.from_iterable(lines or [] for _, lines in self._archive.contents(keys)))
                kept = sorted({line for line in contents if not doomed(line)})
                if len(keys) > 1 or len(kept) < len(contents):
                    lease.renew()
                    gone += self._replace(keys, MERGED, shard, kept)
            return gone

    def lay_columns(self, shard: str, wanted: Wanted, has_time: Callable[[], bool]) -> int:
        """Lay columns beside the objects that are wanted to have them and have none; how many."""
        with self._hold(shard) as lease:
            objects = self._archive.objects(shard)
            laid = self._sweep(shard, objects)
            done = 0
            for each in objects:
                if wanted(each) and columns_key(each.key) not in laid and has_time():
                    lease.renew()
                    self._archive.write_columns(each.key)
                    done += 1
            return done

    def customers(self, shard: str) -> set[CustomerRef]:
        """Whose lines are in a shard."""
        keys = [each.key for each in self._archive.objects(shard)]
        first = {head_of(line): line for _, lines in self._archive.contents(keys) for line in lines or []}
        return {parse(line).customer for line in first.values()}

    def _sweep(self, shard: str, objects: Iterable[ArchiveObject]) -> set[str]:
        """Delete columns whose object is gone, left by one who lost the lease while at work; the keys of the others."""
        laid = self._archive.columns_keys(shard)
        standing = {columns_key(each.key) for each in objects}
        self._archive.delete_columns(laid - standing)
        return laid & standing

    def _replace(self, keys: Sequence[str], folder: str, shard: str, lines: Sequence[bytes]) -> int:
        written = self._archive.write(f"{shard}/{folder}", lines) if lines else None
        gone = [key for key in keys if key != written]
        self._archive.delete(gone)
        return len(gone)


def of_customers(customers: Iterable[CustomerRef], cut: Cut) -> Doomed:
    """The lines that erasing these customers takes."""
    heads = frozenset(map(head, customers))
    return lambda line: head_of(line) in heads and cut.takes(parse(line).time)


def of_everyone(cut: Cut) -> Doomed:
    """The lines that erasing all customers takes."""
    return lambda line: cut.takes(parse(line).time)
