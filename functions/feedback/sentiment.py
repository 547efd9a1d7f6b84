"""The use case of asking how texts feel: nothing of it is kept, or told to the log."""

from typing import Any

from pydantic import BaseModel, Field, SkipValidation, TypeAdapter, ValidationError

from shared.domain.markup import plain_text
from shared.domain.saying import Language, Text
from shared.domain.sentiment import Sentiment
from shared.inference.understanding import Analyst

MOST_TEXTS = 100
_TEXT = TypeAdapter[str](Text)


class SentimentRequest(BaseModel):
    """Texts, each checked by itself, so that a bad one never costs the answers to the others."""

    texts: list[SkipValidation[Text]] = Field(
        min_length=1, max_length=MOST_TEXTS, description="Each of at most 20,000 bytes, HTML or plain; 1 MB in all."
    )
    language: Language | None = Field(
        default=None, description="Of all of them, in ISO 639-1; detected where it is not said."
    )


class TextSentiment(Sentiment):
    """How the text at `index` of the request feels.

    Places are counted in the text as it came or, where that had markup or characters that nobody sees, in `text`.
    """

    index: int
    text: str | None = Field(default=None, description="The text as it was read, where that is not as it came.")
    categories: tuple[str, ...] = ()


class RejectedText(BaseModel):
    """A bad text: where it stood in the request, and what is wrong."""

    index: int
    field: str = "texts"
    message: str


class SentimentReport(BaseModel):
    """The answers in the order of the texts, and the texts that have none."""

    model_id: str
    results: list[TextSentiment]
    rejected: list[RejectedText]


def answer(request: SentimentRequest, analyst: Analyst) -> SentimentReport:
    """How each of these feels. The same text is always answered in the same way."""
    good: dict[int, tuple[str, str]] = {}
    rejected = []
    for index, each in enumerate(request.texts):
        checked = _checked(each)
        if isinstance(checked, tuple):
            good[index] = checked
        else:
            rejected.append(RejectedText(index=index, message=checked))
    return SentimentReport(
        model_id=analyst.model_id, results=_results(good, request.language, analyst), rejected=rejected
    )


def _checked(text: Any) -> tuple[str, str] | str:
    """The text as it came and as it is read; or what is wrong with it."""
    try:
        came = _TEXT.validate_python(text, strict=True)
    except ValidationError as error:
        return str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")
    plain = plain_text(came)
    return (came, came if plain == came.strip() else plain) if plain else "has nothing to read in it"


def _results(good: dict[int, tuple[str, str]], language: str | None, analyst: Analyst) -> list[TextSentiment]:
    texts = [read for _, read in good.values()]
    found = analyst.analyse(texts, [language] * len(texts), evidence=True, vectors=analyst.compares)
    return [
        TextSentiment(
            **dict(analysis.sentiment),
            index=index,
            text=None if read == came else read,
            categories=analyst.categories(read, analysis),
        )
        for (index, (came, read)), analysis in zip(good.items(), found, strict=True)
    ]
