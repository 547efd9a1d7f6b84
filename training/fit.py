"""Fits a model for one kind of question: tuned on questions of that kind whose answers are known, ready to be served.

The nightly run asks every surface's question of the last month. Whoever has one kind of question only (a session's next
item, a customer's next visit) gets a model tuned for it here, by the same search, fit, export and verification.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from shared.inference.card import SURFACES, QueryPolicy, Recipe
from shared.inference.history import Past
from shared.inference.query import query, session
from training import gate
from training.artefact import Artefact, assemble
from training.contest import Outcome
from training.evaluate import Bench
from training.interactions import Interactions, Ints
from training.matrix import TASTE, ItemMatrix, blend, fit_parts
from training.metrics import Judged, Ranking
from training.phases import Phases
from training.ranking import queries, rank
from training.shop import Shop
from training.sparse import Csr, pairs
from training.split import Split, both, histories, minus
from training.tune import best, starting, tune

SESSION_DECAYS = (0.8, 0.3, 0.4, 0.5, 0.6, 0.9, 1.0)


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

    def histories(self) -> list[list[Past[int]]]:
        return histories(self.asked, whole=True)


class _Bench(Bench):
    """A bench that asks whoever has a target, and hides all that they ask with."""

    @cached_property
    def hidden(self) -> Csr:
        return self.split.owned

    def who(self, targets: Csr) -> tuple[Ints, int]:
        return np.flatnonzero(np.diff(targets.indptr)).astype(np.int32), 0

    def live(self, matrix: ItemMatrix, policy: QueryPolicy) -> Judged:
        """The model on discovery where every customer asks as the newest of the events happens."""

        def now(customer: int) -> list[tuple[int, float]]:
            history = self.histories[customer]
            return query(history, policy, history[0].time)

        def ranked(who: Ints) -> Ranking:
            asked = queries(matrix, map(now, who.tolist()), len(who))
            return rank(matrix, TASTE, asked, policy.prior, sp.csr_matrix(self.hidden[who]), self.split.showable)

        return self._customers(self.split.new, ranked)


def fit(
    past: Interactions, end: float, recipe: Recipe, report: Callable[[str], None], *, created: datetime
) -> Artefact:
    """A verified model of `past`, whose events are all before `end`. No surface is gated: the card says so."""
    phases = Phases(report)
    with phases("fit"):
        matrix = blend(fit_parts(past, end, recipe.matrix), recipe.matrix)
    ungated = gate.untested("Fitted for one kind of question, not gated.").model_copy(update={"serve": "model"})
    shop = Shop(past, np.ones(len(past.items), dtype=np.bool_), None)
    return assemble(shop, matrix, Outcome(recipe, False, dict.fromkeys(SURFACES, ungated)), None, phases, created)


def choose(practice: Practice) -> Recipe:
    """The recipe that is best on the questions, by `training.tune`; then the session's decay where there are any."""
    bench = _bench(practice)
    start = starting(bench)
    parts = fit_parts(practice.past, practice.now, start)
    recipe = tune(bench, parts, start)
    if not practice.live or not any(session(history, history[0].time) for history in bench.histories if history):
        return recipe
    matrix = blend(parts, recipe.matrix)
    policies = [recipe.query.model_copy(update={"session_decay": decay}) for decay in SESSION_DECAYS]
    return recipe.model_copy(update={"query": best(policies, lambda policy: bench.live(matrix, policy))})


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
    return _Bench(split, len(np.unique(past.item)))
