"""From rankings to a list: what can be had and is asked for, weighed by the rules, without twins, in its order."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import NamedTuple

from functions.recommend import reasons
from functions.recommend.diversity import diverse
from functions.recommend.plan import Known, Plan
from functions.recommend.ranking import Candidate, Rank, Ranking
from functions.recommend.request import Wanted
from functions.recommend.ruling import Ruling, moved, placed
from functions.recommend.shelf import Shelf
from functions.recommend.shown import Shown
from shared.domain.filters import parse
from shared.domain.items import Item

MOST_CANDIDATES = 400
"""Of one ranking, while too few of them can be had."""
MOST_FILTERED = 2_000
"""Of the catalogue where a filter leaves things out: its pages cost a seventh of as many single items."""
NEAR = 2
"""Rounds of candidates as they are now, before those that passed a filter by the last training."""
SPARE = 4
"""So many times as many candidates as are shown, where something may change their order."""
LEAST_SPARE = 40
MOST_NEW = 200
"""So many of the newest items can be new to a floor."""


class Pick(NamedTuple):
    """An item for the list; no ranking where a rule alone put it there."""

    ranking: Ranking | None
    item: Item
    candidate: Candidate


class Selection:
    """One list in the making."""

    def __init__(self, wanted: Wanted, known: Known, shelf: Shelf, shown: Shown) -> None:
        self._wanted = wanted
        self._known = known
        self._shelf = shelf
        self._shown = shown.copy()
        self._shown.item_ids.update(wanted.exclude)
        self._ruling = Ruling(known.rules, wanted.surface, known.now, known.opinions)
        self._passes = self._asked()
        self._start: list[str] = []

    @property
    def is_filtered(self) -> bool:
        """Whether something else than stock leaves items out."""
        wanted = self._wanted
        by_request = wanted.filter is not None or wanted.category is not None or wanted.surface == "next-article"
        return by_request or bool(self._ruling.filters)

    def of(self, plan: Plan) -> list[Pick]:
        """The list."""
        self._start = plan.start
        self._shown.item_ids.update(plan.start)
        pins = self._pinned()
        pool = self._pool(plan.rankings, pins)
        listed = self._arranged(pins, pool)
        return self._with_floors(listed, pool, {pick.item.item_id for pick in pins.values()})

    def _asked(self) -> Callable[[Item], bool]:
        """What the request and the rules ask of an item, wherever it is read from."""
        wanted, allows = self._wanted, self._ruling.allows
        matches = parse(wanted.filter) if wanted.filter else None
        kind = "content" if wanted.surface == "next-article" else None
        named = None if wanted.candidates is None else set(wanted.candidates)

        def passes(item: Item) -> bool:
            return (
                wanted.category in (None, item.category)
                and kind in (None, item.kind)
                and (named is None or item.item_id in named)
                and (matches is None or matches(item))
                and allows(item)
            )

        return passes

    def _may(self, item: Item) -> bool:
        return item.is_available(self._known.now) and self._passes(item)

    def _pinned(self) -> dict[int, Pick]:
        """Pinned items by their places, counted from 0. A place that is taken passes a pin on to the next."""
        places: dict[int, Pick] = {}
        asked = [item for pin in self._ruling.pins for item in pin.effect.item_ids]
        items = self._shelf.get(asked) if asked else {}
        for pin in self._ruling.pins:
            for item in (items[each] for each in pin.effect.item_ids if each in items):
                free = next(
                    (place for place in range(pin.effect.position - 1, self._wanted.limit) if place not in places), None
                )
                if free is not None and self._is_free(item) and pin.concerns(item):
                    places[free] = Pick(None, item, placed(item, pin))
                    self._shown.add(item)
        return places

    def _is_free(self, item: Item) -> bool:
        return item.item_id not in self._shown.item_ids and not self._is_twin(item) and self._may(item)

    def _pool(self, rankings: Sequence[Ranking], pins: dict[int, Pick]) -> list[Pick]:
        """Candidates in their order, as many as the list needs, from one ranking after the other."""
        enough = self._wanted.limit
        if self._ruling.reorders or self._wanted.diversity or self._wanted.popularity_discount:
            enough = max(LEAST_SPARE, SPARE * enough)
        pool: list[Pick] = []
        for ranked in rankings:
            if len(pool) >= enough or (pool and self._wanted.surface == "buy-again"):
                break
            found = self._available(ranked, enough - len(pool), pins)
            found.sort(key=lambda pick: -pick.candidate.score)
            found = self._varied([pick for pick in found if self._is_first(pick.item)], enough - len(pool))
            pool += found
        return pool

    def _is_first(self, item: Item) -> bool:
        """Whether nothing like it is in the list yet; from now on there is."""
        first = item.item_id not in self._shown.item_ids and not self._is_twin(item)
        self._shown.add(item)
        return first

    def _is_twin(self, item: Item) -> bool:
        return not self._wanted.variants and self._shown.has_twin(item)

    def _varied(self, picks: list[Pick], count: int) -> list[Pick]:
        if not self._wanted.diversity:
            return picks[:count]
        scores = [pick.candidate.score for pick in picks]
        order = diverse([pick.item for pick in picks], scores, self._wanted.diversity, count)
        return [picks[place] for place in order]

    def _available(self, ranked: Ranking, enough: int, pins: dict[int, Pick]) -> list[Pick]:
        """Candidates of a ranking that may be in the list, until `enough` of them are unlike each other.

        One that is pinned gets its score and its reasons into its place.
        """
        pinned = {pick.item.item_id: place for place, pick in pins.items()}
        found: list[Pick] = []
        distinct = self._shown.copy()
        count, seen = 0, set[str]()
        for some in self._rounds(ranked, enough):
            fresh = [each for each in some if each.item_id not in seen]
            seen.update(each.item_id for each in fresh)
            candidates = [each for each in fresh if each.item_id in pinned or each.item_id not in self._shown.item_ids]
            items = self._read(candidates)
            for candidate in candidates:
                if (item := items.get(candidate.item_id)) is None:
                    continue
                if (place := pinned.get(item.item_id)) is not None:
                    pins[place] = _earned(pins[place], ranked, self._weighed(ranked, item, candidate))
                elif self._may(item):
                    found.append(Pick(ranked, item, self._weighed(ranked, item, candidate)))
                    count += self._wanted.variants or not (distinct.has_twin(item) or self._shown.has_twin(item))
                    distinct.add(item)
            if count >= enough:
                break
        return found

    def _weighed(self, ranked: Ranking, item: Item, candidate: Candidate) -> Candidate:
        """The candidate as the request and the rules weigh it. Lists of what is popular are not discounted by that."""
        power, scorer = self._wanted.popularity_discount, self._known.scorer
        if power and ranked.served_by == "model" and scorer is not None:
            candidate = discounted(candidate, scorer.popularity(item.item_id), power)
        return self._ruling.weighed(item, candidate)

    def _rounds(self, ranked: Ranking, enough: int) -> Iterator[list[Candidate]]:
        """Candidates, and where a filter leaves out most of the first, those of all items that passed it last night.

        After those come the others as far as they are tried without: what passes since today is among them.
        """
        most = MOST_FILTERED if self.is_filtered and ranked.served_by == "catalogue" else MOST_CANDIDATES
        here = rounds(ranked.rank, enough, most)
        yield from islice(here, NEAR)
        if ranked.only is not None and (passing := self._passing()) is not None:
            yield from rounds(ranked.only(passing), enough, MOST_CANDIDATES)
        yield from here

    def _passing(self) -> Collection[str] | None:
        """The items that passed by the last training; None where nothing is filtered or there are no facets."""
        wanted = self._wanted
        if not self.is_filtered or wanted.candidates is not None or (facets := self._known.facets()) is None:
            return None
        key = wanted.filter, wanted.category, wanted.surface == "next-article", self._ruling.filters
        return facets.passing(self._passes, key)

    def _read(self, candidates: Sequence[Candidate]) -> dict[str, Item]:
        """The candidates' items, with those that the reasons name, for their titles: one call to the table.

        What the list starts from comes along: it is not in the list, and neither are its variants.
        """
        items = self._shelf.get([*(each.item_id for each in candidates), *named(candidates), *self._start])
        for item_id in self._start:
            if item_id in items:
                self._shown.add(items[item_id])
        return items

    def _arranged(self, pins: dict[int, Pick], pool: Sequence[Pick]) -> list[Pick]:
        """Pins in their places, the others around them as far as quotas have room. Pins behind the end move up."""
        quotas = self._ruling.quotas()
        for pick in pins.values():
            quotas.take(pick.item)
        rest = iter(pool)
        listed: list[Pick] = []
        for place in range(self._wanted.limit):
            if place in pins:
                listed.append(pins[place])
            elif found := next((each for each in rest if quotas.room(each.item)), None):
                listed.append(found)
                quotas.take(found.item)
        return listed

    def _with_floors(self, listed: list[Pick], pool: Sequence[Pick], kept: set[str]) -> list[Pick]:
        """As many new items as the floors ask for, in place of the last ones that are not `kept`."""
        since = dict(self._known.newest(MOST_NEW)) if self._ruling.floors else {}
        for floor in self._ruling.floors:
            least = floor.effect.least
            start = (self._known.now - timedelta(days=floor.effect.days)).timestamp()
            new = [item_id for item_id, time in since.items() if time >= start]
            there = [pick.item.item_id for pick in listed if pick.item.item_id in new and floor.concerns(pick.item)]
            kept.update(there[:least])
            for pick in self._newcomers(listed, pool, new, floor.concerns, least - len(there)):
                told = pick._replace(candidate=moved(pick.candidate, floor, pick.item))
                if _placed(listed, told, kept, self._wanted.limit):
                    kept.add(pick.item.item_id)
        return listed

    def _newcomers(
        self,
        listed: Sequence[Pick],
        pool: Sequence[Pick],
        new: Sequence[str],
        concerns: Callable[[Item], bool],
        count: int,
    ) -> list[Pick]:
        """The best of the new items that are not in the list: of its candidates, then of the catalogue."""
        if count <= 0:
            return []
        there = {pick.item.item_id for pick in listed}
        fresh = set(new) - there
        found = [pick for pick in pool if pick.item.item_id in fresh and concerns(pick.item)][:count]
        for item in self._shelf.get(new).values() if len(found) < count else ():
            if len(found) < count and concerns(item) and self._is_free(item):
                self._shown.add(item)
                found.append(Pick(None, item, Candidate(item.item_id, 0.0, [])))
        return found


def _placed(listed: list[Pick], pick: Pick, kept: set[str], limit: int) -> bool:
    """Put this into the list: at its end, or in place of the last one that is not kept; whether there was room."""
    if len(listed) < limit:
        listed.append(pick)
        return True
    free = [place for place, each in enumerate(listed) if each.item.item_id not in kept]
    if free:
        listed[free[-1]] = pick
    return bool(free)


def discounted(candidate: Candidate, popularity: float, power: float) -> Candidate:
    """The candidate with its score divided by popularity, in (0, 1], to a power; what that adds is told exactly."""
    by = candidate.score * (popularity**-power - 1.0)
    told = [*candidate.reasons, reasons.uncommon(by)] if by else candidate.reasons
    return candidate._replace(score=candidate.score + by, reasons=told)


def _earned(pin: Pick, ranked: Ranking, candidate: Candidate) -> Pick:
    """A pin with the score that its item has anyway; of several rankings, the first counts."""
    if pin.ranking is not None:
        return pin
    rule = pin.candidate.reasons[0]
    return Pick(ranked, pin.item, candidate._replace(reasons=[*candidate.reasons, rule]))


def rounds(rank: Rank, wanted: int, most: int) -> Iterator[list[Candidate]]:
    """The ranking in parts: first a few more than are wanted, since each is read, then ever more at once."""
    start, end = 0, wanted + wanted // 4 + 2
    while start < end:
        candidates = rank(end)[start:]
        yield candidates
        if len(candidates) < end - start:
            return
        start, end = end, max(end, min(4 * end, most))


def named(candidates: Iterable[Candidate]) -> set[str]:
    """The items that the reasons name."""
    return {term.item_id for candidate in candidates for term in candidate.reasons if term.item_id}
