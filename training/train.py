"""From events and a catalogue to a model: collect, choose, judge, refit, export, verify. Knows nothing of AWS."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from shared.domain.events import Event
from shared.domain.items import Item
from shared.inference.card import Card
from training.archived import Archived
from training.artefact import Artefact, assemble
from training.cold import with_cold
from training.contest import hold, without_test
from training.drift import watched
from training.interactions import collect
from training.matrix import blend, fit_parts
from training.phases import Phases
from training.shop import Shop, read

__all__ = ["Artefact", "train", "train_shop"]


def train(
    events: Iterable[Event] | Archived,
    items: Iterable[Item],
    champion: Card | None,
    report: Callable[[str], None],
    *,
    created: datetime,
    champion_problem: str | None = None,
) -> Artefact:
    """A verified model with a decision per surface. The same data and champion give the same `model_id`.

    `champion` is the card of the model that serves now, `champion_problem` why it has none that can be read. Progress
    goes to `report`, a sentence at a time. Raises `NotEnoughData` when no event says anything of an item, and
    `GraphMismatch` when the export is not what was judged.
    """
    phases = Phases(report)
    items = list(items)
    with phases("collect"):
        shop = read(collect(events), items, created)
    return train_shop(shop, items, champion, phases, created=created, champion_problem=champion_problem)


def train_shop(
    shop: Shop,
    items: Sequence[Item],
    champion: Card | None,
    phases: Phases,
    *,
    created: datetime,
    champion_problem: str | None = None,
) -> Artefact:
    """As `train`, of a shop whose events are collected already."""
    outcome = hold(shop, shop.times, champion, phases) if shop.times else without_test(champion)
    for surface, decision in outcome.surfaces.items():
        phases.report(f"{surface} serves {decision.serve}. {decision.reason}")
    with phases("final: fit"):
        parts = fit_parts(shop.view, shop.end, outcome.recipe.matrix)
    with phases("final: cold items"):
        view, parts = with_cold(shop.view, parts, items, created)
        shop, matrix = replace(shop, view=view), blend(parts, outcome.recipe.matrix)
    artefact = assemble(shop, items, matrix, outcome, champion, phases, created)
    with phases("drift"):
        profile, drift = watched(artefact, shop, champion)
    phases.report(drift.reason)
    problem = champion_problem or outcome.champion_problem
    return artefact.with_card(champion_problem=problem, profile=profile, drift=drift, phases=phases.seconds)
