"""Fits a model for one kind of question: tuned on questions of that kind whose answers are known, ready to be served.

The nightly run asks every surface's question of the last month. Whoever has one kind of question only (a session's next
item, a customer's next visit) gets a model tuned for it here, by the same search, fit, export and verification.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import scipy.sparse as sp

from shared.domain.items import Item
from shared.inference.card import SURFACES, Recipe
from shared.inference.query import session
from training import gate
from training.artefact import Artefact, assemble
from training.cold import with_cold
from training.contest import Outcome
from training.evaluate import Bench
from training.interactions import Interactions, Ints
from training.live import Live
from training.matrix import blend, fit_parts
from training.phases import Phases
from training.shop import Shop
from training.sparse import Csr, pairs
from training.split import Histories, Split, both, minus
from training.tune import starting, tune


@dataclass(frozen=True)
class Practice:
    """Questions to tune on: `past` is what may be fitted for them, `asked` the events that each customer asks with.

    The two share their vocabularies; the askers need not be in `past`. `targets` [customers, items] is what they took
    next, and it is `now` (seconds since 1970). `live` says that each asks as the last of the events happens: then these
    are a session.
    """

    past: Interactions
    asked: Interactions
    targets: Csr
    now: float
    live: bool = False


@dataclass(frozen=True)
class _Asked(Split):
    """A split whose customers ask with given events, which need not be in its past."""

    asked: Interactions

    def histories(self) -> Histories:
        return Histories(self.asked, whole=True)


class _Bench(Bench):
    """A bench that asks whoever has a target, and hides all that they ask with."""

    def hidden(self, who: Ints) -> Csr:
        return sp.csr_matrix(self.split.owned[who])

    def who(self, targets: Csr) -> tuple[Ints, int]:
        return np.flatnonzero(np.diff(targets.indptr)).astype(np.int32), 0


def fit(
    past: Interactions,
    end: float,
    recipe: Recipe,
    report: Callable[[str], None],
    *,
    created: datetime,
    catalogue: Sequence[Item] = (),
) -> Artefact:
    """A verified model of `past`, whose events are all before `end`, with what is cold of a catalogue.

    No surface is gated: the card says so.
    """
    phases = Phases(report)
    with phases("fit"):
        parts = fit_parts(past, end, recipe.matrix)
    with phases("cold items"):
        past, parts = with_cold(past, parts, catalogue, created)
        matrix = blend(parts, recipe.matrix)
    ungated = gate.untested("Fitted for one kind of question, not gated.").model_copy(update={"serve": "model"})
    shop = Shop(past, np.ones(len(past.items), dtype=np.bool_), None, past)
    return assemble(shop, [], matrix, Outcome(recipe, False, dict.fromkeys(SURFACES, ungated)), None, phases, created)


def choose(practice: Practice) -> Recipe:
    """The recipe that is best on the questions, by `training.tune`."""
    bench = _bench(practice)
    start = starting(bench)
    parts = fit_parts(practice.past, practice.now, start)
    return tune(bench, parts, start)


def _bench(practice: Practice) -> _Bench:
    """The questions as the search over recipes takes them: new items are discovery, others repetition."""
    past, owned = practice.past, pairs(practice.asked)
    everything = np.ones(len(past.items), dtype=np.bool_)
    nothing = past.where(np.zeros(len(past.event_time), dtype=np.bool_))
    split = _Asked(
        cut=practice.now,
        past=past,
        future=nothing,
        owned=owned,
        new=minus(practice.targets, owned),
        again=both(practice.targets, owned),
        showable=everything,
        asked=practice.asked,
    )
    return _Bench(split, len(np.unique(past.item)), live=_live(split) if practice.live else None)


def _live(split: _Asked) -> Live | None:
    """The same questions as things that happen; None where nobody is in a session."""
    asking, who = split.histories(), np.flatnonzero(np.diff(split.new.indptr)).astype(np.int32)
    who = np.array([one for one in who.tolist() if asking[one]], dtype=np.int32)
    if not any(session(asking[one], asking[one][0].time) for one in who.tolist()):
        return None
    hidden, targets = sp.csr_matrix(split.owned[who]), sp.csr_matrix(split.new[who])
    return Live([asking[one] for one in who.tolist()], hidden, targets, who, split.showable)
