"""Learns the head: four logistic regressions, and one for each path on what those say of domains not seen.

A branch of the encoder, where one is learned (`tuning.py`), says two numbers more, as those regressions do.

What a model says of a text from a shop that it has never seen is what counts, so the last regression learns from logits
made for each domain by models that were trained on the others. It learns so how far each kind of feature can be trusted
away from home, and its probabilities are calibrated there.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from shared.inference.sentiment import lexicon
from shared.inference.sentiment.answers import LABELS
from training.sentiment.branch import Branch
from training.sentiment.data import Texts
from training.sentiment.features import Features

LEXICON_SAW = frozenset({"tweets"})
"""The rated words were made on these, so they say nothing about how far ratings can be trusted elsewhere: they are
learned from, and neither left out nor judged where there are other domains enough."""
WRITTEN = "written "
"""Sentences made for learning are no domain to be judged on: a part of them is left out with each."""
WRITTEN_WEIGHTS = (1.0, 0.3, 1.0, 1.0)
"""What such a sentence counts beside another text in each of the four regressions, in the order of STRENGTHS."""
WRITTEN_WEIGHT = 0.5
"""And in the last."""
LOOSE = 0.01
"""The spread that the last regression expects in what the lexicon's features weigh, in units of their own spread.

How far rated words can be trusted differs from domain to domain, which more texts of the same domains do not tell.
"""
LOOSE_BRANCH = 0.04
"""And in what the branch's logits weigh: it is surest of sentences like those that it learned from."""
ROUNDING = 1e-9
"""A spread up to here is none: the number is the same in all texts."""
FOLDS = 5
BRANCH = 2
"""The logits of a branch of the encoder: positive against negative, and neutral against both."""
STRENGTHS = (4.0, 0.5, 2.0, 1.0)
"""How freely each regression may fit: terms and meaning for positive, then terms and meaning for neutral."""
TOLERANCE = 1e-4
"""Stopped at ten times that, a fit depends on where it stopped: calibration errors moved by .02 either way."""
ORDER = (0, 2, 1, 3)
"""From those to the order at serving: terms positive, terms neutral, meaning positive, meaning neutral."""
RATINGS = [at - len(lexicon.FEATURES) for at, name in enumerate(lexicon.FEATURES) if "turned" not in name]
"""Their places among the numbers, from the end; what negations turned round is learned from sentences made for that."""

type Floats = npt.NDArray[np.float64]
type Mask = npt.NDArray[np.bool_]


class Felt(NamedTuple):
    """A branch of the encoder, and its logits of all texts: positive, and neutral [texts, 2]."""

    branch: Branch
    logits: Floats


class Tune(Protocol):
    """Learns a branch from some texts."""

    @property
    def first(self) -> int:
        """The layer that the branch forks off below."""

    def __call__(self, rows: Mask) -> Felt:
        """What is learned from these texts."""


class Bases(NamedTuple):
    """The four regressions, in the order in which they serve, and the branch."""

    models: tuple[LogisticRegression, ...]
    felt: Felt | None

    def logits(self, features: Features, rows: Mask) -> Floats:
        """What they say of these texts [texts, 4], or with a branch [texts, 6]."""
        inputs = (features.terms[rows], features.terms[rows], features.meanings[rows], features.meanings[rows])
        found = [model.decision_function(each) for model, each in zip(self.models, inputs, strict=True)]
        return np.column_stack([*found, *(() if self.felt is None else self.felt.logits[rows].T)])


class Fitted(NamedTuple):
    """A whole head."""

    bases: Bases
    full: LogisticRegression
    fast: LogisticRegression

    def probabilities(self, features: Features, rows: Mask, *, full: bool) -> Floats:
        """Of negative, neutral and positive."""
        numbers = stacked(self.bases.logits(features, rows), features.ratings[rows], full=full)
        found: Floats = (self.full if full else self.fast).predict_proba(numbers)
        return found


def stacked(logits: Floats, ratings: Floats, *, full: bool) -> Floats:
    """The numbers that the last graph takes."""
    return np.column_stack([logits if full else logits[:, :2], ratings])


def fit(texts: Texts, features: Features, rows: Mask, known: dict[bytes, Bases], tune: Tune | None = None) -> Fitted:
    """A head from these texts. `known` are the bases that were fitted already: who judges leaves out the same."""
    unseen = np.zeros((len(texts.texts), len(STRENGTHS) + (0 if tune is None else BRANCH)))
    for left_out in folds(texts, rows):
        unseen[left_out] = _bases(texts, features, rows & ~left_out, known, tune).logits(features, left_out)
    usable = rows & (texts.labels >= 0) & (np.isin(texts.domains, domains_of(texts, rows)) | written(texts))
    last = (_last(texts, stacked(unseen, features.ratings, full=full), usable, dear=full) for full in (True, False))
    return Fitted(_bases(texts, features, rows, known, tune), *last)


def folds(texts: Texts, rows: Mask) -> Iterator[Mask]:
    """Each domain with a part of what was made for learning; or, where there is only one, five random parts."""
    domains = domains_of(texts, rows)
    if len(domains) > 1:
        parts = [rows & (texts.domains == part) for part in sorted(set(texts.domains[rows & written(texts)]))]
        for at, domain in enumerate(domains):
            others = parts[at :: len(domains)]
            yield np.logical_or.reduce([rows & (texts.domains == domain), *others])
        return
    part = np.random.default_rng(0).integers(0, FOLDS, len(rows))
    yield from (rows & (part == fold) for fold in range(FOLDS))


def domains_of(texts: Texts, rows: Mask) -> list[str]:
    """The domains that can be left out; those that the lexicon saw only where the others have not all three labels."""
    said = rows & ~written(texts)
    apart = said & ~np.isin(texts.domains, list(LEXICON_SAW))
    enough = len(set(texts.domains[apart])) > 1 and {0, 1, 2} <= set(texts.labels[apart].tolist())
    return sorted(set(texts.domains[apart if enough else said]))


def written(texts: Texts) -> Mask:
    """Which of them were made for learning."""
    return np.char.startswith(texts.domains, WRITTEN)


def _bases(texts: Texts, features: Features, rows: Mask, known: dict[bytes, Bases], tune: Tune | None) -> Bases:
    key = rows.tobytes()
    if key not in known:
        known[key] = Bases(_fitted(texts, features, rows), None if tune is None else tune(rows))
    return known[key]


def _fitted(texts: Texts, features: Features, rows: Mask) -> tuple[LogisticRegression, ...]:
    inputs: list[Any] = [features.terms, features.meanings] * 2
    wanted = (texts.positive, texts.positive, texts.neutral, texts.neutral)
    models = [
        _regression(each, labels, rows, texts.domains, strength, weight)
        for each, labels, strength, weight in zip(inputs, wanted, STRENGTHS, WRITTEN_WEIGHTS, strict=True)
    ]
    return tuple(models[at] for at in ORDER)


def _regression(
    inputs: Floats, labels: Floats, rows: Mask, domains: npt.NDArray[np.str_], c: float, written: float
) -> LogisticRegression:
    known = rows & ~np.isnan(labels)
    weights = balanced(domains[known], labels[known], written)
    return LogisticRegression(C=c, max_iter=1_000, tol=TOLERANCE).fit(
        inputs[known].astype(np.float64), labels[known], sample_weight=weights
    )


def _last(texts: Texts, numbers: Floats, rows: Mask, *, dear: bool) -> LogisticRegression:
    domains, labels = texts.domains[rows], texts.labels[rows]
    weights = balanced(domains, labels, WRITTEN_WEIGHT)
    model = joined(numbers[rows], labels, weights, dear=dear)
    model.intercept_ = model.intercept_ + _prior(domains, labels, weights)
    return model


def _prior(domains: npt.NDArray[np.str_], labels: npt.NDArray[np.int64], weights: Floats) -> Floats:
    """What to add to the intercepts [3], so that neutral is as likely as where people could say all three labels.

    Texts that were chosen for being positive or negative teach everything but how often a text is neither. Method:
    prior correction for chosen samples (King and Zeng, Political Analysis 2001).
    """
    whole = [each for each in np.unique(domains) if {0, 1, 2} <= set(labels[domains == each].tolist())]
    asked = np.isin(domains, whole) & ~np.char.startswith(domains, WRITTEN)
    if not asked.any():
        return np.zeros(len(LABELS))
    shares = [np.bincount(labels, weights * part, len(LABELS)) for part in (asked, np.ones(len(labels)))]
    neutral = [share[1] / (share[0] + share[2]) for share in shares]
    return np.array([0.0, np.log(neutral[0] / neutral[1]), 0.0])


def joined(numbers: Floats, labels: npt.NDArray[np.int64], weights: Floats, *, dear: bool) -> LogisticRegression:
    """The last regression. If ratings and branch are `dear`, it learns from them made small, and takes them as is."""
    scales = np.ones(numbers.shape[1])
    if dear:
        spread = numbers.std(axis=0)
        spread = np.where(spread > ROUNDING, spread, 1.0)
        branch = slice(len(STRENGTHS), numbers.shape[1] - len(lexicon.FEATURES))
        scales[RATINGS] = LOOSE / spread[RATINGS]
        scales[branch] = LOOSE_BRANCH / spread[branch]
    model = LogisticRegression(C=1.0, solver="newton-cholesky")
    model.fit(numbers * scales, labels, sample_weight=weights)
    model.coef_ = model.coef_ * scales
    return model


def balanced(domains: npt.NDArray[np.str_], labels: npt.NDArray[np.generic], written: float) -> Floats:
    """Weights of mean 1, so that neither a large domain nor a common label drowns the others."""
    made = np.char.startswith(domains, WRITTEN)
    groups = np.char.add(np.where(made, WRITTEN, domains), labels.astype(float).astype(str))
    _, place, counts = np.unique(groups, return_inverse=True, return_counts=True)
    weights: Floats = np.where(made, written, 1.0) / np.sqrt(counts[place])
    return weights / weights.mean()
