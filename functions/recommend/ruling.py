"""The owner's rules as they stand on one surface now, applied to one list.

In this order, whatever the rules are called: filters (the request's and the owner's) win over everything; boosts and
buries multiply the score; pins take their places; quotas skip; floors replace what stands last. Among rules of a kind
the higher priority comes first, then the `rule_id`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.recommend import reasons
from functions.recommend.ranking import Candidate
from shared.domain.filters import parse_owners, text_field
from shared.domain.items import Item
from shared.domain.rules import Boost, Bury, Floor, Only, Pin, Quota, Rule, in_order


@dataclass(frozen=True)
class Active[E]:
    """A rule with its effect, and whether it concerns an item."""

    rule: Rule
    effect: E
    concerns: Callable[[Item], bool]


class Ruling:
    """The rules that hold on this surface now."""

    def __init__(self, rules: Sequence[Rule], surface: str, now: datetime) -> None:
        held = in_order(rule for rule in rules if rule.holds(surface, now))
        self._filters = list(_active(held, Only))
        self._weights: list[Active[Boost | Bury]] = [*_active(held, Boost), *_active(held, Bury)]
        self._quotas = list(_active(held, Quota))
        self.floors = list(_active(held, Floor))
        self.pins = list(_active(held, Pin))

    @property
    def filters(self) -> tuple[str | None, ...]:
        """The expressions of the rules that leave items out."""
        return tuple(each.rule.filter for each in self._filters)

    @property
    def reorders(self) -> bool:
        """Whether more candidates are needed than are shown, since others may come before them."""
        return bool(self._weights or self._quotas or self.floors)

    def allows(self, item: Item) -> bool:
        """Whether the item may be shown at all."""
        return all(each.concerns(item) for each in self._filters)

    def weighed(self, item: Item, candidate: Candidate) -> Candidate:
        """The candidate with its score boosted and buried, each rule's part of it exact."""
        score, told = candidate.score, list(candidate.reasons)
        for each in self._weights:
            if each.concerns(item):
                by = score * (each.effect.factor - 1.0)
                told.append(reasons.ruled(each.rule.rule_id, each.rule.name, by))
                score += by
        return candidate._replace(score=score, reasons=told)

    def quotas(self) -> "Quotas":
        """The quotas of one list, with nothing in it yet."""
        return Quotas(self._quotas)


class Quotas:
    """What a list has taken of its quotas."""

    def __init__(self, quotas: Sequence[Active[Quota]]) -> None:
        self._quotas = quotas
        self._taken: Counter[tuple[str, str | None]] = Counter()

    def room(self, item: Item) -> bool:
        """Whether one more like this may be in the list."""
        return all(self._taken[key] < most for key, most in self._keys(item))

    def take(self, item: Item) -> None:
        """Count an item that is in the list."""
        self._taken.update(key for key, _ in self._keys(item))

    def _keys(self, item: Item) -> Iterator[tuple[tuple[str, str | None], int]]:
        for each in self._quotas:
            value = text_field(each.effect.per)(item) if each.effect.per else ""
            if value is not None and each.concerns(item):
                yield (each.rule.rule_id, value), each.effect.most


def moved(candidate: Candidate, rule: Rule) -> Candidate:
    """The candidate with the word that this rule moved it, at the same score."""
    return candidate._replace(reasons=[*candidate.reasons, reasons.ruled(rule.rule_id, rule.name, 0.0)])


def placed(item_id: str, rule: Rule) -> Candidate:
    """An item that stands in the list by a rule alone."""
    return Candidate(item_id, 0.0, [reasons.ruled(rule.rule_id, rule.name, 0.0)])


def _active[E](rules: Sequence[Rule], kind: type[E]) -> Iterator[Active[E]]:
    for rule in rules:
        if isinstance(rule.effect, kind):
            yield Active(rule, rule.effect, parse_owners(rule.filter) if rule.filter else _all)


def _all(_: Item) -> bool:
    return True
