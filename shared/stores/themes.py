"""What the daily run over the feedback found: three records a run, and one pointer to the run that counts, moved last.

No record holds what a customer said. Which issues the owner was told of is a record of its own for each, so that a
repeat of a run that broke off does not tell twice.
"""

import json
import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from shared.domain.errors import ConflictError
from shared.domain.themes import Centroid, FoundIssue, FoundTheme, Run
from shared.stores.table import Record, Table

PARTITION = "THEMES"
POINTER = "CURRENT"
TOLD = "ISSUE#"
KEPT = timedelta(days=30)
"""Of a run that was followed by another: whoever reads it has long read it."""
REMEMBERED = timedelta(days=400)
CLAIMED = timedelta(minutes=20)
"""As long as a run may take: whoever claimed an issue and did not tell within it has died on the way."""
MOST_BYTES = 380_000
"""Of one record: DynamoDB takes 400 KB."""


class ThemeStore:
    """Publishes runs and reads the one that counts."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def current(self) -> Run | None:
        """The run that counts, or None before the first."""
        pointer = self._table.get(PARTITION, POINTER)
        if pointer is None:
            return None
        parts = self._parts(str(pointer["run_id"]), ("THEMES", "ISSUES"))
        head = Run.model_validate_json(pointer["body"])
        themes = tuple(FoundTheme.model_validate(each) for each in _lines(parts["THEMES"]["body"]))
        issues = tuple(FoundIssue.model_validate(each) for each in _lines(parts["ISSUES"]["body"]))
        return head.model_copy(update={"themes": themes, "issues": issues})

    def centroids(self, run_id: str) -> tuple[Centroid, ...]:
        """Where the themes of a run lay among meanings, and those that it remembered."""
        record = self._parts(run_id, ("CENTROIDS",))["CENTROIDS"]
        size, vectors = int(record["size"]), bytes(record["vectors"])
        return tuple(
            Centroid(
                theme_id=str(theme_id),
                label=str(label),
                first_seen=date.fromisoformat(str(first)),
                last_seen=date.fromisoformat(str(last)),
                vector=vectors[at * size : (at + 1) * size],
            )
            for at, (theme_id, label, first, last) in enumerate(_lines(record["body"]))
        )

    def publish(self, run: Run, centroids: Sequence[Centroid]) -> None:
        """Make this the run that counts, if none was published since the one before it. Raises `ConflictError`.

        What does not fit a record is left out from the end: the smallest themes, the issues closed longest ago.
        """
        expires = int((run.as_of + REMEMBERED).timestamp())
        for record in _records(run, centroids):
            self._table.put(record | {"pk": _partition(run.run_id), "expires_at": expires})
        before = self._table.get(PARTITION, POINTER)
        head = run.model_copy(update={"themes": (), "issues": ()})
        pointer = {"pk": PARTITION, "sk": POINTER, "run_id": run.run_id, "revision": run.revision}
        free = "attribute_not_exists(pk)" if run.revision == 1 else "revision = :before"
        values = None if run.revision == 1 else {":before": run.revision - 1}
        if not self._table.put_if(pointer | {"body": head.model_dump_json()}, free, values):
            raise ConflictError("Another run over the feedback was published first.")
        if before:
            self._forget(str(before["run_id"]), run.as_of)

    def claim(self, issue_id: str, now: datetime) -> bool:
        """Whether it is for us to tell the owner of this issue: nobody did, and nobody is about to."""
        record = {"pk": PARTITION, "sk": TOLD + issue_id, "claimed_at": _seconds(now), "told": False}
        record["expires_at"] = _seconds(now + REMEMBERED)
        free = "attribute_not_exists(pk) OR (told = :no AND claimed_at < :stale)"
        return self._table.put_if(record, free, {":no": False, ":stale": _seconds(now - CLAIMED)})

    def told(self, issue_id: str) -> None:
        """The owner was told: nobody does it again."""
        self._change(issue_id, "SET #a = :v", "told", True)

    def release(self, issue_id: str) -> None:
        """It could not be told: the next run may try."""
        self._change(issue_id, "SET #a = :v", "claimed_at", 0)

    def _change(self, issue_id: str, expression: str, attribute: str, value: object) -> None:
        key = (PARTITION, TOLD + issue_id)
        self._table.update_if(key, expression, "attribute_exists(pk)", {"#a": attribute}, {":v": value})

    def _parts(self, run_id: str, names: Iterable[str]) -> dict[str, Record]:
        found = self._table.get_many((_partition(run_id), name) for name in names)
        return {str(record["sk"]): record for record in found}

    def _forget(self, run_id: str, now: datetime) -> None:
        """Let the records of a run go by their time to live."""
        for name in ("THEMES", "ISSUES", "CENTROIDS"):
            key, values = (_partition(run_id), name), {":v": _seconds(now + KEPT)}
            self._table.update_if(key, "SET #a = :v", "attribute_exists(pk)", {"#a": "expires_at"}, values)


def _records(run: Run, centroids: Sequence[Centroid]) -> list[Record]:
    themes = [each.model_dump_json(exclude_defaults=True) for each in run.themes]
    issues = [each.model_dump_json(exclude_defaults=True) for each in run.issues]
    return [
        {"sk": "THEMES", "body": _packed(themes)},
        {"sk": "ISSUES", "body": _packed(issues)},
        _of_centroids(centroids),
    ]


def _of_centroids(centroids: Sequence[Centroid]) -> Record:
    """As many as fit, the first ones."""
    size = len(centroids[0].vector) if centroids else 0
    kept = centroids[: MOST_BYTES // (size + 100)]
    rows = [json.dumps([each.theme_id, each.label, str(each.first_seen), str(each.last_seen)]) for each in kept]
    return {"sk": "CENTROIDS", "size": size, "body": _packed(rows), "vectors": b"".join(each.vector for each in kept)}


def _packed(lines: list[str]) -> bytes:
    """Compressed lines; from the end as few left out as must be."""
    while len(body := zlib.compress("\n".join(lines).encode())) > MOST_BYTES:
        lines = lines[: int(len(lines) * 0.95)]
    return body


def _lines(body: bytes) -> list[Any]:
    # Not `splitlines`: an id may hold U+2028, which JSON leaves as it is.
    return [json.loads(line) for line in zlib.decompress(body).decode().split("\n") if line]


def _partition(run_id: str) -> str:
    return f"{PARTITION}#{run_id}"


def _seconds(time: datetime) -> int:
    return int(time.timestamp())
