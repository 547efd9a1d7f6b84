"""What a customer said, as it comes in: checked, named by an id, and once it is understood, kept as feedback."""

import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from shared.domain.errors import FieldError
from shared.domain.events import ANONYMOUS, EPOCH, KNOWN, CustomerRef, Id, Moment, OrderId
from shared.domain.feedback import MOST_TEXT_BYTES, Feedback, Source
from shared.domain.markup import plain_text
from shared.domain.personal.emails import emails
from shared.domain.sentiment import Analysis

AHEAD = timedelta(hours=1)
"""As far as a clock may be ahead."""
MOST_ASPECTS = 100
"""Mentions of aspects that are kept of one text, the first ones: so a record of the table has room for all."""
MOST_SENTENCES = 64
DIGEST_DIGITS = 32


def _whole(value: Any) -> Any:
    """JSON may escape half a surrogate pair, which UTF-8 cannot hold."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


def _number(value: Any) -> Any:
    """Python takes `true` for 1."""
    if isinstance(value, bool):
        raise ValueError("must be a number of stars")
    return value


def _bounded(text: str) -> str:
    if len(text.encode()) > MOST_TEXT_BYTES:
        raise ValueError(f"is over {MOST_TEXT_BYTES:,} bytes of UTF-8")
    return text


def names_somebody(feedback_id: str) -> bool:
    """Whether an id holds an e-mail address, of which nothing would take it away again when feedback is taken back."""
    return "@" in feedback_id and any(emails(feedback_id))


def _nobodys(feedback_id: str) -> str:
    if names_somebody(feedback_id):
        raise ValueError("must not hold an e-mail address, since ids are kept as they are")
    return feedback_id


def _language(code: str) -> str:
    """`en` of `en-GB`, in lower case."""
    primary = code.replace("_", "-").partition("-")[0].lower()
    if not (len(primary) == 2 and primary.isascii() and primary.isalpha()):
        raise ValueError("must be a language of ISO 639-1, such as en")
    return primary


Text = Annotated[str, BeforeValidator(_whole), AfterValidator(_bounded)]
"""What somebody wrote, at most `MOST_TEXT_BYTES` long."""
FeedbackId = Annotated[Id, AfterValidator(_nobodys)]
Language = Annotated[str, Field(max_length=35), AfterValidator(_language)]


class Said(BaseModel):
    """One piece of feedback as a shop sends it. It needs a text or a rating.

    Without a `feedback_id` it is known by its content: the same again is the same feedback.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    feedback_id: FeedbackId | None = None
    source: Source
    text: Text = ""
    rating: Annotated[float, Field(ge=1.0, le=5.0, description="Of 1 to 5 stars."), BeforeValidator(_number)] | None = (
        None
    )
    item_id: Id | None = None
    order_id: OrderId | None = None
    customer_id: Id | None = None
    anonymous_id: Id | None = None
    language: Language | None = Field(default=None, description="ISO 639-1; detected where it is not said.")
    time: Moment | None = Field(default=None, description="When it was said; when it arrived, where this is left out.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not plain_text(self.text) and self.rating is None:
            raise ValueError("text or a rating is required")
        return self

    @property
    def customer(self) -> CustomerRef | None:
        """Whose it is; None where it names nobody."""
        if self.customer_id is not None:
            return CustomerRef(kind=KNOWN, id=self.customer_id)
        return CustomerRef(kind=ANONYMOUS, id=self.anonymous_id) if self.anonymous_id is not None else None

    def digest(self, pepper: str) -> str:
        """What it says, as a keyed hash: an unkeyed one of a short text could be guessed back."""
        fields = self.model_dump(mode="json", exclude={"feedback_id"}, exclude_none=True, exclude_defaults=True)
        content = json.dumps(fields, sort_keys=True, separators=(",", ":"))
        return hmac.digest(pepper.encode(), f"feedback:{content}".encode(), "sha256").hex()[:DIGEST_DIGITS]


class Understood(NamedTuple):
    """What became of a text: what is kept of it, what was taken out, and what it says."""

    text: str
    redacted: dict[str, int]
    analysis: Analysis
    categories: tuple[str, ...]
    model_id: str


def read(record: Any, now: datetime) -> Said | FieldError:
    """The feedback of a record, or the first field of it that is bad."""
    try:
        said = Said.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        message = str(first["msg"]).removeprefix("Value error, ")
        return FieldError(".".join(map(str, first["loc"])) or ("text" if isinstance(record, dict) else ""), message)
    if said.time and said.time > now + AHEAD:
        return FieldError("time", "is more than one hour in the future")
    if said.time and said.time < EPOCH:
        return FieldError("time", "is before 1970")
    return said


def kept(said: Said, feedback_id: str, time: datetime, understood: Understood) -> Feedback:
    """The feedback as it is kept. What weighed in the score is left out: the text can be asked about again."""
    sentiment, sentences = understood.analysis
    return Feedback(
        feedback_id=feedback_id,
        source=said.source,
        time=time,
        text=understood.text,
        rating=said.rating,
        item_id=said.item_id,
        order_id=said.order_id,
        customer=said.customer,
        redacted=understood.redacted,
        sentiment=sentiment.model_copy(update={"aspects": sentiment.aspects[:MOST_ASPECTS], "evidence": ()}),
        categories=understood.categories,
        model_id=understood.model_id,
        sentences=_remembered(sentences),
    )


def _remembered(sentences: Sequence[Any]) -> tuple[Any, ...]:
    """The sentences that have a meaning to compare by, then others, in their order, as many as are kept."""
    chosen = sorted(range(len(sentences)), key=lambda n: not sentences[n].vector)[:MOST_SENTENCES]
    return tuple(sentences[n] for n in sorted(chosen))
