"""A table in memory that fails when it is told to, for tests that draw thousands of deliveries."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shared.domain.errors import StoreUnavailableError


class Memory:
    """A table in memory, as far as counters need it.

    `refused` says for each call to come whether it fails, "before" it is done or "after", as one whose answer was lost.
    """

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], dict[str, Any]] = {}
        self.refused: Iterator[str] = iter(())

    def update_if(self, key: Any, expression: str, condition: str, names: Any, values: Any) -> bool:
        assert expression.startswith("ADD ")
        with self._failing():
            return self._update(key, expression, condition, names, values)

    def _update(self, key: Any, expression: str, condition: str, names: Any, values: Any) -> bool:
        record = self.records.get(key, {})
        last, seen = record.get(names["#last"]), values.get(":seen")
        if "not_exists" in condition and "OR" not in condition:
            holds = last is None
        else:
            holds = last is None or last < seen if "OR" in condition else last == seen
        if holds:
            adds = [pair.split() for pair in expression.removeprefix("ADD ").split(" SET ")[0].split(", ")]
            record = record | {names[name]: record.get(names[name], 0) + values[value] for name, value in adds}
            self.records[key] = record | {names["#last"]: values[":last"]}
        return holds

    def put_if(self, record: Any, condition: str, values: Any) -> bool:
        assert condition == "attribute_not_exists(pk) OR claimed_by = :by"
        with self._failing():
            found = self.records.setdefault((record["pk"], record["sk"]), record)
            return bool(found["claimed_by"] == values[":by"])

    def get(self, pk: str, sk: str) -> Any:
        with self._failing():
            return self.records.get((pk, sk))

    @contextmanager
    def _failing(self) -> Iterator[None]:
        fault = next(self.refused, "")
        if fault == "before":
            raise StoreUnavailableError("no")
        yield
        if fault == "after":
            raise StoreUnavailableError("no")

    def query_all(self, pk: str) -> Any:
        return (record for (found, _), record in self.records.items() if found == pk)
