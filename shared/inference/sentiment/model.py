"""The sentiment of texts: label, score, confidence, aspects and evidence. It knows nothing of stores or of HTTP."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from shared.domain.sentiment import Analysis
from shared.inference.sentiment import aspects, evidence
from shared.inference.sentiment.answers import Found, answer, nothing, sentence_of
from shared.inference.sentiment.aspects import Mention
from shared.inference.sentiment.card import CARD, ENCODER, HEAD, MADE, PIECES, BadArtefact, SentimentCard
from shared.inference.sentiment.encoder import Encoder
from shared.inference.sentiment.head import Head
from shared.inference.sentiment.pieces import Piece, Text, mean_meaning, text_of
from shared.inference.session import BadGraph

FIRST = 8
"""Sentences of a text that are told apart, with vectors."""

type FindAspects = Callable[[str], Sequence[Mention]]


class SentimentModel:
    """A loaded model. Safe to use for any text; the same text is given the same answer, whatever is asked beside it."""

    def __init__(self, card: SentimentCard, head: Head, encoder: Encoder | None) -> None:
        self.card = card
        self.model_id = card.model_id
        self._head = head
        self._encoder = encoder

    @classmethod
    def load(cls, folder: Path, *, encoder: bool = True) -> "SentimentModel":
        """The model of a folder. Raises `BadArtefact` for one that is not whole.

        Without `encoder` only the head is read, which the folder of the repository has too: faster by far, less often
        right, and without vectors.
        """
        wanted = (CARD, *HEAD, *(MADE if encoder else ()))
        missing = [name for name in wanted if not (folder / name).is_file()]
        if missing:
            raise BadArtefact(f"The sentiment model in {folder} lacks {', '.join(missing)}.")
        return cls.of({name: (folder / name).read_bytes() for name in wanted})

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> "SentimentModel":
        """The model of these files; with those of the encoder or without. Raises `BadArtefact`."""
        try:
            card = SentimentCard.model_validate_json(files[CARD])
        except (KeyError, ValidationError) as error:
            raise BadArtefact(f"A sentiment model has no card that can be read: {error}") from error
        whole = {name: _checked(files, name, card) for name in files if name != CARD}
        try:
            return cls(card, Head(whole), _encoder(whole, card))
        except (BadGraph, KeyError, ValueError) as error:
            raise BadArtefact(f"{card.model_id} cannot be loaded: {error}") from error

    def analyse(
        self,
        texts: Sequence[str],
        find_aspects: FindAspects | None = None,
        languages: Sequence[str | None] | None = None,
        *,
        evidence: bool = True,
        vectors: bool = True,
    ) -> list[Analysis]:
        """One for each text, in their order.

        `languages` are as detected; a text in one that the card does not name is not judged. `find_aspects` is given a
        text as it came. Vectors are those of its first sentences.
        """
        wish = _Wish(find_aspects, evidence, vectors)
        known = languages if languages is not None else [None] * len(texts)
        read = [text_of(text, language, self.card.languages) for text, language in zip(texts, known, strict=True)]
        mentions = [list(find_aspects(each.came)) if find_aspects and each.judged else [] for each in read]
        self._encode(read, mentions, vectors=vectors)
        self._judge([piece for each in read for piece in each.pieces()])
        return [self._analysis(text, found, wish) for text, found in zip(read, mentions, strict=True)]

    def _encode(self, texts: list[Text], mentions: list[list[Mention]], *, vectors: bool) -> None:
        """Read the words of all pieces, and give each its meaning; clauses only where an aspect asks for them."""
        for text, found in zip(texts, mentions, strict=True):
            text.clauses = aspects.clauses_of(text, found)
            for piece in text.pieces():
                piece.read = self._head.read(piece.words)
        if self._encoder is None:
            return
        texts = [text for text in texts if text.judged or vectors]
        first = FIRST if vectors else 0
        told = [piece for text in texts for piece in text.sentences[:first]]
        others = [piece for text in texts for piece in (*text.sentences[first:], *text.clauses)]
        for pieces, topics in ((told, True), (others, False)):
            alone = [piece for piece in pieces if piece.alone]
            known = self._encoder.encode([piece.text for piece in alone], topics=topics)
            for piece, encoded in zip(alone, known, strict=True):
                piece.encoded = encoded
                piece.meaning = encoded.meaning
        for text in texts:
            text.whole.meaning = mean_meaning(text.sentences)

    def _judge(self, pieces: list[Piece]) -> None:
        """The probabilities of all pieces; no word has no meaning."""
        full = self._encoder is not None
        pieces = [piece for piece in pieces if piece.meaning is not None or not full]
        features = [self._head.features(piece.read, piece.meaning if full else None) for piece in pieces]
        for piece, found in zip(pieces, self._head.probabilities(features, full=full), strict=True):
            piece.found = Found(found)

    def _analysis(self, text: Text, mentions: list[Mention], wish: "_Wish") -> Analysis:
        sentences = tuple(sentence_of(text, piece, vectors=wish.vectors) for piece in text.sentences[:FIRST])
        if not text.judged:
            return Analysis(nothing(text.language), sentences)
        below = self.card.abstention.below
        known = answer(text.whole.found, below)
        spans = evidence.spans(self._head, text, full=self._encoder is not None) if wish.evidence else ()
        found = aspects.judged(text, mentions, below)
        return Analysis(
            known.model_copy(update={"language": text.language, "aspects": found, "evidence": spans}), sentences
        )


class _Wish(NamedTuple):
    """What is asked for beside the sentiment."""

    find_aspects: FindAspects | None
    evidence: bool
    vectors: bool


def _encoder(files: Mapping[str, bytes], card: SentimentCard) -> Encoder | None:
    if not any(name in files for name in MADE):
        return None
    return Encoder(files[ENCODER], files[PIECES].decode().splitlines(), card.tokens)


def _checked(files: Mapping[str, bytes], name: str, card: SentimentCard) -> bytes:
    if sha256(files[name]).hexdigest() != card.files.get(name):
        raise BadArtefact(f"{name} of {card.model_id} is not the file that its card describes.")
    return files[name]
