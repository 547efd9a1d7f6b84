"""What is exported says the same as what was learned, whatever the text: there is nothing but numbers in between."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from shared.inference.sentiment.card import MADE
from shared.inference.sentiment.encoder import Encoder
from shared.inference.sentiment.head import Head
from shared.inference.sentiment.pieces import mean_meaning, text_of
from tests.training.sentiment import tiny
from training.sentiment import branch, encoders
from training.sentiment import fit as fitting
from training.sentiment.branch import Branch
from training.sentiment.export import head_files
from training.sentiment.features import Features, features
from training.sentiment.fit import Felt, Fitted, Mask, fit
from training.sentiment.train import rated_words

NASTY = [
    "",
    "superb",
    "The lamp is not superb, it is HORRID!!!",
    "Ünïcödé schön naïve 中文 العربية",
    "😍😍 👍🏽 :( <3",
    "x" * 10_000,
    "The kettle is lovely. " * 500,
    "\x00\u200b\u202e mixed \ud83d",
]


class Said(NamedTuple):
    """A drawn branch, and what the served graph says by it."""

    branch: Branch
    logits: npt.NDArray[np.float64]

    @property
    def first(self) -> int:
        return self.branch.first

    def __call__(self, rows: Mask) -> Felt:
        assert rows.any()
        return Felt(self.branch, self.logits)


def said(felt: Branch, encoder: Encoder, texts: Sequence[str]) -> Said:
    sentences = [[piece.text for piece in text_of(text, None, ()).sentences] for text in texts]
    means = [np.mean([e.meaning[: tiny.SIZE] for e in encoder.encode(each)], 0) if each else 0 for each in sentences]
    return Said(felt, np.array([mean @ felt.weights if np.ndim(mean) else np.zeros(2) for mean in means]) + felt.bias)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "with a branch"])
def learned(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Fitted, Features, Encoder]]:
    felt = branch.read(tiny.changes().content()) if request.param else None
    folder = tiny.folder(tmp_path_factory.mktemp("tiny") / "encoder", tiny.vocabulary())
    read, encoder = (
        Encoder(made[MADE[0]], made[MADE[1]].decode().splitlines(), encoders.TOKENS)
        for made in (encoders.made(folder, fork=felt and felt.first), encoders.made(folder, branch=felt))
    )
    texts = tiny.texts()
    found = features([*texts.texts, *NASTY], read, rated_words(), 2)
    rows = np.arange(len(texts.texts) + len(NASTY)) < len(texts.texts)
    padded = texts._replace(
        texts=[*texts.texts, *NASTY],
        domains=np.append(texts.domains, ["nasty"] * len(NASTY)),
        positive=np.append(texts.positive, [np.nan] * len(NASTY)),
        neutral=np.append(texts.neutral, [np.nan] * len(NASTY)),
    )
    tune = felt and said(felt, encoder, padded.texts)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(fitting, "LOOSE_BRANCH", 1.0)
        yield fit(padded, found, rows, {}, tune), found, encoder


@pytest.mark.parametrize("full", [True, False], ids=["full", "fast"])
def test_the_files_say_what_was_learned(learned: tuple[Fitted, Features, Encoder], full: bool) -> None:
    fitted, found, encoder = learned
    head = Head(head_files(fitted, found, rated_words()))
    rows = np.arange(found.terms.shape[0]) >= found.terms.shape[0] - len(NASTY)
    expected = fitted.probabilities(found, rows, full=full)
    numbers = []
    for text in NASTY:
        read = text_of(text, None, ())
        for piece in read.sentences:
            piece.meaning = encoder.encode([piece.text])[0].meaning
        meaning = mean_meaning(read.sentences) if full else None
        none = np.zeros(len(encoder.encode(["lamp"])[0].meaning), np.float32) if full else None
        numbers.append(head.features(head.read(read.whole.words), none if meaning is None else meaning))
    served = np.array(head.probabilities(numbers, full=full))
    assert np.abs(served - expected).max() < 2e-3
    assert np.abs(served.sum(axis=1) - 1).max() < 1e-5


def test_the_margin_is_that_of_the_graph(learned: tuple[Fitted, Features, Encoder]) -> None:
    """The evidence speaks of the very margin that the graph computes."""
    fitted, found, _ = learned
    rows = np.arange(found.terms.shape[0]) < 20
    given = fitted.probabilities(found, rows, full=True)
    numbers = np.column_stack([fitted.bases.logits(found, rows), found.ratings[rows]])
    weights, constants = fitted.full.coef_, fitted.full.intercept_
    margin = numbers @ (weights[2] - weights[0]) + constants[2] - constants[0]
    assert np.abs(margin - np.log(given[:, 2] / given[:, 0])).max() < 1e-6
