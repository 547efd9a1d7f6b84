"""Suggested prices in the table: a record for each item, and one list of them by the profit that they promise.

An entry of the list only points: it counts as long as the item's record is of the same suggestion. So a decision is one
conditional write, and a night's job that dies in the middle leaves nothing that reads wrong.
"""

import base64
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from shared.domain.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from shared.domain.suggestions import UNDECIDED, Suggestion, SuggestionStatus
from shared.stores.conditional import write_all
from shared.stores.table import Put, Record, Table

PREFIX = "SUGGESTION#"
SORT = "SUGGESTION"
LIST = "SUGGESTIONS"
FIRST = "0"
"""Before every entry of the list."""
KEPT = timedelta(days=90)
MOST_READ = 1_000
"""Entries that one page looks at: where few match, it is a short page with a cursor."""

DECIDED = {SuggestionStatus.APPROVED, SuggestionStatus.REJECTED, SuggestionStatus.SNOOZED}
"""What stays in the list when the night brings no other suggestion for the item."""


class SuggestionStore:
    """Takes each night's suggestions, lists them, and takes decisions about them, each once."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def replace(self, tonight: Iterable[Suggestion], now: datetime) -> int:
        """From now on these are open, and no others are; how many are new.

        One that says what the open one says, or what the owner has rejected or snoozed, changes nothing. Idempotent.
        """
        wanted = {each.item_id: each for each in tonight}
        listed = {record["sk"]: str(record["item_id"]) for record in self._table.query_all(LIST, consistent=True)}
        known = self.known({*wanted, *listed.values()})
        fresh = {
            item_id: each
            for item_id, each in wanted.items()
            if item_id not in known or not known[item_id].holds_back(each, now)
        }
        lost = write_all(self._table, {i: [_put(each, known.get(i))] for i, each in fresh.items()})
        written = {item_id: each for item_id, each in fresh.items() if item_id not in lost}
        self._expire(
            (each for i, each in known.items() if i not in wanted and each.status is SuggestionStatus.OPEN), now
        )
        counting = {i: each for i, each in known.items() if i in wanted or each.status in DECIDED}
        self._relist(listed, counting | written, now)
        return len(written)

    def known(self, item_ids: Iterable[str]) -> dict[str, Suggestion]:
        """The last suggestion of each of these items that had one, whatever became of it."""
        found = self._table.get_many((PREFIX + item_id, SORT) for item_id in item_ids)
        return {each.item_id: each for each in map(_suggestion, found)}

    def get(self, item_id: str, now: datetime) -> Suggestion:
        """The item's last suggestion as it stands now. Raises `NotFoundError`."""
        return self._get(item_id).at(now)

    def _get(self, item_id: str) -> Suggestion:
        record = self._table.get(PREFIX + item_id, SORT)
        if record is None:
            raise NotFoundError(f"There is no suggestion for {item_id}.")
        return _suggestion(record)

    def page(
        self,
        limit: int,
        now: datetime,
        cursor: str | None = None,
        *,
        status: SuggestionStatus = SuggestionStatus.OPEN,
        category: str | None = None,
    ) -> tuple[list[Suggestion], str | None]:
        """Suggestions of a status, those that promise the most profit first, and the cursor of the next page."""
        after = _read_cursor(cursor)
        found: list[Suggestion] = []
        read = 0
        while read < MOST_READ:
            entries = self._table.query_after(LIST, after, max(limit, 25))
            known = self.known(str(entry["item_id"]) for entry in entries)
            for entry in entries:
                if len(found) == limit:
                    return found, _write_cursor(after)
                after = entry["sk"]
                each = known.get(str(entry["item_id"]))
                if each and _is_of(entry, each, now, status, category):
                    found.append(each.at(now))
            if not entries:
                return found, None
            read += len(entries)
        return found, _write_cursor(after)

    def decide(
        self,
        item_id: str,
        suggestion_id: str,
        status: SuggestionStatus,
        now: datetime,
        *,
        snoozed_until: date | None = None,
        by_autopilot: bool = False,
    ) -> Suggestion:
        """Give an undecided suggestion a status; the same decision twice is one.

        Raises `NotFoundError`, and `ConflictError` where another decision was made, another suggestion took its place,
        or it has expired.
        """
        before = self._get(item_id)
        if before.suggestion_id != suggestion_id:
            raise ConflictError("Another suggestion has taken its place: read it again.")
        if before.status is status and before.snoozed_until == snoozed_until:
            return before
        if before.status not in UNDECIDED or before.expires <= now:
            raise ConflictError(f"The suggestion is {before.at(now).status} already.")
        decision = {"status": status, "decided": now, "snoozed_until": snoozed_until, "by_autopilot": by_autopilot}
        after = before.model_copy(update=decision)
        if not self._table.put_if(*_put(after, before)):
            return self._lost(after, now)
        return after

    def approval(self, before: Suggestion, now: datetime, *, by_autopilot: bool) -> tuple[Suggestion, Put]:
        """The suggestion approved, and the write that says so, to be made together with the change of the price.

        `before` must be as it was read, undecided and not expired.
        """
        after = before.model_copy(
            update={
                "status": SuggestionStatus.APPROVED,
                "decided": now,
                "snoozed_until": None,
                "by_autopilot": by_autopilot,
            }
        )
        return after, _put(after, before)

    def last(self, item_id: str) -> Suggestion:
        """The item's last suggestion as it was written. Raises `NotFoundError`."""
        return self._get(item_id)

    def _lost(self, wanted: Suggestion, now: datetime) -> Suggestion:
        """Somebody was faster: fine if they decided the same."""
        found = self.get(wanted.item_id, now)
        if (found.suggestion_id, found.status) == (wanted.suggestion_id, wanted.status):
            return found
        raise ConflictError("Somebody else decided at the same time: read it again.")

    def _expire(self, suggestions: Iterable[Suggestion], now: datetime) -> None:
        closed = {"status": SuggestionStatus.EXPIRED, "decided": now}
        write_all(self._table, {each.item_id: [_put(each.model_copy(update=closed), each)] for each in suggestions})

    def _relist(self, listed: Mapping[str, str], counting: Mapping[str, Suggestion], now: datetime) -> None:
        """Write the entries that are missing, and delete those that no longer point to what counts."""
        entries = {entry["sk"]: entry for entry in (_entry(each, now) for each in counting.values())}
        missing = [entry for sk, entry in entries.items() if sk not in listed]
        self._table.write_many(missing, [(LIST, sk) for sk in listed if sk not in entries])


def _put(suggestion: Suggestion, before: Suggestion | None) -> Put:
    """Its record, over that of the suggestion that was read and in the state in which it was read."""
    record: Record = {
        "pk": PREFIX + suggestion.item_id,
        "sk": SORT,
        "body": suggestion.model_dump_json(exclude_none=True),
        "suggestion_id": suggestion.suggestion_id,
        "stands": _state(suggestion),
        "expires_at": int((suggestion.created + KEPT).timestamp()),
    }
    if before is None:
        return Put(record, "attribute_not_exists(pk)")
    values = {":id": before.suggestion_id, ":stands": _state(before)}
    return Put(record, "suggestion_id = :id AND stands = :stands", values)


def _state(suggestion: Suggestion) -> str:
    """What a decision changes."""
    return f"{suggestion.status} {suggestion.snoozed_until or ''}"


def _entry(suggestion: Suggestion, now: datetime) -> Record:
    promised = round(suggestion.profit.value * 100) if suggestion.profit else 0
    rank = f"{10**13 - promised:014d}"
    entry: Record = {"pk": LIST, "sk": f"{rank}#{suggestion.suggestion_id}", "item_id": suggestion.item_id}
    return entry | {"suggestion_id": suggestion.suggestion_id, "expires_at": int((now + KEPT).timestamp())}


def _is_of(entry: Record, each: Suggestion, now: datetime, status: SuggestionStatus, category: str | None) -> bool:
    same = entry["suggestion_id"] == each.suggestion_id
    return same and each.at(now).status is status and category in {None, each.category}


def _suggestion(record: Record) -> Suggestion:
    return Suggestion.model_validate_json(record["body"])


def _write_cursor(after: str) -> str:
    return base64.urlsafe_b64encode(after.encode()).decode()


def _read_cursor(cursor: str | None) -> str:
    if cursor is None:
        return FIRST
    try:
        after = base64.urlsafe_b64decode(cursor.encode()).decode()
    except ValueError:
        after = ""
    if not after or not after[0].isdigit():
        raise InvalidInputError("The cursor is not one that this API gave.", [FieldError("cursor", "is not a cursor")])
    return after
