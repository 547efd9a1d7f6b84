"""Cold items: ranked among themselves, for customers who took one, by what they are described as.

New are the items of the catalogue that the questions' answers have and training has not. Where a protocol leaves too
few of these (the last item of a customer is seldom one that nobody else has), a tenth of the described items, drawn by
the seed, is withheld from training and from what is asked with, as if they were new.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import scipy.sparse as sp

from infra.evaluation.measures import Chosen
from infra.evaluation.numbering import only
from infra.evaluation.protocols import Cases, where
from infra.evaluation.regulars import named
from infra.evaluation.report import Cold, ColdModel, ColdRatio, Ratio, Span, ratio
from shared.domain.items import Item
from shared.inference.card import Recipe
from shared.inference.query import query
from shared.inference.scorer import Scorer
from training.cold import kin, terms
from training.fit import fit
from training.interactions import Floats, Ints, Mask
from training.metrics import NDCG_AT, RECALL_AT, Judged, Ranking, judge
from training.popularity import buyers
from training.sparse import Csr

REGULARS = "regulars"
MOST_CUSTOMERS = 2_000
LEAST_ITEMS, LEAST_TARGETS = 20, 100
"""New items, and answers that name one: with fewer, items are withheld."""
WITHHELD = 10
"""One of so many described items."""
ALWAYS = 36_500.0
"""Days: a popularity of all of training."""


@dataclass(frozen=True)
class ColdCases:
    """The questions: `cases.targets` name only `candidates`, ascending, which `cases.train` does not know."""

    cases: Cases
    candidates: Ints
    kind: str


def questions(cases: Cases, described: Mask, seed: int) -> ColdCases | None:
    """New items where there are enough, else withheld ones; None where neither can be asked for."""
    targets = where(cases.unseen, np.ones(cases.unseen.shape[0], dtype=np.bool_), described)
    candidates = np.unique(targets.indices)
    if len(candidates) >= LEAST_ITEMS and targets.nnz >= LEAST_TARGETS:
        return _asked(replace(cases, asked=cases.askers), targets, candidates, "new", seed)
    known = cases.known[described[cases.known]]
    candidates = np.sort(np.random.default_rng(seed).choice(known, len(known) // WITHHELD, replace=False))
    withheld = np.isin(np.arange(len(described)), candidates)
    targets = where(cases.targets, np.ones(cases.targets.shape[0], dtype=np.bool_), withheld)
    train = only(cases.train, ~withheld[cases.train.item])
    asked = only(cases.asked, ~withheld[cases.asked.item])
    return _asked(replace(cases, train=train, asked=asked), targets, candidates, "withheld", seed)


def _asked(cases: Cases, targets: Csr, candidates: Ints, kind: str, seed: int) -> ColdCases | None:
    """Of those who have a history and an answer, at most `MOST_CUSTOMERS`."""
    with_history = np.isin(np.arange(targets.shape[0]), cases.asked.event_customer)
    who = np.flatnonzero((np.diff(targets.indptr) > 0) & with_history)
    if not len(who) or len(candidates) < 2:
        return None
    chosen = np.zeros(targets.shape[0], dtype=np.bool_)
    chosen[np.random.default_rng(seed).choice(who, min(MOST_CUSTOMERS, len(who)), replace=False)] = True
    targets = where(targets, chosen, np.ones(targets.shape[1], dtype=np.bool_))
    asked = cases.asked.where(chosen[cases.asked.event_customer])
    return ColdCases(replace(cases, targets=targets, asked=asked), candidates.astype(np.int32), kind)


def judged(asked: ColdCases, catalogue: Sequence[Item], chosen: Chosen) -> Cold:
    """Regulars on the questions, beside chance and what is popular. `catalogue` has the log's names."""
    cases, candidates = asked.cases, asked.candidates
    names = cases.train.items
    relevant = {names[item] for item in np.concatenate([cases.known, candidates])}
    items = [item for item in catalogue if item.item_id in relevant]
    warm, cold = described(items, cases, candidates)
    rankings = {
        REGULARS: regulars(asked, items, chosen),
        "category_popularity": _same(asked, by_category(asked, warm, cold)),
        "kin_popularity": _same(asked, by_kin(asked, warm, cold)),
    }
    found = {name: _judge(asked, ranking) for name, ranking in rankings.items()} | {"random": at_random(asked)}
    return Cold(
        kind=asked.kind,
        items=len(candidates),
        items_wanted=len(np.unique(cases.targets.indices)),
        warm_described=len(warm),
        customers=len(cases.who),
        targets=int(cases.targets.nnz),
        models={name: _figures(each) for name, each in found.items()},
        ratios={name: _ratio(found[REGULARS], each) for name, each in found.items() if name != REGULARS},
    )


def described(items: Sequence[Item], cases: Cases, candidates: Ints) -> tuple[dict[int, Item], dict[int, Item]]:
    """The warm and the cold items by number, ascending."""
    by_name = {item.item_id: item for item in items}
    names = cases.train.items
    found = [
        {number: by_name[names[number]] for number in some.tolist() if names[number] in by_name}
        for some in (cases.known, candidates)
    ]
    return found[0], found[1]


def regulars(asked: ColdCases, items: Sequence[Item], chosen: Chosen) -> Ranking:
    """The exported model's answers, with all that is warm masked out; shorter where nothing speaks for the others."""
    cases = asked.cases
    recipe = Recipe.model_validate(chosen["recipe"])
    created = datetime.fromtimestamp(cases.now, UTC)
    new = {cases.train.items[item] for item in asked.candidates.tolist()}
    # Since now: so they come before what one customer has, for which there may be no room in the model.
    offered = [item.model_copy(update={"available_from": created}) if item.item_id in new else item for item in items]
    artefact = fit(cases.train, cases.now, recipe, lambda _: None, created=created, catalogue=offered)
    scorer = Scorer.load(artefact.files)
    names, histories = cases.train.items, named(cases.asked)
    number = {names[item]: item for item in asked.candidates.tolist()}
    warm = [names[item] for item in cases.known.tolist()]
    found = np.full((len(cases.who), RECALL_AT), -1, dtype=np.int64)
    for row, customer in enumerate(cases.who.tolist()):
        history = histories[customer]
        now = history[0].time if cases.live and history else cases.now
        scored = scorer.score(query(history, recipe.query, now), warm, RECALL_AT)
        found[row, : len(scored)] = [number[one.item_id] for one in scored]
    return found


def by_category(asked: ColdCases, warm: dict[int, Item], cold: dict[int, Item]) -> Floats:
    """How many customers a warm item of the same category has on average; without one, an item of any."""
    counts = _buyers(asked)
    of: dict[str | None, list[float]] = {}
    for number, item in warm.items():
        of.setdefault(item.category, []).append(counts[number])
    any_of_them = float(np.mean([counts[number] for number in warm])) if warm else 0.0
    mean = {category: float(np.mean(each)) for category, each in of.items() if category}
    return np.array([mean.get(item.category or "", any_of_them) for item in cold.values()], dtype=np.float64)


def by_kin(asked: ColdCases, warm: dict[int, Item], cold: dict[int, Item]) -> Floats:
    """How many customers the warm items have that are described most alike."""
    if not warm:
        return np.zeros(len(cold))
    matrix = terms([*warm.values(), *cold.values()])
    near = kin(sp.csr_matrix(matrix[len(warm) :]), sp.csr_matrix(matrix[: len(warm)]))
    return np.asarray(near @ _buyers(asked)[list(warm)], dtype=np.float64).ravel()


def _buyers(asked: ColdCases) -> Floats:
    return buyers(asked.cases.train, asked.cases.now, ALWAYS)


def _same(asked: ColdCases, scores: Floats) -> Ranking:
    """One list for all: the candidates with the highest scores; of equal ones those whose drawn numbers come first."""
    best = asked.candidates[np.argsort(-scores, kind="stable")][:RECALL_AT].astype(np.int64)
    best = np.pad(best, (0, RECALL_AT - len(best)), constant_values=-1)
    return np.repeat(best[None], len(asked.cases.who), axis=0)


def _judge(asked: ColdCases, ranking: Ranking) -> Judged:
    return judge(ranking, sp.csr_matrix(asked.cases.targets[asked.cases.who]), asked.cases.who, len(asked.candidates))


def at_random(asked: ColdCases) -> Judged:
    """What a random order of the candidates gives on average, exactly."""
    who, n = asked.cases.who, len(asked.candidates)
    wanted = np.diff(asked.cases.targets.indptr)[who]
    discount = 1 / np.log2(np.arange(2, NDCG_AT + 2))
    ideal = np.cumsum(discount)[np.minimum(wanted, NDCG_AT) - 1]
    ndcg = wanted / n * discount[: min(n, NDCG_AT)].sum() / ideal
    return Judged(ndcg, np.full(len(who), min(1.0, RECALL_AT / n)), who, 1.0)


def _figures(found: Judged) -> ColdModel:
    metrics = found.metrics()
    return ColdModel(ndcg_at_10=metrics.ndcg_at_10, recall_at_20=metrics.recall_at_20)


def _ratio(ours: Judged, theirs: Judged) -> ColdRatio:
    def of_recall(found: Judged) -> Judged:
        return replace(found, ndcg=found.recall)

    return ColdRatio(ndcg=_span(ratio(ours, theirs)), recall=_span(ratio(of_recall(ours), of_recall(theirs))))


def _span(found: Ratio) -> Span:
    return Span(times=found.ndcg, low=found.low, high=found.high)


def log_names(items: Sequence[str]) -> dict[str, str]:
    """The names of a numbered log by those of its file."""
    return {item.split(":", 1)[1]: item for item in items}
