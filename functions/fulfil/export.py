"""The use case of an export: all that is known of a shopper, as people can read it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from shared.domain.events import CustomerRef, Event
from shared.stores import feedback_records
from shared.stores.archive import ArchiveStore
from shared.stores.consents import DECISION, STANDING
from shared.stores.events import DETAIL, EVENT, MESSAGE, NOTE, ORDER, parse
from shared.stores.exports import MARK, ExportStore, as_json
from shared.stores.jobs import JobStore, Request, Status
from shared.stores.links import LINK, OWNER
from shared.stores.shoppers import PREFIX, ShopperStore
from shared.stores.table import Record

KEYS = {"pk", "sk", "expires_at", "archived"}
EVENTS = (EVENT, ORDER, NOTE, DETAIL)
TOLD = {each.rstrip("#") for each in (*EVENTS, DECISION, LINK, OWNER, MARK, MESSAGE, feedback_records.FEEDBACK)}
"""Kinds of records that are told of by themselves, or that tell nothing more: the mark of an arrival has its time."""

SALE = {"lines", "paid", "currency", "coupons"}


class Desk(NamedTuple):
    """What an export is made from, and where it goes."""

    jobs: JobStore
    shoppers: ShopperStore
    archive: ArchiveStore
    exports: ExportStore


def export(request: Request, desk: Desk, now: datetime) -> None:
    """Write the export and say that it is there. Doing it again writes it again."""
    if desk.jobs.get(request.job_id).status == Status.DONE:
        return
    subjects = desk.shoppers.subjects(request.customers)
    document = write(subjects, desk, now)
    desk.exports.put(request.job_id, subjects, as_json(document), now)
    desk.jobs.update(request.job_id, status=Status.DONE, completed_at=now)


def write(subjects: list[CustomerRef], desk: Desk, now: datetime) -> dict[str, Any]:
    """The document: who, links, consents and whatever else there is, and every event once, in order of time."""
    records = [record for customer in subjects for record in desk.shoppers.records(customer)]
    by_kind: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_kind[record["sk"].partition("#")[0]].append(record)
    happened = _events(by_kind, desk.archive.read_of(subjects))
    return {
        "exported_at": now.isoformat(),
        "customer_ids": [each.id for each in subjects if each.is_known],
        "anonymous_ids": [each.id for each in subjects if not each.is_known],
        "consents": [json.loads(each["body"]) for each in by_kind["CONSENT"] if each["sk"] != STANDING],
        "events": happened,
        "feedback": sorted(map(_feedback, by_kind["FEEDBACK"]), key=lambda each: (each["time"], each["feedback_id"])),
        "other": [_told(each) for kind, some in by_kind.items() if kind not in TOLD for each in some],
    }


def _events(by_kind: Mapping[str, Iterable[Record]], archived: Iterable[Event]) -> list[dict[str, Any]]:
    """Every event once: whole where there is a whole one, and from the archive where the table has it no more."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for event in archived:
        _keep(found, event, None)
    for kind in EVENTS:
        for record in by_kind.get(kind.rstrip("#"), ()):
            _keep(found, parse(record), record.get("details"))
    return sorted(found.values(), key=lambda each: (each["time"], each["message_id"]))


def _keep(found: dict[tuple[str, str], dict[str, Any]], event: Event, details: str | None) -> None:
    """Of a short and a whole record of one event the whole."""
    identity = (str(event.customer), event.message_id)
    before = found.get(identity)
    if before is None or details is not None or len(event.items) > len(before["items"]) or _adds(event, before):
        found[identity] = _event(event) | {"details": json.loads(details) if details else {}}


def _adds(event: Event, before: Mapping[str, Any]) -> bool:
    """Whether this record of an event says what was sold, and the one before it does not."""
    return bool(_sale(event)) and not SALE & before.keys()


def _event(event: Event) -> dict[str, Any]:
    told = {"time": event.time.isoformat(), "event": event.name, "items": list(event.items)}
    told |= {"customer_id" if event.customer.is_known else "anonymous_id": event.customer.id}
    told |= {"message_id": event.message_id}
    more = {name: getattr(event, name) for name in ("anonymous_id", "order_id", "recommendation_id")}
    return told | {name: value for name, value in more.items() if value is not None} | _sale(event)


def _sale(event: Event) -> dict[str, Any]:
    told = event.model_dump(mode="json", include=SALE)
    return {name: value for name, value in told.items() if value}


def _feedback(record: Record) -> dict[str, Any]:
    """What they said and what was made of it, but for what only a machine can read."""
    said = feedback_records.parse(record)
    told = said.model_dump(mode="json", exclude={"customer", "sentences"}, exclude_none=True)
    return told | {"customer_id" if said.customer and said.customer.is_known else "anonymous_id": _whose(record)}


def _whose(record: Record) -> str:
    return CustomerRef.parse(record["pk"].removeprefix(PREFIX)).id


def _told(record: Record) -> dict[str, Any]:
    """A record without its keys, and with what it holds as JSON spelled out."""
    return {name: _plain(value) for name, value in record.items() if name not in KEYS}


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return json.loads(json.dumps(value, default=str))
