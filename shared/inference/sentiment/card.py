"""A sentiment model's card: what it was made of, how it was judged, what it cannot do, and the hashes of its files."""

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

CARD, NUMBERS, VOCABULARY, RATINGS = "card.json", "numbers.npz", "vocabulary.txt", "ratings.txt"
FULL, FAST, ENCODER, PIECES = "full.onnx", "fast.onnx", "encoder.onnx", "pieces.txt"
HEAD = (NUMBERS, VOCABULARY, RATINGS, FULL, FAST)
"""What is learned, and lies in the repository. The encoder and its vocabulary are made from a package."""
MADE = (ENCODER, PIECES)


class BadArtefact(ValueError):  # noqa: N818 - named for what was found
    """This is no whole sentiment model: a file is missing, or is not what the card describes."""


class Part(BaseModel):
    """What every part of a card has in common: it never changes once written."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())


class Data(Part):
    """Texts that the model learned from."""

    name: str
    url: str
    licence: str
    texts: int
    sha256: str = Field(description="Of the file as it was read.")


class Domain(Part):
    """How a model that has seen nothing of this domain does on it."""

    texts: int
    accuracy: float = Field(description="Positive or negative, by the sign of the score.")
    fast_accuracy: float = Field(description="The same without the encoder.")
    calibration_error: float
    three_classes: float | None = Field(default=None, description="Macro-F1 with neutral; None where there is none.")


class Published(Part):
    """The encoder that the head was trained on."""

    package: str
    version: str
    licence: str
    sha256: str = Field(description="Of model.safetensors in the package.")


class Abstention(Part):
    """Below this confidence a label is a guess: that share of the tested texts; of the others these were right."""

    below: float
    share: float
    right: float


class SentimentCard(Part):
    """All that is told of a sentiment model."""

    model_id: str
    version: int = 1
    made_at: str
    encoder: Published
    tokens: int = 64
    languages: tuple[str, ...] = ("en",)
    files: dict[str, str] = Field(description="SHA-256 of each file but this.")
    data: tuple[Data, ...]
    domains: dict[str, Domain] = Field(description="Each left out of training.")
    abstention: Abstention
    limits: tuple[str, ...]


class Probabilities(NamedTuple):
    """Of the three labels; they sum to 1."""

    negative: float
    neutral: float
    positive: float
