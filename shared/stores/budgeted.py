"""What an offer's codes of one month have cost, and what those that are out may still cost.

`committed` is both together, and never over the budget: a code is issued in one transaction with the rise of it. What
is set aside is kept by the day on which its codes end, so that it is free again a day later, without any job.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from shared.domain.decisions import Decision
from shared.stores.table import Add, Key, Table

BUDGET = "MONTH#"
HELD = "held_"
GRACE = timedelta(days=1)
"""Orders are told of late, and a code may be used in the last minute."""
KEPT = timedelta(days=730)


class Month(NamedTuple):
    """How a month stands, in smallest units."""

    spent: int = 0
    committed: int = 0


class BudgetKeeper:
    """Reserves, settles and releases."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def month(self, offer_id: str, month: str) -> Month:
        """How the month stands; what has ended and was not released yet still counts as committed."""
        record = self._table.get(*_key(offer_id, month)) or {}
        return Month(int(record.get("spent", 0)), int(record.get("committed", 0)))

    def release(self, offer_id: str, month: str, today: date) -> None:
        """Free what was set aside for codes that have ended. Whoever else does it at the same time does it once."""
        key = _key(offer_id, month)
        for name, amount in (self._table.get(*key) or {}).items():
            if name.startswith(HELD) and date.fromisoformat(name.removeprefix(HELD)) + GRACE < today:
                update = "ADD committed :less REMOVE #held"
                self._table.update_if(
                    key, update, "#held = :held", {"#held": name}, {":less": -amount, ":held": amount}
                )

    def reserved(self, decision: Decision, budget: int | None) -> Iterator[Add]:
        """Set aside what the code may cost, where the budget has room for it."""
        if not decision.reserved:
            return
        amounts = {"committed": decision.reserved, _held(decision): decision.reserved}
        if budget is None:
            yield _add(decision, amounts)
        else:
            condition = "committed <= :room" if budget >= decision.reserved else "attribute_exists(nothing)"
            fresh = "attribute_not_exists(committed) OR " if budget >= decision.reserved else ""
            values = {":room": budget - decision.reserved} if fresh else {}
            yield _add(decision, amounts)._replace(condition=fresh + condition, values=values)

    def settled(self, before: Decision, after: Decision, cost: int) -> Iterator[Add]:
        """What was set aside becomes what it cost; later differences count as they come.

        Where an order turns out not to have used the code, it is set aside again: the code may still be used.
        """
        record = self._table.get(*_key(after.offer_id, after.month)) or {} if _turned(before, after) else {}
        held = _held(after)
        if not _turned(before, after):
            if cost:
                yield _add(after, {"committed": cost, "spent": cost})
        elif held in record:
            back = after.reserved if after.redeemed_by is None else -after.reserved
            amounts = {"committed": cost + back, held: back, "spent": cost}
            yield _add(after, amounts)._replace(condition="attribute_exists(#held)", names={"#held": held})
        else:
            amounts = {"committed": cost, "spent": cost}
            yield _add(after, amounts)._replace(condition="attribute_not_exists(#held)", names={"#held": held})

    def charged(self, offer_id: str, month: str, cost: int, expires_at: int) -> Add:
        """What the code of a public offer cost: nothing was set aside for it."""
        return Add(_key(offer_id, month), {"committed": cost, "spent": cost}, expires_at)


def _turned(before: Decision, after: Decision) -> bool:
    """Whether what was set aside for the code is needed no more, or anew."""
    return bool(after.reserved) and (before.redeemed_by is None) != (after.redeemed_by is None)


def _held(decision: Decision) -> str:
    return HELD + decision.until.date().isoformat()


def _key(offer_id: str, month: str) -> Key:
    return f"OFFER#{offer_id}", BUDGET + month


def _add(decision: Decision, amounts: dict[str, int]) -> Add:
    key = _key(decision.offer_id, decision.month)
    return Add(key, amounts, int((decision.time + KEPT).timestamp()))
