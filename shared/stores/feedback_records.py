"""How feedback lies in the table: its record, and the claim of its id.

A customer's lies in the customer's own partition, what is nobody's under its id. The claim lies under the id, always:
it says what was said first under it, and whose that is. (No attribute may be called `item_id` beside `shelf`: the index
of the catalogue would take it in.)
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from shared.domain.events import CustomerRef
from shared.domain.feedback import Feedback
from shared.domain.retention import LONG
from shared.domain.sentiment import Sentence
from shared.stores.events import partition
from shared.stores.table import Key, Record

FEEDBACK = "FEEDBACK#"
CLAIM = "CLAIM"
SHELF = "feedback#"
FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""Of times in the index: in their order as texts."""


class Claim(NamedTuple):
    """Who has an id: what was said under it, whose it is, and whether the owner of the shop took it back."""

    digest: str
    owner: CustomerRef | None
    withdrawn: bool


def record_of(feedback: Feedback) -> Record:
    """The feedback's record. The sentences' meanings lie apart from the text, as bytes."""
    pk, sk = place_of(feedback)
    sentences = [[each.start, each.end, each.score, len(each.vector)] for each in feedback.sentences]
    return {
        "pk": pk,
        "sk": sk,
        "shelf": SHELF + stamp(feedback.time)[:4],
        "since": since_of(feedback),
        "time": feedback.time.astimezone(UTC).isoformat(),
        "body": feedback.model_dump_json(exclude={"sentences"}, exclude_defaults=True),
        "sentences": json.dumps(sentences, separators=(",", ":")) if sentences else None,
        "vectors": b"".join(each.vector for each in feedback.sentences) or None,
        "expires_at": int((feedback.time + LONG).timestamp()),
    }


def parse(record: Mapping[str, Any]) -> Feedback:
    """The feedback of a record; raises `ValueError` for one that cannot be read."""
    feedback = Feedback.model_validate_json(record["body"], extra="ignore")
    return feedback.model_copy(update={"sentences": tuple(_sentences(record))})


def led_to(sk: str) -> list[Key]:
    """The key of the claim that belongs to a customer's record of this sort key."""
    return [(sk, CLAIM)] if sk.startswith(FEEDBACK) else []


def claim_of(feedback: Feedback, digest: str) -> Record:
    """The record by which it has its id."""
    return {
        "pk": FEEDBACK + feedback.feedback_id,
        "sk": CLAIM,
        "digest": digest,
        "owned_by": str(feedback.customer) if feedback.customer else None,
        "expires_at": int((feedback.time + LONG).timestamp()),
    }


def read_claim(record: Record) -> Claim:
    """What the record of a claim says."""
    owner = record.get("owned_by")
    return Claim(record["digest"], CustomerRef.parse(owner) if owner else None, bool(record.get("withdrawn", False)))


def digest_of(feedback: Feedback) -> str:
    """What was said, where nobody gave a digest of it as it came in."""
    said = feedback.model_dump_json(include={"source", "text", "rating", "item_id", "order_id", "customer"})
    return sha256(said.encode()).hexdigest()[:32]


def place_of(feedback: Feedback) -> Key:
    """Where its record lies."""
    return key_of(feedback.feedback_id, feedback.customer)


def key_of(feedback_id: str, owner: CustomerRef | None) -> Key:
    """Where the record of this id lies, whose owner this is."""
    return partition(owner) if owner else FEEDBACK + feedback_id, FEEDBACK + feedback_id


def since_of(feedback: Feedback) -> str:
    """As the index has it: in order of time, and each its own."""
    return f"{stamp(feedback.time)}#{feedback.feedback_id}"


def stamp(time: datetime) -> str:
    """A time as the index has it."""
    return time.astimezone(UTC).strftime(FORMAT)


def _sentences(record: Mapping[str, Any]) -> Iterator[Sentence]:
    vectors, at = record.get("vectors", b""), 0
    for start, end, score, size in json.loads(record.get("sentences", "[]")):
        yield Sentence(start, end, score, vectors[at : at + size])
        at += size
