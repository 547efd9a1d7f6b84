"""What diversity costs: `python -m tests.bench.bench_diversity`, three minutes, on The Complete Journey.

A model is fitted on all but the last 30 days with the recipe's defaults; then the list for each household, of items new
to it, against what it bought in those days. Diversity and discount are what serving does with them.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from functions.recommend import ranking
from functions.recommend.diversity import diverse
from functions.recommend.ranking import Candidate
from functions.recommend.selection import LEAST_SPARE, discounted
from infra.datasets import completejourney
from shared.domain.events import Event
from shared.domain.items import Item
from shared.inference.card import Recipe
from shared.inference.scorer import Scorer
from training.artefact import assemble
from training.contest import without_test
from training.interactions import collect
from training.matrix import blend, fit_parts
from training.phases import Phases
from training.shop import read

DAYS = 30
LIMIT = 10
Reorder = Callable[[Sequence[Candidate]], list[str]]


def main() -> None:
    """Print the table."""
    catalogue = {item.item_id: item for item in completejourney.items()}
    events = list(completejourney.events())
    cut = max(event.time for event in events) - timedelta(days=DAYS)
    scorer = _fitted([event for event in events if event.time < cut], list(catalogue.values()))
    cases = list(_cases(events, cut, scorer, catalogue))
    table = Table("", "NDCG@10", "coverage@10", "categories a list", box=None)
    ways: dict[str, Reorder] = {f"diversity {n}": _diverse(catalogue, n) for n in (0.0, 0.1, 0.2, 0.3, 0.5, 0.8)}
    ways |= {f"popularity discount {g}": _discounted(scorer, g) for g in (0.05, 0.1, 0.2, 0.4)}
    for name, reorder in ways.items():
        lists = [(reorder(candidates)[:LIMIT], bought) for candidates, bought in cases]
        table.add_row(name, *_figures(lists, catalogue))
    Console().print(table, f"{len(cases)} households, {LEAST_SPARE} candidates each", sep="\n")


def _fitted(events: list[Event], items: list[Item]) -> Scorer:
    now, recipe = datetime.now(UTC), Recipe()
    shop = read(collect(events), items, now)
    phases = Phases(print)
    matrix = blend(fit_parts(shop.view, shop.end, recipe.matrix), recipe.matrix)
    return Scorer.load(assemble(shop, [], matrix, without_test(None), None, phases, now).files)


def _cases(
    events: Sequence[Event], cut: datetime, scorer: Scorer, catalogue: dict[str, Item]
) -> Iterator[tuple[list[Candidate], set[str]]]:
    """Each household's candidates, and what of the catalogue it bought for the first time after the cut."""
    past: dict[str, list[Event]] = defaultdict(list)
    after: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event.time < cut:
            past[str(event.customer)].append(event)
        else:
            after[str(event.customer)].update(event.items)
    for who, history in past.items():
        had = {item for event in history for item in event.items}
        new = {item for item in after[who] - had if item in scorer}
        if new:
            ranked = ranking.for_you(scorer, history, cut.timestamp(), had).rank(3 * LEAST_SPARE)
            yield [each for each in ranked if catalogue[each.item_id].stock != 0][:LEAST_SPARE], new


def _diverse(catalogue: dict[str, Item], amount: float) -> Reorder:
    def reorder(candidates: Sequence[Candidate]) -> list[str]:
        items = [catalogue[each.item_id] for each in candidates]
        places = diverse(items, [each.score for each in candidates], amount, LIMIT)
        return [candidates[place].item_id for place in places]

    return reorder


def _discounted(scorer: Scorer, power: float) -> Reorder:
    def reorder(candidates: Sequence[Candidate]) -> list[str]:
        weighed = [discounted(each, scorer.popularity(each.item_id), power) for each in candidates]
        return [each.item_id for each in sorted(weighed, key=lambda each: -each.score)]

    return reorder


def _figures(lists: list[tuple[list[str], set[str]]], catalogue: dict[str, Item]) -> list[str]:
    gains = [
        sum(1 / math.log2(place + 2) for place, item in enumerate(shown) if item in bought)
        / sum(1 / math.log2(place + 2) for place in range(min(LIMIT, len(bought))))
        for shown, bought in lists
    ]
    covered = {item for shown, _ in lists for item in shown}
    sold = sum(item.stock != 0 for item in catalogue.values())
    categories = [len({catalogue[item].category for item in shown}) for shown, _ in lists]
    ndcg = sum(gains) / len(gains)
    return [f"{ndcg:.4f}", f"{len(covered) / sold:.2%} ({len(covered)})", f"{sum(categories) / len(categories):.2f}"]


if __name__ == "__main__":
    main()
