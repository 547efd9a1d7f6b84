"""The owner's rules in the table: one partition, small enough to be read whole.

A rule that was deleted leaves its version behind for a month, so that one of the same name goes on from there.
"""

from datetime import datetime, timedelta

from aws_lambda_powertools import Logger
from pydantic import ValidationError

from shared.domain.errors import ConflictError, InvalidInputError, NotFoundError
from shared.domain.rules import MOST_RULES, Rule, in_order
from shared.stores.table import Record, Table

PARTITION = "RULES"
PREFIX = "RULE#"
REMEMBERED = timedelta(days=30)

logger = Logger(child=True)


class RuleStore:
    """Puts, gets, lists and deletes rules, each conditional on the version that was read."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def all(self) -> list[Rule]:
        """The rules in the order in which they count; eventually consistent.

        Without those that cannot be read, as after a rollback from a release that knew more kinds: one of them must not
        take every list with it.
        """
        records = [record for record in self._table.query_all(PARTITION) if "body" in record]
        return in_order(rule for rule in map(_readable, records) if rule)

    def get(self, rule_id: str) -> Rule:
        """One rule. Raises `NotFoundError`."""
        record = self._table.get(PARTITION, PREFIX + rule_id)
        if record is None or "body" not in record:
            raise NotFoundError(f"There is no rule {rule_id}.")
        return _rule(record)

    def put(self, rule: Rule) -> Rule:
        """Write the rule, over any other version or over `rule.version` only (0: only if there is none).

        Raises `ConflictError`, and `InvalidInputError` where there are too many already.
        """
        before = self._table.get(PARTITION, PREFIX + rule.rule_id)
        there = before is not None and "body" in before
        if not there and len(self.all()) >= MOST_RULES:
            raise InvalidInputError(f"There are {MOST_RULES} rules already: delete one first.")
        _require(rule.version, before)
        after = rule.model_copy(update={"version": _version(before) + 1})
        self._write(rule.rule_id, before, {"body": after.model_dump_json(), "version": after.version})
        return after

    def delete(self, rule_id: str, version: int | None, now: datetime) -> None:
        """Delete the rule, in any version or in this one only. Raises `NotFoundError` and `ConflictError`."""
        before = self._table.get(PARTITION, PREFIX + rule_id)
        if before is None or "body" not in before:
            raise NotFoundError(f"There is no rule {rule_id}.")
        _require(version, before)
        expires = int((now + REMEMBERED).timestamp())
        self._write(rule_id, before, {"version": _version(before) + 1, "expires_at": expires})

    def _write(self, rule_id: str, before: Record | None, record: Record) -> None:
        condition = "attribute_not_exists(pk)" if before is None else "version = :version"
        values = None if before is None else {":version": before["version"]}
        if not self._table.put_if({"pk": PARTITION, "sk": PREFIX + rule_id} | record, condition, values):
            raise ConflictError("Somebody else changed the rule at the same time: read it again.")


def _rule(record: Record) -> Rule:
    """The rule of a record; raises `InvalidInputError` for one that this version of the code cannot read."""
    try:
        return Rule.model_validate_json(record["body"], extra="ignore")
    except ValidationError as error:
        raise InvalidInputError(f"The stored rule {record['sk'].removeprefix(PREFIX)} cannot be read.") from error


def _readable(record: Record) -> Rule | None:
    try:
        return _rule(record)
    except InvalidInputError:
        logger.warning("a rule is left out, since it cannot be read", extra={"rule": record["sk"]})
        return None


def _version(record: Record | None) -> int:
    return int(record["version"]) if record else 0


def _require(version: int | None, before: Record | None) -> None:
    have = _version(before) if before and "body" in before else 0
    if version is not None and version != have:
        raise ConflictError(f"The rule has version {have}, not {version}: read it again.")
