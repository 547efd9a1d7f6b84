"""How often the sentiment model and others are right about the texts of a labelled file."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from infra.evaluation.labels import NO_LABEL, are_stars, meanings
from infra.imports.files import SourceError, refuse, rows
from shared.domain.sentiment import Label, Sentiment
from shared.inference.language import language
from shared.inference.sentiment.card import Probabilities
from shared.inference.sentiment.model import SentimentModel
from training.sentiment.metrics import calibration_error, macro_f1

LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")
BATCH = 64
SEED = 7
FELT = 0.05
"""From this score on a peer says positive or negative; what VADER's authors advise."""
LEAST = 1e-9
WARM_UP = "The parcel came on Monday, and all is well."

UNTOLD = "unknown"
"""The language of a text that has too little to tell."""

type Floats = npt.NDArray[np.float64]
type Ints = npt.NDArray[np.int64]
type Mask = npt.NDArray[np.bool_]


class Labelled(NamedTuple):
    """Texts with their labels as places in LABELS, and what was left out."""

    texts: list[str]
    labels: Ints
    left_out: dict[str, int]

    def drawn(self, most: int | None) -> "Labelled":
        """At most so many of them, drawn by a seed, in their order; the others are left out."""
        if most is None or most >= len(self.texts):
            return self
        some = np.sort(np.random.default_rng(SEED).choice(len(self.texts), most, replace=False))
        left_out = self.left_out | {"not drawn": len(self.texts) - most}
        return Labelled([self.texts[place] for place in some], self.labels[some], left_out)


class Answers(NamedTuple):
    """What a method says of each text.

    `positive` is how likely it is to be positive if it is not neutral. `labels` and `confidence` are of three labels.
    """

    positive: Floats
    labels: Ints
    confidence: Floats
    abstained: Mask
    ms_a_text: float = 0.0

    def of(self, some: Mask) -> "Answers":
        """Those on some of the texts."""
        return Answers(
            self.positive[some], self.labels[some], self.confidence[some], self.abstained[some], self.ms_a_text
        )


class Measured(BaseModel):
    """How one method does."""

    accuracy: float
    macro_f1: float
    calibration_error: float
    ms_a_text: float
    abstained: float = 0.0
    accuracy_unless_abstained: float


class Apart(BaseModel):
    """How the methods do on some of the texts."""

    n: int
    methods: dict[str, Measured]


class OpinionReport(BaseModel):
    """How the methods do on one file, all of it read as if it were in the model's language.

    The API abstains from a text in another language: those by detection are in `another_language` once more.
    """

    file: str
    n: int
    classes: int
    labels: dict[str, int]
    left_out: dict[str, int]
    model_id: str
    methods: dict[str, Measured]
    languages: dict[str, int]
    another_language: Apart | None = None


type Method = Callable[[Sequence[str]], Answers]


def labelled(path: Path, text: str, label: str, own: Mapping[str, str], three_stars: Label | None) -> Labelled:
    """The texts of a file. Raises `SourceError`, and `UnknownLabelsError` where its labels are not understood."""
    found = [row.values for row in rows(path, refuse, any_encoding=True)]
    _check(path, found, text, label)
    said = [(_told(row.get(text)), _told(row.get(label))) for row in found]
    said = [(words, "" if value.lower() in NO_LABEL else value) for words, value in said]
    whole = [(words, value) for words, value in said if words and value]
    meant = meanings({value for _, value in whole}, own, three_stars, stars=are_stars(label))
    kept = [(words, place) for words, value in whole if (place := meant[value]) is not None]
    left_out = Counter({"without text or label": len(said) - len(whole)})
    left_out.update(f"label {value}" for _, value in whole if meant[value] is None)
    if not kept:
        raise SourceError(f"{path} has no text with a label.")
    places = np.array([LABELS.index(place) for _, place in kept])
    return Labelled([words for words, _ in kept], places, {name: count for name, count in left_out.items() if count})


def _told(value: object) -> str:
    return "" if value is None else str(value).strip()


def _check(path: Path, found: list[dict[str, object]], *columns: str) -> None:
    names = list(found[0]) if found else []
    for column in columns:
        if column not in names:
            raise SourceError(f"{path} has no column {column!r}; it has {', '.join(map(str, names)) or 'no rows'}.")


def evaluate(path: Path, data: Labelled, model: SentimentModel, methods: Mapping[str, Method]) -> OpinionReport:
    """The methods on these texts, ours first."""
    three = bool((data.labels == LABELS.index("neutral")).any())
    all_methods: dict[str, Method] = {"regulars": ours(model), **methods}
    counts = Counter(LABELS[place] for place in data.labels)
    answers = {name: _answered(method, data.texts) for name, method in all_methods.items()}
    spoken = [language(each) or UNTOLD for each in data.texts]
    foreign = np.array([each not in {UNTOLD, *model.card.languages} for each in spoken])

    def measured(some: Mask) -> dict[str, Measured]:
        return {name: _measured(each.of(some), data.labels[some], three=three) for name, each in answers.items()}

    return OpinionReport(
        file=path.name,
        n=len(data.texts),
        classes=3 if three else 2,
        labels={label: counts[label] for label in LABELS if counts[label]},
        left_out=data.left_out,
        model_id=model.model_id,
        methods=measured(np.ones(len(data.texts), bool)),
        languages=dict(Counter(spoken).most_common()),
        another_language=Apart(n=int(foreign.sum()), methods=measured(foreign)) if foreign.any() else None,
    )


def ours(model: SentimentModel) -> Method:
    """The model as a method."""

    def answers(texts: Sequence[str]) -> Answers:
        chunks = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
        found = [each.sentiment for chunk in chunks for each in model.analyse(chunk, evidence=False, vectors=False)]
        known = np.array([probabilities_of(each) for each in found])
        positive = known[:, 2] / np.maximum(known[:, 0] + known[:, 2], LEAST)
        labels = np.array([LABELS.index(each.label) for each in found])
        return Answers(positive, labels, known.max(axis=1), np.array([each.abstained for each in found]))

    return answers


def probabilities_of(sentiment: Sentiment) -> Probabilities:
    """The three probabilities of an answer: the label has the confidence, and positive less negative is the score."""
    if sentiment.label == "neutral":
        rest = 1 - sentiment.confidence
        positive = min(max((rest + sentiment.score) / 2, 0.0), rest)
        return Probabilities(rest - positive, sentiment.confidence, positive)
    other = max(0.0, sentiment.confidence - abs(sentiment.score))
    sure = (other, max(0.0, 1 - sentiment.confidence - other), sentiment.confidence)
    return Probabilities(*(sure if sentiment.label == "positive" else sure[::-1]))


def scored(score: Callable[[str], float]) -> Method:
    """A peer that gives a score in [-1, 1]: the further from 0 the surer, and within 0.05 of it neutral."""

    def answers(texts: Sequence[str]) -> Answers:
        scores = np.array([score(text) for text in texts])
        felt = np.abs(scores)
        labels = np.where(felt < FELT, 1, np.where(scores > 0, 2, 0))
        confidence = np.where(felt < FELT, 1 - felt, (1 + felt) / 2)
        return Answers((1 + scores) / 2, labels, confidence, np.zeros(len(texts), bool))

    return answers


def _answered(method: Method, texts: Sequence[str]) -> Answers:
    """What it says, and how long it takes when it is warm."""
    method([WARM_UP] * 2)
    began = time.perf_counter()
    answers = method(texts)
    return answers._replace(ms_a_text=1000 * (time.perf_counter() - began) / len(texts))


def _measured(answers: Answers, labels: Ints, *, three: bool) -> Measured:
    found, confidence = (answers.labels, answers.confidence) if three else _of_two(answers.positive, labels)
    right = found == labels
    sure = ~answers.abstained
    return Measured(
        accuracy=round(float(right.mean()), 4),
        macro_f1=round(macro_f1(labels, found), 4),
        calibration_error=round(calibration_error(confidence, right), 4),
        ms_a_text=round(answers.ms_a_text, 3),
        abstained=round(float(answers.abstained.mean()), 4),
        accuracy_unless_abstained=round(float(right[sure].mean()) if sure.any() else 0.0, 4),
    )


def _of_two(positive: Floats, labels: Ints) -> tuple[Ints, Floats]:
    """Positive or negative, and how likely that is.

    Where a method has no score at all, it is given the label of the two that suits it better on this file: some would
    have it so, some so, and a lexicon has no word for every tenth text.
    """
    tied = np.abs(positive - 0.5) < LEAST
    suits = 2 if 2 * int((labels[tied] == 2).sum()) >= int(tied.sum()) else 0
    found = np.where(tied, suits, np.where(positive > 0.5, 2, 0))
    return found, np.maximum(positive, 1 - positive)
