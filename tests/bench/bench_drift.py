"""How often drift is found where there is none, and from what size on it is found where there is some.

Data without drift: a made-up shop that never changes, and the demo's grocer, its households dealt at random into two
equal parts of which one is compared with the other. The grocer night by night, each against the night before, is the
real case: what is found there is a change of the season, or an alarm for nothing. Planted: part of the last week's
orders is lost, one item takes the place of others, part of the customers come under new names.

Usage: .venv/bin/python -m tests.bench.bench_drift
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
from rich.console import Console
from rich.table import Table

from infra.datasets import completejourney
from shared.domain.events import Event
from shared.inference.card import CARD, Card, Drift
from tests.functions.recommend.artefact import artefact
from tests.training.shops import OPENED, catalogue
from tests.training.test_drift import DAYS, LISTS, steady
from training.drift import drift
from training.interactions import Interactions, collect
from training.profile import WEEK, profile, weeks
from training.split import SECONDS_A_DAY
from training.train import train

HALVES, NIGHTS, TRAININGS = 200, 7, 21


def main() -> None:
    grocer = collect(completejourney.events())
    table = Table("data", "comparisons", "with an alarm", "alarms by measure", box=None)
    for name, view in (("made-up, 600 customers", collect(steady(600))), ("grocer, 2,469 households", grocer)):
        table.add_row(f"{name}: halves", *_told([_halved(view, seed) for seed in range(HALVES)]))
    table.add_row("grocer, night by night", *_told(list(_nightly(grocer))))
    table.add_row("made-up: trained night by night", *_told(_trained(steady(300))))
    console = Console()
    console.print(table)
    planted = Table("planted in the last week", "found at a share of", box=None)
    for what, change in PLANTED.items():
        found = [share for share in np.arange(0.05, 1.0, 0.05) if _finds(change, float(share))]
        planted.add_row(what, f"{min(found):.2f}" if found else "never")
    console.print(planted)


def _told(found: Iterable[Drift]) -> tuple[str, str, str]:
    every = list(found)
    names = Counter(measure.name for each in every for measure in each.found)
    alarmed = sum(bool(each.found) for each in every)
    return str(len(every)), f"{alarmed} ({alarmed / len(every):.1%})", ", ".join(f"{k} {n}" for k, n in names.items())


def _halved(view: Interactions, seed: int) -> Drift:
    chosen = np.random.default_rng(seed).permutation(len(view.customers)) < len(view.customers) // 2
    first, second = (view.where(each[view.event_customer]) for each in (chosen, ~chosen))
    end = float(view.event_time.max()) + 1
    return _compared(first, end, second, end)


def _nightly(view: Interactions) -> Iterable[Drift]:
    start, end = float(view.event_time.min()) + 6 * WEEK, float(view.event_time.max())
    for now in np.arange(start, end, NIGHTS * SECONDS_A_DAY):
        before = float(now) - SECONDS_A_DAY
        yield _compared(view.between(-np.inf, before), before, view.between(-np.inf, float(now)), float(now))


def _trained(events: list[Event]) -> Iterable[Drift]:
    """Each night a model of its own, so that the lists' measures are in it, against the one of the night before."""
    champion: Card | None = None
    for night in range(DAYS - TRAININGS, DAYS):
        now = OPENED + timedelta(days=night)
        known = [event for event in events if event.time < now]
        card = train(known, catalogue(known), champion, lambda _: None, created=now).card
        if champion is not None and card.drift is not None:
            yield card.drift
        champion = card


def _compared(old: Interactions, old_end: float, new: Interactions, end: float) -> Drift:
    """As `training.drift` does, with lists that are the same for both."""
    return drift(_card(old, old_end), _card(old, old_end), new, weeks(new, end), LISTS)


def _card(view: Interactions, end: float) -> Card:
    last = datetime.fromtimestamp(end, UTC)
    blank = Card.model_validate_json(artefact(["a"], {})[CARD])
    window = blank.window.model_copy(update={"last": last})
    made = {
        "window": window,
        "created": last,
        "recommendable": 80,
        "profile": profile(view, weeks(view, end), LISTS, 80),
    }
    return blank.model_copy(update=made)


def _finds(change: Callable[[Interactions, np.ndarray], Interactions], share: float) -> bool:
    """Whether it is found in each of five shops."""
    for seed in range(5):
        view = collect(steady(600, seed=seed))
        end = float(view.event_time.max()) + 1
        struck = (view.event_time >= end - WEEK) & (np.random.default_rng(seed).random(len(view.event_time)) < share)
        if not _compared(view, end, change(view, struck), end).found:
            return False
    return True


def _lost(view: Interactions, struck: np.ndarray) -> Interactions:
    return view.where(~struck)


def _hyped(view: Interactions, struck: np.ndarray) -> Interactions:
    """The rarest item in the place of the first one of an order."""
    rarest = np.argmin(np.bincount(view.item, minlength=len(view.items)))
    first = np.concatenate([[True], np.diff(view.event) > 0])
    item = np.where(first & struck[view.event], rarest, view.item).astype(np.int32)
    return _with(view, item=item)


def _renamed(view: Interactions, struck: np.ndarray) -> Interactions:
    """Each struck event is somebody's whom nobody has seen."""
    fresh = len(view.customers) + np.arange(len(view.event_time))
    customer = np.where(struck, fresh, view.event_customer).astype(np.int32)
    return _with(view, event_customer=customer, customers=(*view.customers, *map(str, range(len(fresh)))))


def _with(view: Interactions, **changes: object) -> Interactions:
    return Interactions(**{**vars(view), **changes})


PLANTED = {"orders that are lost": _lost, "an item in orders": _hyped, "orders under new names": _renamed}

if __name__ == "__main__":
    main()
