"""The sentiment model against VADER and TextBlob: `python -m tests.bench.bench_sentiment [FOLDER]`.

Without a folder, in ten seconds: the sets of sentences beside this file, size, and time on one thread. With the folder
of the training texts, in a minute more: each domain as the card says that a head did which had learned from the others,
and the peers there in this run. Texts that are not those of the card are refused.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean, median
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from infra import sentiment
from infra.evaluation.opinionated import peers
from infra.evaluation.opinions import LABELS, Method, ours
from shared.inference.sentiment.card import SentimentCard
from shared.inference.sentiment.model import SentimentModel
from tests.bench import sentiment_sets as sets
from training.sentiment import data
from training.sentiment.metrics import Floats, calibration_error, macro_f1

RUNS = 60
SHORT = "Lovely coat, but the sleeves are too long."
SIXTY_FOUR = (
    "The coat arrived on Tuesday and it is warm and soft and well made but the sleeves are a little too long " * 4
)
console = Console(width=140)

type Cell = tuple[float, float | None]
"""The share right, and the calibration error where it is known."""


class Mention(NamedTuple):
    """Where an aspect is named."""

    aspect: str
    start: int
    end: int


def main() -> None:
    """Print the tables."""
    folder = sentiment.folder()
    model, fast = SentimentModel.load(folder), SentimentModel.load(folder, encoder=False)
    methods = {"regulars": ours(model), "without encoder": ours(fast), **peers()}
    _sentences(model, fast, methods)
    _swaps(model)
    _times(folder, model, fast)
    if len(sys.argv) > 1:
        _domains(Path(sys.argv[1]), model.card)


def _sentences(model: SentimentModel, fast: SentimentModel, methods: Mapping[str, Method]) -> None:
    table = Table("set", "texts", *methods, title="share right", box=None)
    for name, lines in (("emoji", sets.EMOJI), ("figures of speech", sets.FIGURES), ("negation", sets.NEGATION)):
        texts, labels = zip(*sets.signed(lines), strict=True)
        wanted = np.array(labels) == 1
        right = [float(((method(texts).positive > 0.5) == wanted).mean()) for method in methods.values()]
        table.add_row(name, str(len(texts)), *(f"{each:.3f}" for each in right))
    mixed, plain = sets.aspects(sets.MIXED), sets.aspects(sets.PLAIN)
    for name, known in (("mixed aspects", mixed), ("all aspects", mixed + plain)):
        right = [_aspects_of(each, known) for each in (model, fast)]
        right += [_by_sentence(method, known) for peer, method in methods.items() if peer in peers()]
        table.add_row(name, str(sum(len(named) for _, named in known)), *(f"{each:.3f}" for each in right))
    console.print(table)


def _aspects_of(model: SentimentModel, texts: list[tuple[str, dict[str, int]]]) -> float:
    """By the model's own aspects, each at its term."""
    right = []
    for text, named in texts:
        found = model.analyse([text], _finder(named), evidence=False)[0].sentiment.aspects
        right += [float((each.score > 0) == (named[each.aspect] == 1)) for each in found]
    return mean(right)


def _finder(named: Mapping[str, int]) -> Callable[[str], list[Mention]]:
    def find(text: str) -> list[Mention]:
        places = {term: text.lower().index(term) for term in named}
        return [Mention(term, at, at + len(term)) for term, at in places.items()]

    return find


def _by_sentence(method: Method, texts: list[tuple[str, dict[str, int]]]) -> float:
    """A peer knows no aspects: what it says of the sentence holds for each."""
    positive = method([text for text, _ in texts]).positive > 0.5
    pairs = zip(texts, positive.tolist(), strict=True)
    return mean(float((sign == 1) == felt) for (_, named), felt in pairs for sign in named.values())


def _swaps(model: SentimentModel) -> None:
    table = Table("swapped", "sentence", "score moves", title="names and countries", box=None)
    for kind, (sentences, words) in sets.SWAPS.items():
        for sentence in sentences:
            found = model.analyse([sentence.format(word) for word in words], evidence=False)
            scores = [each.sentiment.score for each in found]
            table.add_row(kind, sentence, f"{max(scores) - min(scores):.3f}")
    console.print(table)


def _times(folder: Path, model: SentimentModel, fast: SentimentModel) -> None:
    table = Table("what", "median", title="size and time, one thread", box=None)
    table.add_row("model folder", f"{sum(path.stat().st_size for path in folder.iterdir()) / 1e6:.1f} MB")
    cases: dict[str, Callable[[], object]] = {
        "load": lambda: SentimentModel.load(folder),
        "short text": lambda: model.analyse([SHORT], evidence=False, vectors=False),
        "short text with evidence": lambda: model.analyse([SHORT], vectors=False),
        "short text with vectors": lambda: model.analyse([SHORT], evidence=False),
        "64 tokens": lambda: model.analyse([SIXTY_FOUR[:280]], evidence=False, vectors=False),
        "64 tokens with vectors": lambda: model.analyse([SIXTY_FOUR[:280]], evidence=False),
        "short text without encoder": lambda: fast.analyse([SHORT], evidence=False),
    }
    for name, call in cases.items():
        table.add_row(name, f"{_milliseconds(call, 5 if name == 'load' else RUNS):.2f} ms")
    console.print(table)


def _milliseconds(call: Callable[[], object], runs: int) -> float:
    call()
    taken = []
    for _ in range(runs):
        began = time.thread_time()
        call()
        taken.append(1000 * (time.thread_time() - began))
    return median(taken)


def _domains(folder: Path, card: SentimentCard) -> None:
    texts = data.load(folder)
    hashes = {each.sha256 for each in card.data}
    if strange := [each.name for each in texts.data if each.sha256 not in hashes]:
        raise ValueError(f"{card.model_id} has not learned from these, so its card says nothing of them: {strange}")
    two: dict[str, list[Cell]] = {}
    three: dict[str, list[float]] = {}
    for domain, held in card.domains.items():
        known = (texts.domains == domain) & (texts.labels >= 0)
        said, labels = [texts.texts[at] for at in np.flatnonzero(known)], texts.labels[known]
        felt = labels != LABELS.index("neutral")
        if felt.sum() != held.texts:
            raise ValueError(f"{folder} has {felt.sum()} texts of {domain}, the card {held.texts}")
        found = [method(said) for method in peers().values()]
        positive = texts.positive[known][felt]
        cells = [(held.accuracy, held.calibration_error), (held.fast_accuracy, None)]
        two[f"{domain}, {held.texts}"] = cells + [_right(each.of(felt).positive, positive) for each in found]
        if held.three_classes is not None:
            share = 1 - felt.mean()
            rated = [held.three_classes, *(macro_f1(labels, each.labels) for each in found)]
            three[f"{domain}, {len(labels)}, {share:.0%} neutral"] = rated
    _show_domains(two)
    _show_three(three)


def _right(positive: Floats, labels: Floats) -> tuple[float, float]:
    right = (positive > 0.5) == (labels == 1)
    return float(right.mean()), calibration_error(np.maximum(positive, 1 - positive), right)


def _show_domains(rows: dict[str, list[Cell]]) -> None:
    title = "domains left out: share right / calibration error"
    table = Table("domain", "regulars", "without encoder", *peers(), title=title, box=None)
    for domain, figures in rows.items():
        table.add_row(domain, *map(_shown, figures))
    table.add_row("mean", *(_shown(_mean(column)) for column in zip(*rows.values(), strict=True)))
    console.print(table)


def _show_three(rows: dict[str, list[float]]) -> None:
    title = "domains left out, three labels: macro-F1"
    table = Table("domain", "regulars", *peers(), title=title, box=None)
    for domain, figures in rows.items():
        table.add_row(domain, *(f"{each:.3f}" for each in figures))
    table.add_row("mean", *(f"{mean(column):.3f}" for column in zip(*rows.values(), strict=True)))
    console.print(table)


def _mean(cells: Sequence[Cell]) -> Cell:
    apart = [cell[1] for cell in cells if cell[1] is not None]
    return mean(right for right, _ in cells), mean(apart) if apart else None


def _shown(cell: Cell) -> str:
    right, apart = cell
    return f"{right:.3f}" if apart is None else f"{right:.3f} / {apart:.3f}"


if __name__ == "__main__":
    main()
