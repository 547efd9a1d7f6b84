"""Trains the head: `python -m training.sentiment.train FOLDER [HEAD]`; `data.py` says what the folder holds.

A branch of the encoder is learned with it (`tuning.py`): once on all texts, and once without each domain and each pair
of domains, so that what the card says holds for domains that nothing in the model has seen: an hour on two cores. With
`--kept FOLDER` each is kept, and a run that was stopped goes on there. `--no-branch` is quicker and needs no jax.
"""

import importlib.util
import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer

from shared.inference.sentiment.card import CARD, ENCODER, HEAD, MADE, PIECES, Published, SentimentCard
from shared.inference.sentiment.encoder import Encoder
from training.sentiment import branch, customers, encoders, weights, written
from training.sentiment.branch import Branch
from training.sentiment.build import COMMITTED
from training.sentiment.data import Texts, load
from training.sentiment.export import head_files
from training.sentiment.features import LEAST_TEXTS, features
from training.sentiment.fit import Bases, Tune, fit
from training.sentiment.judge import by_domain

LIMITS = (
    "English. A text in another language is not judged: label neutral, score 0, confidence one third, abstained.",
    "Neutral is the weakest of the three labels: people agree least on it, and three stars are seldom neutral.",
    "Praise by negation rests on lists of faults and sentences made for learning: other words are often missed.",
    "Sarcasm is read as it is written: no model of this kind finds it.",
    "The products among the rated snippets are also in the customer-review set: that set is no test of this model.",
    "The ratings of words were made on the tweets, so a head is not judged on tweets.",
    "The encoder reads the first 64 tokens of a sentence, and the first and last eight sentences of a text.",
)


class Trained(NamedTuple):
    """A whole model: its card, its files but that, and the branch that its encoder has."""

    card: SentimentCard
    files: dict[str, bytes]
    branch: Branch | None

    def write(self, target: Path, *, whole: bool = False) -> None:
        """The head, and with `whole` the encoder too."""
        target.mkdir(parents=True, exist_ok=True)
        for name in HEAD + (MADE if whole else ()):
            (target / name).write_bytes(self.files[name])
        (target / branch.FILE).unlink(missing_ok=True)
        if self.branch is not None and not whole:
            (target / branch.FILE).write_bytes(self.branch.content())
        (target / CARD).write_text(self.card.model_dump_json(indent=1) + "\n")


def train(
    texts: Texts,
    folder: Path,
    published: Published,
    languages: tuple[str, ...] = ("en",),
    least_texts: int = LEAST_TEXTS,
    tune: Tune | None = None,
) -> Trained:
    """A head for these texts and the encoder of a folder; with `tune`, that encoder has a branch."""
    made = encoders.made(folder, fork=None if tune is None else tune.first)
    encoder = Encoder(made[ENCODER], made[PIECES].decode().splitlines(), encoders.TOKENS)
    ratings = customers.ratings() | rated_words()
    found = features(texts.texts, encoder, ratings, least_texts)
    known = dict[bytes, Bases]()
    head = fit(texts, found, np.ones(len(texts.texts), bool), known, tune)
    domains, abstention = by_domain(texts, found, known, tune)
    learned = None if head.bases.felt is None else branch.read(head.bases.felt.branch.content())
    files = {**head_files(head, found, ratings), **encoders.made(folder, branch=learned)}
    hashes = {name: sha256(files[name]).hexdigest() for name in sorted(files)}
    card = SentimentCard(
        model_id=f"sentiment-{sha256(json.dumps(hashes).encode()).hexdigest()[:12]}",
        made_at=datetime.now(UTC).date().isoformat(),
        encoder=published,
        tokens=encoders.TOKENS,
        languages=languages,
        files=hashes,
        data=texts.data,
        domains=domains,
        abstention=abstention,
        limits=LIMITS,
    )
    return Trained(card, files, learned)


def rated_words() -> dict[str, float]:
    """The ratings that the package vaderSentiment carries, of single words: pairs and faces are none."""
    found = importlib.util.find_spec("vaderSentiment")
    if found is None or found.submodule_search_locations is None:
        raise ModuleNotFoundError("vaderSentiment is not installed: run `make setup`")
    lines = (Path(found.submodule_search_locations[0]) / "vader_lexicon.txt").read_text("utf-8").splitlines()
    pairs = (line.split("\t")[:2] for line in lines if line.strip())
    return {word: float(rating) for word, rating in pairs if word.replace("'", "").isalpha()}


def main(
    folder: Path,
    head: Annotated[Path, typer.Argument(help="Where the head is written.")] = COMMITTED,
    kept: Annotated[Path | None, typer.Option(help="Keep each branch here, and learn none again.")] = None,
    *,
    branch: Annotated[bool, typer.Option(help="Learn a branch of the encoder too.")] = True,
) -> None:
    """Train on the texts of a folder, and write the head."""
    texts = written.added(load(folder))
    tune = _tune(texts, kept) if branch else None
    trained = train(texts, weights.published(), encoders.published(), tune=tune)
    trained.write(head)
    print(trained.card.model_dump_json(indent=1, include={"model_id", "domains", "abstention"}))


def _tune(texts: Texts, kept: Path | None) -> Tune:
    """What learns branches; imported only here, since a head without a branch is learned without jax."""
    try:
        from training.sentiment import tuning  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"No {error.name}: `make tuning-test`, then with .venv-tuning/bin/python; or --no-branch."
        ) from error
    return tuning.Tuner(weights.read(weights.published()), texts, encoders.TOKENS, kept)


if __name__ == "__main__":
    typer.run(main)
