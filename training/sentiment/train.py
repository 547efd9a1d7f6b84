"""Trains the head: `python -m training.sentiment.train FOLDER [HEAD]`; `data.py` says what the folder holds.

The encoder stays as it was published. Minutes on one core, most of them spent on reading the texts with the encoder.
"""

import importlib.util
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from shared.inference.sentiment.card import CARD, ENCODER, HEAD, MADE, PIECES, Published, SentimentCard
from shared.inference.sentiment.encoder import Encoder
from training.sentiment import customers, encoders, weights, written
from training.sentiment.build import COMMITTED
from training.sentiment.data import Texts, load
from training.sentiment.export import head_files
from training.sentiment.features import LEAST_TEXTS, features
from training.sentiment.fit import Bases, fit
from training.sentiment.judge import by_domain

LIMITS = (
    "English. A text in another language is not judged: label neutral, score 0, confidence one third, abstained.",
    "Neutral is the weakest of the three labels: people agree least on it, and three stars are seldom neutral.",
    "Praise by negation rests on lists of faults and sentences made for learning: other words are often missed.",
    "Sarcasm is read as it is written: no model of this kind finds it.",
    "The products among the rated snippets are also in the customer-review set: that set is no test of this model.",
    "The ratings of words were made on the tweets: how a head does on tweets says little.",
    "The encoder reads the first 64 tokens of a sentence, and the first and last eight sentences of a text.",
)


class Trained(NamedTuple):
    """A whole model: its card, and its files but that."""

    card: SentimentCard
    files: dict[str, bytes]

    def write(self, target: Path, *, whole: bool = False) -> None:
        """The head, and with `whole` the encoder too."""
        target.mkdir(parents=True, exist_ok=True)
        for name in HEAD + (MADE if whole else ()):
            (target / name).write_bytes(self.files[name])
        (target / CARD).write_text(self.card.model_dump_json(indent=1) + "\n")


def train(
    texts: Texts,
    made: Mapping[str, bytes],
    published: Published,
    languages: tuple[str, ...] = ("en",),
    least_texts: int = LEAST_TEXTS,
) -> Trained:
    """A head for these texts and this encoder (the files of card.MADE)."""
    encoder = Encoder(made[ENCODER], made[PIECES].decode().splitlines(), encoders.TOKENS)
    ratings = customers.ratings() | rated_words()
    found = features(texts.texts, encoder, ratings, least_texts)
    known = dict[bytes, Bases]()
    head = fit(texts, found, np.ones(len(texts.texts), bool), known)
    domains, abstention = by_domain(texts, found, known)
    files = {**head_files(head, found, ratings), **made}
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
    return Trained(card, files)


def rated_words() -> dict[str, float]:
    """The ratings that the package vaderSentiment carries, of single words: pairs and faces are none."""
    found = importlib.util.find_spec("vaderSentiment")
    if found is None or found.submodule_search_locations is None:
        raise ModuleNotFoundError("vaderSentiment is not installed: run `make setup`")
    lines = (Path(found.submodule_search_locations[0]) / "vader_lexicon.txt").read_text("utf-8").splitlines()
    pairs = (line.split("\t")[:2] for line in lines if line.strip())
    return {word: float(rating) for word, rating in pairs if word.replace("'", "").isalpha()}


def main(folder: Path, target: Path) -> None:
    """Train on the texts of a folder, and write the head."""
    trained = train(written.added(load(folder)), encoders.made(weights.published()), encoders.published())
    trained.write(target)
    print(trained.card.model_dump_json(indent=1, include={"model_id", "domains", "abstention"}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else COMMITTED)
