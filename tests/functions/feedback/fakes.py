"""A sentiment model whose answers are known: it counts a few words, and knows no more of language than that."""

import re
from collections.abc import Callable, Sequence

from shared.domain.aspects import AspectMention
from shared.domain.sentiment import Analysis, AspectSentiment, Evidence, Label, Sentence, Sentiment

GOOD, BAD = {"good", "great", "love"}, {"bad", "awful", "broke", "terrible"}
MODEL_ID = "fake-1"
BYTES = 384


class FakeModel:
    """Positive where there are more good words than bad ones. `read` has every text that it was asked about."""

    model_id = MODEL_ID

    def __init__(self) -> None:
        self.read: list[str] = []

    def analyse(
        self,
        texts: Sequence[str],
        find_aspects: Callable[[str], Sequence[AspectMention]] | None = None,
        languages: Sequence[str | None] | None = None,
        *,
        evidence: bool = True,
        vectors: bool = True,
    ) -> list[Analysis]:
        self.read += texts
        told = languages or [None] * len(texts)
        return [
            self._analysis(text, language, find_aspects, evidence=evidence, vectors=vectors)
            for text, language in zip(texts, told, strict=True)
        ]

    def _analysis(
        self,
        text: str,
        language: str | None,
        find_aspects: Callable[[str], Sequence[AspectMention]] | None,
        *,
        evidence: bool,
        vectors: bool,
    ) -> Analysis:
        mentions = find_aspects(text) if find_aspects else []
        sentences = [
            Sentence(found.start(), found.end(), score_of(found[0]), vector_of(found[0]) if vectors else b"")
            for found in re.finditer(r"[^.!?]+[.!?]*", text)
        ]
        score = score_of(text)
        sentiment = Sentiment(
            label=label_of(score),
            score=score,
            confidence=0.9 if score else 0.4,
            abstained=not score,
            language=language,
            aspects=tuple(_aspect(text, each) for each in mentions),
            evidence=tuple(_evidence(text)) if evidence else (),
        )
        return Analysis(sentiment, tuple(sentences))


def score_of(text: str) -> float:
    words = re.findall(r"\w+", text.lower())
    good, bad = (sum(word in those for word in words) for those in (GOOD, BAD))
    return (good - bad) / (good + bad) if good + bad else 0.0


def label_of(score: float) -> Label:
    return "positive" if score > 0 else "negative" if score < 0 else "neutral"


def vector_of(text: str) -> bytes:
    """Another for every text, and of every byte there is."""
    return bytes((len(text) * 7 + n) % 256 for n in range(BYTES))


def _aspect(text: str, mention: AspectMention) -> AspectSentiment:
    start = text.rfind(".", 0, mention.start) + 1
    end = text.find(".", mention.end)
    score = score_of(text[start : end if end >= 0 else len(text)])
    return AspectSentiment(
        aspect=mention.aspect,
        term=text[mention.start : mention.end],
        start=start,
        end=end if end >= 0 else len(text),
        score=score,
        label=label_of(score),
        confidence=0.8,
    )


def _evidence(text: str) -> list[Evidence]:
    return [
        Evidence(start=found.start(), end=found.end(), text=found[0], weight=1.0 if found[0].lower() in GOOD else -1.0)
        for found in re.finditer(r"\w+", text)
        if found[0].lower() in GOOD | BAD
    ]
