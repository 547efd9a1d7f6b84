"""The command `regulars evaluate`: reads a log, cuts it by a protocol, runs every model, and reports."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from infra.evaluation import catalogue, cold, data, measures, numbering, protocols, report
from infra.evaluation.libraries import Als, Bm25, Bpr
from infra.evaluation.measures import Recommender, Run
from infra.evaluation.peers import Ease, Popularity, Vsknn
from infra.evaluation.protocols import Cases, Protocol, Question, Unanswerable
from infra.evaluation.regulars import Regulars
from infra.evaluation.report import REGULARS, Report
from infra.imports import layouts
from infra.imports.files import SourceError
from infra.imports.layouts import Options
from shared.domain.items import Item
from training.interactions import Interactions
from training.sparse import pairs

STANDARD: dict[str, Callable[[], Recommender]] = {"popularity": Popularity, "ease": Ease}
PEERS: dict[str, Callable[[], Recommender]] = {"als": Als, "bm25": Bm25, "bpr": Bpr, "vsknn": Vsknn}

SCORES_AT_MOST = 200_000_000
FEW, SHORT_SHARE = 100, 0.25
"""Where customers have too few items for as many questions, a shorter history will do for validation. Only a part of
them is asked then: of customers with two items, each that is asked is lost to what is learned.
"""
LEAST_VALIDATION = 2_000
"""Validation asks fewer questions of a large catalogue, since each recipe that is tried scores all of it for each."""

OPTIONS = Options()

Runs = Callable[[Recommender, Cases, Cases | None], Run]


@dataclass(frozen=True)
class Order:
    """What to evaluate, and how."""

    events: Path
    protocol: Protocol
    items: Path | None = None
    options: Options = OPTIONS
    repeat: bool = False
    peers: bool = False
    seed: int = 0


def evaluate(order: Order, say: Callable[[str], None], run: Runs | None = None) -> Report:
    """The evaluation. Raises `SourceError` for a file, `Unanswerable` for a log that the protocol cannot use."""
    if order.peers and find_spec("implicit") is None:
        raise SourceError("--peers needs the package implicit: install it with `uv sync --extra peers`.")
    files = [order.events, *([order.items] if order.items else [])]
    options = dict(zip(files, layouts.each_its_own(order.options._replace(any_encoding=True), files), strict=True))
    log = data.read(order.events, options[order.events])
    items = [] if order.items is None else catalogue.read(order.items, options[order.items])
    view = numbering.interactions(log, order.seed, order.protocol.by_session)
    say(
        f"{log.rows:,} lines: {len(view.item):,} interactions of {len(view.customers):,} with {len(view.items):,} items"
        f" from {_day(log.time.min())} to {_day(log.time.max())}; columns: {log.columns}; left out: {log.left_out}"
    )
    cases, validation = cut(order.protocol, view, order.seed)
    say(f"{order.protocol.name}: {cases.counts}, validation: {validation.counts if validation else 'none'}")
    offered = catalogue.renamed(items, cold.log_names(view.items))
    ours: dict[str, Callable[[], Recommender]] = {REGULARS: partial(Regulars, offered)}
    runs = {}
    for name, recommender in (ours | STANDARD | (PEERS if order.peers else {})).items():
        runs[name] = (run or _alone)(recommender(), cases, validation)
        say(f"{name}: {measures.judged(runs[name].ranking, cases).score:.4f} in {runs[name].wall:.0f} s")
    prices = np.array([log.prices.get(item, np.nan) for item in cold.log_names(view.items)])
    judged = {name: measures.judged(each.ranking, cases) for name, each in runs.items()}
    return Report(
        protocol=order.protocol.name,
        repeat=order.repeat,
        seed=order.seed,
        data=_data(order, log, view, items),
        asked=_asked(cases, validation),
        models={
            name: report.model(each, judged[name], measures.revenue_recall(each.ranking, cases, prices))
            for name, each in runs.items()
        },
        ratios=report.ratios(judged),
        cold=_cold(cases, offered, runs[REGULARS], order.seed, say),
        versions=report.versions(order.peers),
    )


def cut(protocol: Protocol, view: Interactions, seed: int) -> tuple[Cases, Cases | None]:
    """The test cases, and validation cases of the same shape inside their training part; None where it is too small."""
    cases = protocol.cut(view, Question(float(view.event_time.max()) + 1.0, protocols.MOST_CASES, seed))
    affordable = max(LEAST_VALIDATION, SCORES_AT_MOST // len(cases.known))
    found: list[Cases] = []
    question = Question(cases.now, min(protocols.MOST_CASES, affordable), seed + 1)
    for each in (question, question._replace(least=protocols.LEAST_ITEMS - 1, share=SHORT_SHARE)):
        with suppress(Unanswerable):
            found.append(protocol.cut(cases.train, each))
        if found and found[-1].counts["cases"] >= FEW:
            break
    return cases, max(found, key=lambda each: each.counts["cases"], default=None)


def _day(time: float) -> date:
    return datetime.fromtimestamp(time, UTC).date()


def _alone(recommender: Recommender, cases: Cases, validation: Cases | None) -> Run:
    return measures.alone(measures.run, recommender, cases, validation)


def _cold(cases: Cases, items: Sequence[Item], ours: Run, seed: int, say: Callable[[str], None]) -> report.Cold | None:
    """Cold items among themselves, by the recipe that was chosen; None without a catalogue of the log's items."""
    known = {item.item_id for item in items}
    described = np.array([item in known for item in cases.train.items])
    asked = cold.questions(cases, described, seed) if described.any() else None
    if asked is None:
        return None
    found = cold.judged(asked, items, ours.chosen)
    score = found.models[REGULARS].ndcg_at_10
    say(f"cold ({found.kind}): {score:.4f}, {found.items:,} items, {found.customers:,} customers")
    return found


def _data(order: Order, log: data.Log, view: Interactions, items: Sequence[Item]) -> report.Data:
    sold = set(log.items)
    return report.Data(
        file=order.events.name,
        columns=log.columns,
        rows=log.rows,
        left_out=log.left_out,
        events=len(view.event_time),
        interactions=len(view.item),
        owners=len(view.customers),
        owner="session" if order.protocol.by_session and log.sessions else "customer",
        items=len(view.items),
        first=float(view.event_time.min()),
        last=float(view.event_time.max()),
        catalogue_items=None if order.items is None else len(items),
        catalogue_in_log=None if order.items is None else sum(item.item_id in sold for item in items),
    )


def _asked(cases: Cases, validation: Cases | None) -> report.Asked:
    return report.Asked(
        counts=cases.counts,
        train_interactions=len(cases.train.item),
        train_owners=len(np.unique(cases.train.event_customer)),
        train_items=len(cases.known),
        validation=validation.counts if validation else {},
        median_history=float(np.median(np.diff(pairs(cases.asked)[cases.who].indptr))),
    )
