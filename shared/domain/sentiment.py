"""What a text says of how its writer feels: the pure types that the model answers with.

A score lies in [-1, 1]: how likely the text is positive less how likely it is negative. A place in a text is counted in
characters (code points) of the text as it came, from `start` to before `end`.
"""

from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

Label = Literal["positive", "neutral", "negative"]


class Part(BaseModel):
    """What every part of an answer has in common: it does not change."""

    model_config = ConfigDict(frozen=True)


class Evidence(Part):
    """Words that weighed in the score, and by how much: above 0 they speak for positive, below for negative."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str
    weight: float


class AspectSentiment(Part):
    """What the text says of one aspect, such as `fit`, by the clause that names it."""

    aspect: str
    term: str = Field(description="The word or words that name it in the text.")
    start: int = Field(ge=0, description="Where the clause begins.")
    end: int = Field(ge=0)
    score: float = Field(ge=-1.0, le=1.0)
    label: Label
    confidence: float = Field(ge=0.0, le=1.0)
    abstained: bool = False


class Sentiment(Part):
    """How a text feels. Where the model `abstained`, take the label for a guess: a person should look."""

    label: Label
    score: float = Field(ge=-1.0, le=1.0)
    confidence: float = Field(ge=0.0, le=1.0, description="Calibrated: of answers with .8, four in five are right.")
    abstained: bool = False
    language: str | None = Field(
        default=None, description="ISO 639-1, as detected; null where there is too little to tell."
    )
    aspects: tuple[AspectSentiment, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Sentence(NamedTuple):
    """One sentence: where it stands, its score, and its meaning as 384 signed bytes (a unit vector times 127)."""

    start: int
    end: int
    score: float
    vector: bytes = b""


class Analysis(NamedTuple):
    """All that the model tells of one text."""

    sentiment: Sentiment
    sentences: tuple[Sentence, ...] = ()
