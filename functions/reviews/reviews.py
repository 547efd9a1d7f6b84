"""The use case of reviews: events that tell of one -> feedback, as if the shop's server had sent it.

What a browser or a shop system sends cannot be refused to anybody who would mend it. So a rating that is not of one to
five stars is left out and the text kept; of a text that is too long the beginning is; and a second text under the id of
another, as of a review that was edited, is kept under an id of its own.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ValidationError

from shared.domain.errors import StoreUnavailableError
from shared.domain.events import ANONYMOUS, KNOWN, MOST_ID_BYTES, CustomerRef
from shared.domain.feedback import MOST_TEXT_BYTES, Source
from shared.domain.markup import plain_text
from shared.domain.redaction import redact
from shared.domain.saying import Said, names_somebody
from shared.stores.feedback import Kept
from shared.stores.feedback_intake import FeedbackIntake
from shared.telemetry.log import logger, named

TEXTS = ("review_body", "text")
"""Where a review's text stands: as Segment's specification spells it, and plainly."""
TOLD_BY_EVENT = "event-"
"""Begins the id of every review that has one: a page may name any, and must not take one of the shop's server."""
SUFFIX_DIGITS = 12
CUT = "..."


class Review(NamedTuple):
    """A message of the queue, and what was said in it."""

    message: str
    said: Said


class Worked(NamedTuple):
    """The messages that are to come again, and what became of the others, by words to count them by."""

    failed: list[str]
    told: Counter[str]


def work(messages: Sequence[tuple[str, str]], intake: FeedbackIntake, now: datetime) -> Worked:
    """Keep what these messages (id, body) tell. One that fails, however often it is tried, costs no other."""
    worked = Worked([], Counter())
    reviews: list[Review] = []
    for message, body in messages:
        try:
            said = said_of(json.loads(body))
        except (ValidationError, ValueError, KeyError, TypeError, RecursionError) as error:
            logger.error("a review cannot be read", extra={"error": named(error)})
            worked.failed.append(message)
        else:
            reviews += [Review(message, said)] if said else []
            worked.told.update([] if said else ["said nothing"])
    _take(reviews, intake, now, worked)
    return worked


def said_of(event: Mapping[str, Any]) -> Said | None:
    """What an event tells of a review; None where it has neither text nor stars. Raises `ValidationError` and kin."""
    details = event["details"]
    told = details | (details.get("properties") or {})
    text = next((told[name] for name in TEXTS if isinstance(told.get(name), str)), "")
    rating = _rating(told.get("rating"))
    if not text.strip() and rating is None:
        return None
    customer = CustomerRef.parse(event["customer"])
    return Said(
        # Without one it is known by what it says: the event's id names its customer, and would stay when they are gone.
        feedback_id=_id(told.get("review_id")),
        source=Source.REVIEW,
        text=_bounded(text),
        rating=rating,
        item_id=next(iter(event.get("items", ())), None),
        order_id=event.get("order_id"),
        customer_id=customer.id if customer.kind == KNOWN else None,
        anonymous_id=customer.id if customer.kind == ANONYMOUS else event.get("anonymous_id"),
        time=datetime.fromisoformat(event["time"]),
    )


def _bounded(text: str) -> str:
    """The text, or as much of its beginning as may be kept; cut when it is redacted, not through what is personal."""
    if len(text.encode(errors="replace")) <= MOST_TEXT_BYTES:
        return text
    logger.warning("a review is cut, since it is too long")
    kept = redact(plain_text(text)).text.encode(errors="replace")[: MOST_TEXT_BYTES - len(CUT)].decode(errors="ignore")
    return kept + CUT


def _rating(value: Any) -> float | None:
    """Stars as a number or as a text of one; None for what is not of one to five."""
    try:
        stars = None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
    return stars if stars is not None and 1.0 <= stars <= 5.0 else None


def _id(value: Any) -> str | None:
    """An id that was told, as feedback's; None for what can be none."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    told = text.encode(errors="replace").decode()
    whole = TOLD_BY_EVENT + told
    return whole if told and len(whole.encode()) <= MOST_ID_BYTES and not names_somebody(told) else None


def _take(reviews: Sequence[Review], intake: FeedbackIntake, now: datetime, worked: Worked) -> None:
    """All at once; where that fails by something else than a store, one by one, so that it costs only who it is."""
    if not reviews:
        return
    try:
        worked.told.update(_kept([each.said for each in reviews], intake, now))
    except StoreUnavailableError:
        raise
    except Exception as error:  # whatever it is about one of them, the others must not wait for it
        if len(reviews) > 1:
            for each in reviews:
                _take([each], intake, now, worked)
            return
        logger.error("a review cannot be kept", extra={"error": named(error)})
        worked.failed.append(reviews[0].message)


def _kept(said: Sequence[Said], intake: FeedbackIntake, now: datetime) -> Iterator[str]:
    outcomes = intake.take(said, now)
    again = [_renamed(each, intake) for each, (kept, _) in zip(said, outcomes, strict=True) if kept is Kept.OTHER]
    if again:
        outcomes = [each for each in outcomes if each.kept is not Kept.OTHER] + intake.take(again, now)
    return (reason or (kept or Kept.OTHER).value for kept, reason in outcomes)


def _renamed(said: Said, intake: FeedbackIntake) -> Said:
    """Under an id that only this text has."""
    suffix = "~" + said.digest(intake.gate.pepper())[:SUFFIX_DIGITS]
    room = MOST_ID_BYTES - len(suffix)
    short = str(said.feedback_id).encode()[:room].decode(errors="ignore")
    return said.model_copy(update={"feedback_id": short + suffix})
