"""What a run over the feedback found, as it is kept: of quotes, where they stand, and no copies."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from shared.domain.events import Id
from shared.domain.feedback import Feedback, Issue, Quote, Theme

MOST_QUOTED = 1_000
"""Characters of one quote. Who writes 20,000 bytes without a full stop must not make the reply too large to send."""


class Part(BaseModel):
    """What all of these have in common: they do not change."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())


class Place(Part):
    """A sentence of some feedback."""

    feedback_id: Id
    start: int
    end: int
    score: float

    def quoted(self, feedback: Feedback) -> Quote:
        """The sentence as it stands there; of a very long one the beginning, since a reply has many of them."""
        text = feedback.text[self.start : self.end]
        return Quote(
            feedback_id=feedback.feedback_id,
            text=text if len(text) <= MOST_QUOTED else text[: MOST_QUOTED - 1] + "\u2026",
            score=self.score,
            time=feedback.time,
            item_id=feedback.item_id,
            rating=feedback.rating,
        )


class FoundTheme(Part):
    """A theme, whose quotes are in `places`."""

    theme: Theme
    places: tuple[Place, ...] = ()


class FoundIssue(Part):
    """An issue, whose quotes are in `places`.

    `rate` is how many mentions a piece of feedback had before it was raised, and `size` that forecast's: while an issue
    lasts, what it adds must not become what is normal. `active` is the last day on which there was more than that.
    """

    issue: Issue
    places: tuple[Place, ...] = ()
    rate: float
    size: float
    active: date
    closed: date | None = None


class Centroid(Part):
    """Where a theme lies among meanings, and when it was last there."""

    theme_id: Id
    label: str
    first_seen: date
    last_seen: date
    vector: bytes


class Run(Part):
    """All that one run over the feedback found. `revision` counts the runs; `sampled` is the share that was read."""

    run_id: str
    revision: int
    as_of: datetime
    model_id: str | None = None
    feedback: int = 0
    sampled: float = 1.0
    themes: tuple[FoundTheme, ...] = ()
    issues: tuple[FoundIssue, ...] = ()
