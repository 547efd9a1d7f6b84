"""How feedback gets in, whoever sends it: consent and erasure are looked up, then what is new is understood and kept.

Nothing of a text is written before it was understood, which is where personal data is taken out of it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from shared.domain.feedback import Feedback
from shared.domain.retention import LONG
from shared.domain.saying import Said, Understood, kept
from shared.domain.vocabulary import EventName
from shared.stores.feedback import FeedbackStore, Kept
from shared.stores.intake import Arrived, Intake, Reason

Understand = Callable[[Sequence[Said]], Sequence[Understood]]
"""What becomes of the texts of these, in their order. Raises `StoreUnavailableError` where there is no model."""
NotKept = Reason | Literal["withdrawn"]

UNNAMED = "auto-"
"""Begins the id of feedback that came without one."""
IDENTITY = {"customer_id": None, "anonymous_id": None, "order_id": None}


class Outcome(NamedTuple):
    """What became of one piece of feedback: new, known, or under the id of another; None where it was not kept.

    And why, where it was not kept as it came.
    """

    kept: Kept | None
    reason: NotKept | None = None


@dataclass
class Piece:
    """One piece of feedback on its way in."""

    said: Said
    feedback_id: str
    digest: str
    kept: Kept | None = None
    reason: NotKept | None = None
    dropped: bool = False

    def arrived(self) -> Arrived | None:
        """As an event, since consent and erasure are asked about events; None where nobody is named."""
        if (customer := self.said.customer) is None:
            return None
        items = (self.said.item_id,) if self.said.item_id else ()
        anonymous = self.said.anonymous_id if customer.is_known else None
        return Arrived(customer, self.feedback_id, self.said.time, EventName.PRODUCT_REVIEWED, items, anonymous)

    def strip(self, stripped: Arrived) -> None:
        """Leave nothing of who it was."""
        self.said = self.said.model_copy(update=IDENTITY | {"time": stripped.time})
        self.feedback_id = stripped.message_id


class FeedbackIntake(NamedTuple):
    """Where feedback goes, whom to ask before, and how it is understood."""

    store: FeedbackStore
    gate: Intake
    understand: Understand

    def take(self, said: Sequence[Said], now: datetime) -> list[Outcome]:
        """Keep these; what became of each. What is told as kept has been written.

        Idempotent. Raises `StoreUnavailableError` where something could not be: then all of it is to be sent again.
        """
        pepper = self.gate.pepper()
        pieces = [_piece(each, pepper) for each in said]
        self._recognise(pieces)
        self._judge([each for each in pieces if _open(each)], now)
        self._recognise([each for each in pieces if each.reason and _open(each)])
        self._keep([each for each in pieces if _open(each)], now)
        return [Outcome(each.kept, each.reason) for each in pieces]

    def _recognise(self, pieces: Sequence[Piece]) -> None:
        """Settle those whose ids are taken: nothing of them need be understood again."""
        claims = self.store.claims({each.feedback_id for each in pieces}) if pieces else {}
        for each in pieces:
            if claim := claims.get(each.feedback_id):
                each.kept = Kept.KNOWN if claim.digest == each.digest else Kept.OTHER
                if claim.withdrawn:
                    each.kept, each.reason, each.dropped = None, "withdrawn", True

    def _judge(self, pieces: Sequence[Piece], now: datetime) -> None:
        """Consent and erasure of who is named, and the age of all."""
        named = [(each, arrived) for each in pieces if (arrived := each.arrived())]
        judged = self.gate.judge([arrived for _, arrived in named], now) if named else []
        for (each, _), (after, reason) in zip(named, judged, strict=True):
            each.reason, each.dropped = reason, after is None
            if after is not None and reason is not None:
                each.strip(after)
        for each in pieces:
            if (each.said.time or now) + LONG <= now:
                each.reason, each.dropped = "expired", True

    def _keep(self, pieces: Sequence[Piece], now: datetime) -> None:
        """Understand what is new, each id once, and keep it."""
        first: dict[str, Piece] = {}
        for each in pieces:
            first.setdefault(each.feedback_id, each)
        new = list(first.values())
        feedback = _feedback(new, self.understand([each.said for each in new]), now) if new else []
        written = self.store.keep(feedback, {each.feedback_id: each.digest for each in new}) if new else []
        for each, became in zip(new, written, strict=True):
            each.kept = became
        for each in pieces:
            if each.kept is None:
                same = first[each.feedback_id].digest == each.digest
                each.kept = Kept.KNOWN if same else Kept.OTHER


def _piece(said: Said, pepper: str) -> Piece:
    digest = said.digest(pepper)
    return Piece(said, said.feedback_id or UNNAMED + digest, digest)


def _open(piece: Piece) -> bool:
    """Whether it is still to be kept."""
    return piece.kept is None and not piece.dropped


def _feedback(pieces: Sequence[Piece], understood: Iterable[Understood], now: datetime) -> list[Feedback]:
    return [
        kept(each.said, each.feedback_id, each.said.time or now, what)
        for each, what in zip(pieces, understood, strict=True)
    ]
