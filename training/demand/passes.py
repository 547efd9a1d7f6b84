"""Rounds of fits: every item with what is shared, then what is shared from every item."""

import numpy as np

from training.demand.dense import Weeks
from training.demand.newton import Posterior, Task, solve
from training.demand.panel import Floats, Ints
from training.demand.shared import Seen, Shared, State, coursed, drifted, heard, rates
from training.demand.terms import LEVEL, Layout

CHUNK = 500
"""Items at once: their designs fit into the processor's cache better than all."""
LEAST, MOST = 0.005, 20.0
"""Of an item's overdispersion, 1 / size."""
UNEVEN = 0.7
"""How far items differ in overdispersion, as a share of it."""
OUTLYING = 16.0
"""A square so many times the variance tells of a mistake, not of overdispersion."""
VARIED = frozenset({1, 3})
"""The rounds that learn how the weeks' course varies: it is slow, and soon settled."""


def learnt(
    weeks: Weeks, group: Ints, layout: Layout, shared: Shared, rounds: int, *, vary: bool
) -> tuple[Shared, State]:
    """After so many rounds; `vary` learns the variances of drift and season too. The last round only fits the items."""
    state = start(weeks, group, layout, shared)
    for number in range(rounds):
        state, seen = passed(weeks, group, layout, shared, state, steps=4 if number < 2 else 2)
        if number == rounds - 1:
            break
        shared = heard(shared, state, seen, group, layout)
        if vary and number:
            # Drift begins after the course has explained what all items did.
            shared = shared._replace(drift=0.02) if number == 1 else drifted(shared, state, layout)
        shared = coursed(shared, seen, vary=vary and number in VARIED)
    return shared, state


def start(weeks: Weeks, group: Ints, layout: Layout, shared: Shared) -> State:
    """Every item at its category's terms and its own mean level."""
    terms = shared.centres(layout, group)
    terms[:, LEVEL] = rates(weeks)
    size = np.full(len(group), 1 / shared.dispersion)
    return State(terms, np.ones_like(terms), np.zeros(len(group)), size)


def passed(weeks: Weeks, group: Ints, layout: Layout, shared: Shared, state: State, steps: int) -> tuple[State, Seen]:
    """Every item fitted with what is shared, some at a time."""
    states = []
    off, sure = np.zeros_like(shared.course.during), np.zeros_like(shared.course.during)
    excess = room = 0.0
    for first in range(0, len(group), CHUNK):
        some = slice(first, first + CHUNK)
        part, of = weeks.of(some), group[some]
        before = State(*(each[some] for each in state))
        found = _solved(part, of, layout, shared, before, steps)
        own = _overdispersion(part, found, layout, shared, before)
        size = 1 / np.clip(_mixed(*own, shared.dispersion), LEAST, MOST)
        excess, room = excess + float(own[0].sum()), room + float(own[1].sum())
        variance = np.einsum("ipp->ip", found.covariance).copy()
        states.append(State(found.terms, variance, found.covariance[:, LEVEL, layout.elasticity].copy(), size))
        share = found.counts / (1 + found.expected / size[:, None])
        np.add.at(off, of, share * (part.units - found.expected))
        np.add.at(sure, of, share * found.expected)
    return State(*(np.concatenate(each) for each in zip(*states, strict=True))), Seen(excess, room, off, sure)


def _solved(part: Weeks, of: Ints, layout: Layout, shared: Shared, before: State, steps: int) -> Posterior:
    precision = np.broadcast_to(1 / shared.spreads(layout), before.terms.shape)
    task = Task(
        layout.design(part),
        part.units.astype(np.float64),
        part.counted.astype(np.float64),
        shared.course.during[of],
        shared.centres(layout, of),
        precision,
        before.size,
    )
    return solve(task, before.terms, steps)


def _overdispersion(
    part: Weeks, found: Posterior, layout: Layout, shared: Shared, before: State
) -> tuple[Floats, Floats, Floats]:
    """Per item: variance beyond Poisson's, by what it is a multiple of, and how sure the two are."""
    expected, counted = found.expected, part.counted
    weeks = counted.sum(axis=1)
    free = (1 - np.einsum("ipp->ip", found.covariance) / shared.spreads(layout)).sum(axis=1)
    inflated = (weeks / np.maximum(weeks - free, 0.3 * weeks + 1e-9))[:, None]
    stretch = 1 + expected / before.size[:, None]
    square = np.minimum((part.units - expected) ** 2, OUTLYING * expected * stretch) * inflated
    weight = counted / stretch**2
    room = (weight * expected**2).sum(axis=1)
    return (weight * (square - expected)).sum(axis=1), room, room / 2


def _mixed(excess: Floats, room: Floats, sure: Floats, common: float) -> Floats:
    """An item's overdispersion, drawn to that of all by how little its sales tell of it."""
    prior = 1 / (UNEVEN * common) ** 2
    own = excess / np.maximum(room, 1e-12)
    return (sure * own + prior * common) / (sure + prior)
