"""How well the themes' clustering finds groups that people made: `python -m tests.bench.bench_clusters FOLDER`.

The folder holds BANKING77 (`bank77_train.csv`, `bank77_test.csv`: questions to a bank, each of one of 77 intents; CC BY
4.0, github.com/PolyAI-LDN/task-specific-datasets). A minute and a half. Meanings are those that the carried model gives
feedback, of the whole text, in signed bytes. Two shapes: 2,500 texts as they come, and 300 of intents of very unequal
size, as themes are. Beside ours k-means, once told to make as many groups as ours found, once as many as there are,
with ten starts; and both on the same space as ours, since half of the method is where the middle lies.

What ours leaves in no group counts as a group of its own for each such text; `of those in a group` leaves the same
texts out for every method. Means of five draws, with the standard deviation over them.
"""

import csv
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from functions.themes.cluster import NONE, cluster, space
from infra import sentiment
from shared.inference.sentiment.model import SentimentModel

FILES = ("bank77_train.csv", "bank77_test.csv")
DRAWS = 5
EVEN, UNEVEN = 2_500, 300
UNEQUAL = 1.0
"""Of the second shape: the n-th most frequent intent is so often as the first by n to the power of this."""
BATCH = 64

type Groups = NDArray[np.int64]
type Vectors = NDArray[np.int8]


class Texts(NamedTuple):
    """Texts with their intents as numbers."""

    texts: list[str]
    intents: Groups


class Row(NamedTuple):
    """What one method did on one draw."""

    groups: float
    grouped: float
    ari: float
    nmi: float
    ari_of_grouped: float
    nmi_of_grouped: float


def read(folder: Path) -> Texts:
    """All texts of both files. Raises `FileNotFoundError` where they are not there."""
    rows = [row for name in FILES for row in csv.DictReader(folder.joinpath(name).read_text("utf-8").splitlines())]
    names = sorted({row["category"] for row in rows})
    return Texts([row["text"].strip() for row in rows], np.array([names.index(row["category"]) for row in rows]))


def even(of: Texts, random: np.random.Generator) -> Groups:
    """Places of texts as they come."""
    return random.choice(len(of.texts), EVEN, replace=False)


def uneven(of: Texts, random: np.random.Generator) -> Groups:
    """Places of texts of which a few intents have most."""
    intents = random.permutation(of.intents.max() + 1)
    weights = 1.0 / np.arange(1, len(intents) + 1) ** UNEQUAL
    wanted = random.multinomial(UNEVEN, weights / weights.sum())
    found = [
        random.choice(own, min(count, len(own)), replace=False)
        for intent, count in zip(intents, wanted, strict=True)
        if len(own := np.flatnonzero(of.intents == intent))
    ]
    return np.concatenate(found)


def meanings(texts: list[str]) -> Vectors:
    """The whole texts' meanings by the carried model, as bytes: of several sentences the mean."""
    model = SentimentModel.load(sentiment.folder())
    chunks = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
    read = [each for chunk in chunks for each in model.analyse(chunk, evidence=False, vectors=True)]
    means = [
        np.mean([np.frombuffer(each.vector, np.int8) for each in text.sentences if each.vector], axis=0)
        for text in read
    ]
    return np.asarray(np.round(_unit(np.array(means)) * 127), dtype=np.int8)


def measured(vectors: Vectors, intents: Groups, random: np.random.Generator) -> dict[str, Row]:
    """Ours and the peers on one draw."""
    order = random.permutation(len(vectors))
    within = space(vectors, order)
    found = cluster(vectors, order, within)
    grouped = found.labels != NONE
    ours = np.where(grouped, found.labels, len(found.centroids) + np.arange(len(vectors)))
    plain, centred = _unit(vectors.astype(np.float64)), within.centred(vectors)
    count, true = len(found.centroids), len(np.unique(intents))
    ways: Mapping[str, Callable[[], Groups]] = {
        "ours": lambda: ours,
        "k-means, as many": lambda: _kmeans(plain, count),
        "k-means from our middle, as many": lambda: _kmeans(centred, count),
        "k-means, told how many there are": lambda: _kmeans(plain, true),
        "k-means from our middle, told so": lambda: _kmeans(centred, true),
    }
    return {name: _row(way(), intents, grouped, ours=name == "ours") for name, way in ways.items()}


def _row(labels: Groups, intents: Groups, grouped: NDArray[np.bool_], *, ours: bool) -> Row:
    inside = labels[grouped], intents[grouped]
    return Row(
        len(np.unique(inside[0] if ours else labels)),
        float(grouped.mean()) if ours else 1.0,
        adjusted_rand_score(intents, labels),
        normalized_mutual_info_score(intents, labels),
        adjusted_rand_score(inside[1], inside[0]),
        normalized_mutual_info_score(inside[1], inside[0]),
    )


def _kmeans(vectors: NDArray[np.floating], groups: int) -> Groups:
    return np.asarray(KMeans(groups, n_init=10, random_state=0).fit_predict(vectors), dtype=np.int64)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))


def main() -> None:
    """Print both tables; without the folder, nothing."""
    if len(sys.argv) != 2:
        print("bench_clusters needs the folder of BANKING77: see its first lines.")
        return
    every = read(Path(sys.argv[1]))
    for name, drawn in (("2,500 texts as they come", even), ("300 texts, intents of unequal size", uneven)):
        rows: dict[str, list[Row]] = {}
        for draw in range(DRAWS):
            random = np.random.default_rng([draw, EVEN])
            places = drawn(every, random)
            vectors = meanings([every.texts[at] for at in places])
            for way, row in measured(vectors, every.intents[places], random).items():
                rows.setdefault(way, []).append(row)
        Console(width=150).print(_table(name, rows))


def _table(name: str, rows: Mapping[str, list[Row]]) -> Table:
    table = Table(name, "groups", "in a group", "ARI", "NMI", "ARI of those in a group", "NMI of them", box=None)
    for way, each in rows.items():
        mean, spread = np.mean(each, axis=0), np.std(each, axis=0, ddof=1)
        figures = [f"{of:.2f} ±{by:.2f}" for of, by in zip(mean[2:], spread[2:], strict=True)]
        table.add_row(way, f"{mean[0]:.0f}", f"{mean[1]:.0%}", *figures)
    return table


if __name__ == "__main__":
    main()
