"""Price experiments in the table: one partition of definitions and results, and one of each experiment's parts."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import ValidationError

from shared.domain.errors import ConflictError, FieldError, InvalidInputError, NotFoundError, StoreUnavailableError
from shared.domain.experiment_parts import Part
from shared.domain.experiment_results import ExperimentResults
from shared.domain.experiments import Experiment, Phase
from shared.stores.conditional import write_all
from shared.stores.table import Put, Record, Table

PARTITION = "PRICE_EXPERIMENTS"
PREFIX, RESULTS = "EXPERIMENT#", "RESULTS#"
PARTS, ITEM = "PRICE_EXPERIMENT#", "ITEM#"
KEPT = timedelta(days=400)
"""After its end."""
MOST_EXPERIMENTS = 20
"""That are planned, run, or are still looked at."""


class ExperimentStore:
    """Puts, gets, lists and stops experiments, and keeps their parts and results."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def all(self) -> list[Experiment]:
        """By id. Raises `StoreUnavailableError` for what this release cannot read: its prices would be nobody's."""
        found = self._table.query_all(PARTITION, consistent=True)
        return [_experiment(record) for record in found if record["sk"].startswith(PREFIX) and "body" in record]

    def get(self, experiment_id: str) -> Experiment:
        """One experiment. Raises `NotFoundError`."""
        record = self._record(experiment_id)
        if record is None or "body" not in record:
            raise NotFoundError(f"There is no price experiment {experiment_id}.")
        return _experiment(record)

    def put(self, experiment: Experiment, now: datetime) -> Experiment:
        """Write an experiment that has not begun, over any version or over its own (0: only if there is none).

        The same again changes nothing. Raises `ConflictError` and `InvalidInputError`.
        """
        before = self._record(experiment.experiment_id)
        known = _experiment(before) if before and "body" in before else None
        if known and known.body == experiment.body and not known.stopped:
            return known
        if known and known.phase(now.date()) is not Phase.PLANNED:
            raise ConflictError("It has begun, or was stopped: start another under another id.")
        _require(experiment.version, before)
        if experiment.start <= now.date():
            raise InvalidInputError("The request is not valid.", [FieldError("start", "must be after today (UTC)")])
        others = [each for each in self.all() if each.experiment_id != experiment.experiment_id]
        if sum(not each.is_past(now) for each in others) >= MOST_EXPERIMENTS:
            raise InvalidInputError(f"There are {MOST_EXPERIMENTS} price experiments already.")
        return self._write(experiment, before)

    def stop(self, experiment_id: str, version: int | None, now: datetime) -> Experiment:
        """Say that it is over; one that is stays as it is. Raises `NotFoundError` and `ConflictError`."""
        found = self.get(experiment_id)
        if found.phase(now.date()) in {Phase.STOPPED, Phase.ENDED}:
            return found
        before = self._record(experiment_id)
        _require(version, before)
        return self._write(found.model_copy(update={"stopped": now}), before)

    def _write(self, experiment: Experiment, before: Record | None) -> Experiment:
        after = experiment.model_copy(update={"version": _version(before) + 1})
        condition = "attribute_not_exists(pk)" if before is None else "version = :version"
        values = None if before is None else {":version": before["version"]}
        record = {
            "pk": PARTITION,
            "sk": PREFIX + after.experiment_id,
            "body": after.model_dump_json(exclude={"version"}),
            "version": after.version,
            "expires_at": _expires(after),
        }
        if not self._table.put_if(record, condition, values):
            raise ConflictError("Somebody else changed the experiment at the same time: read it again.")
        return after

    def _record(self, experiment_id: str) -> Record | None:
        return self._table.get(PARTITION, PREFIX + experiment_id)

    def parts(self, experiment_id: str) -> dict[str, Part]:
        """The items that take part or did, by id."""
        found = map(_part, self._table.query_all(PARTS + experiment_id, consistent=True))
        return {part.item_id: part for part in found}

    def part(self, experiment_id: str, item_id: str) -> Part | None:
        """One item's part."""
        record = self._table.get(PARTS + experiment_id, ITEM + item_id)
        return _part(record) if record else None

    def write_parts(self, changed: Iterable[tuple[Experiment, Part | None, Part]]) -> set[str]:
        """Write parts over those that were read; the items of those that somebody else has changed since."""
        return write_all(self._table, {after.item_id: (put_part(*each),) for each in changed if (after := each[2])})

    def results(self, experiment_id: str) -> ExperimentResults | None:
        """What the last night has found; None where none has looked, or a later release has."""
        record = self._table.get(PARTITION, RESULTS + experiment_id, consistent=False)
        try:
            return ExperimentResults.model_validate_json(record["body"]) if record else None
        except ValidationError:
            return None

    def put_results(self, experiment: Experiment, results: ExperimentResults) -> None:
        """Over the last night's."""
        key = {"pk": PARTITION, "sk": RESULTS + experiment.experiment_id}
        self._table.put(key | {"body": results.model_dump_json(), "expires_at": _expires(experiment)})


def put_part(experiment: Experiment, before: Part | None, after: Part) -> Put:
    """The write of a part over the one that was read."""
    record: Record = {
        "pk": PARTS + after.experiment_id,
        "sk": ITEM + after.item_id,
        "body": after.model_dump_json(exclude_none=True),
        "revision": after.revision,
        "expires_at": _expires(experiment),
    }
    if before is None:
        return Put(record, "attribute_not_exists(pk)")
    return Put(record, "revision = :revision", {":revision": before.revision})


def _expires(experiment: Experiment) -> int:
    return int((datetime.fromisoformat(f"{experiment.end}T00:00:00+00:00") + KEPT).timestamp())


def _experiment(record: Record) -> Experiment:
    name = record["sk"].removeprefix(PREFIX)
    try:
        found = Experiment.model_validate_json(record["body"], extra="ignore")
    except ValidationError as error:
        raise StoreUnavailableError(f"The stored price experiment {name} cannot be read.") from error
    return found.model_copy(update={"version": int(record["version"])})


def _part(record: Record) -> Part:
    return Part.model_validate_json(record["body"])


def _version(record: Record | None) -> int:
    return int(record["version"]) if record else 0


def _require(version: int | None, before: Record | None) -> None:
    if version is not None and version != _version(before):
        raise ConflictError(f"The experiment has version {_version(before)}, not {version}: read it again.")
