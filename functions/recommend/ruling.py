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
from functions.recommend.reasons import Term
from shared.domain.filters import goes_by_feedback, parse_owners, text_field
from shared.domain.items import Item
from shared.domain.opinions import Opinions
from shared.domain.rules import Boost, Bury, Floor, Only, Pin, Quota, Rule, in_order


@dataclass(frozen=True)
class Active[E]:
    """A rule with its effect, whether it concerns an item, and by what feedback, where it goes by that."""

    rule: Rule
    effect: E
    concerns: Callable[[Item], bool]
    opinions: Opinions | None = None

    def reason(self, item: Item, contribution: float = 0.0) -> Term:
        """What the rule did to the item's score: nothing where it only moved the item."""
        opinion = self.opinions.of(item.item_id) if self.opinions else None
        return reasons.ruled(self.rule.rule_id, self.rule.name, contribution, opinion)


class Ruling:
    """The rules that hold on this surface now; `opinions` is asked only where one of them goes by feedback.

    Where nothing recent is known of feedback, such a rule does not hold: an unread table must not hide a catalogue.
    """

    def __init__(
        self, rules: Sequence[Rule], surface: str, now: datetime, opinions: Callable[[], Opinions | None] = lambda: None
    ) -> None:
        held = in_order(rule for rule in rules if rule.holds(surface, now))
        self._opinions = known_opinions(opinions, now) if any(map(by_feedback, held)) else None
        if self._opinions is None:
            held = [rule for rule in held if not by_feedback(rule)]
        self._filters = list(self._active(held, Only))
        self._weights: list[Active[Boost | Bury]] = [*self._active(held, Boost), *self._active(held, Bury)]
        self._quotas = list(self._active(held, Quota))
        self.floors = list(self._active(held, Floor))
        self.pins = list(self._active(held, Pin))

    @property
    def filters(self) -> tuple[str | None, ...]:
        """What tells the rules that leave items out from others: their expressions, and of when the feedback is."""
        texts = tuple(each.rule.filter for each in self._filters)
        generations = {each.opinions.generation for each in self._filters if each.opinions}
        return (*texts, *generations)

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
                told.append(each.reason(item, by))
                score += by
        return candidate._replace(score=score, reasons=told)

    def quotas(self) -> "Quotas":
        """The quotas of one list, with nothing in it yet."""
        return Quotas(self._quotas)

    def _active[E](self, rules: Sequence[Rule], kind: type[E]) -> Iterator[Active[E]]:
        for rule in rules:
            if isinstance(rule.effect, kind):
                concerns = parse_owners(rule.filter, self._opinions) if rule.filter else _all
                yield Active(rule, rule.effect, concerns, self._opinions if by_feedback(rule) else None)


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


def moved(candidate: Candidate, by: Active[Floor], item: Item) -> Candidate:
    """The candidate with the word that this rule moved it, at the same score."""
    return candidate._replace(reasons=[*candidate.reasons, by.reason(item)])


def placed(item: Item, by: Active[Pin]) -> Candidate:
    """An item that stands in the list by a rule alone."""
    return Candidate(item.item_id, 0.0, [by.reason(item)])


def by_feedback(rule: Rule) -> bool:
    """Whether which items the rule concerns depends on their feedback."""
    return rule.filter is not None and goes_by_feedback(rule.filter)


def known_opinions(opinions: Callable[[], Opinions | None], now: datetime) -> Opinions | None:
    """What feedback says of items, unless that is of too long ago."""
    known = opinions()
    return known if known and known.is_recent(now) else None


def _all(_: Item) -> bool:
    return True
