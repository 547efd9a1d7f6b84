"""The owner's rules in the table, few enough to be read whole."""

from datetime import datetime, timedelta

from pydantic import ValidationError

from shared.domain.errors import InvalidInputError
from shared.domain.rules import MOST_RULES, PastRule, Rule, in_order
from shared.stores.documents import Document, Documents, Kind, Past, readable
from shared.stores.table import Table

RULES = Kind("RULES", "RULE#", "There is no rule {}.", "The rule has", "read it again", timedelta(days=365), past=True)
MOST_VERSIONS = 100


class RuleStore:
    """Puts, gets, lists and deletes rules, each conditional on the version that was read."""

    def __init__(self, table: Table) -> None:
        self._documents = Documents(table, RULES)

    def all(self) -> list[Rule]:
        """The rules in the order in which they count; eventually consistent, without those that cannot be read."""
        return in_order(readable(self._documents.all(), _rule))

    def get(self, rule_id: str) -> Rule:
        """One rule. Raises `NotFoundError`."""
        return _rule(self._documents.get(rule_id))

    def versions(self, rule_id: str) -> list[PastRule]:
        """What the rule was, the latest first: a year back, 100 at most, without what cannot be read.

        Raises `NotFoundError`.
        """
        return list(readable(self._documents.past(rule_id, MOST_VERSIONS), _past))

    def put(self, rule: Rule, now: datetime) -> Rule:
        """Write the rule, over any other version or over `rule.version` only (0: only if there is none).

        Raises `ConflictError`, and `InvalidInputError` where there are too many already.
        """
        if sum(each.rule_id != rule.rule_id for each in self.all()) >= MOST_RULES:
            raise InvalidInputError(f"There are {MOST_RULES} rules already: delete one first.")

        def at(version: int) -> Rule:
            return rule.model_copy(update={"version": version})

        return at(self._documents.put(rule.rule_id, rule.version, lambda n: at(n).model_dump_json(), now))

    def delete(self, rule_id: str, version: int | None, now: datetime) -> None:
        """Delete the rule, in any version or in this one only. Raises `NotFoundError` and `ConflictError`."""
        self._documents.delete(rule_id, version, now)


def _past(past: Past) -> PastRule:
    return PastRule(rule=_rule(past.document), until=past.until)


def _rule(document: Document) -> Rule:
    """Raises `InvalidInputError` for one that this release cannot read."""
    try:
        return Rule.model_validate_json(document.body, extra="ignore")
    except ValidationError as error:
        raise InvalidInputError(f"The stored rule {document.name} cannot be read.") from error
