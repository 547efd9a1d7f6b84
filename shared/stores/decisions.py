"""Decisions about offers, in the customer's own partition; the codes that lead to them; what they add up to.

`OFFERED#offer#number` is a decision, `CODE#code` beside it leads an erasure to the code's own record, which names the
customer. A decision is written in one transaction with its code, its count, and what it sets aside of the budget, and
changed in one with the differences that it makes to these: so the sums are exact, whatever is repeated or broken off.
"""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import sleep
from typing import NamedTuple
from zlib import crc32

from shared.domain.budget import month_of
from shared.domain.decisions import Decision, figures_of
from shared.domain.errors import StoreUnavailableError
from shared.domain.events import CustomerRef
from shared.domain.offers import Offer
from shared.domain.uplift import Arm, Figures
from shared.stores.budgeted import BudgetKeeper
from shared.stores.events import partition
from shared.stores.table import LOST, Add, Key, Put, Record, Table, pauses

OFFERED = "OFFERED#"
CODE = "CODE#"
FIGURES = "FIGURES#"
SHARDS = 8
IN = "-"
"""Between a design, or a month of a budget, and the currency of what is counted there."""
PUBLIC = "public"
"""In place of a design: of a public offer there is nobody who is held out."""
MOST_READ = 2_000
"""Of a customer: they are kept for a year, and one a day is usual at most."""
KEPT = timedelta(days=730)
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without what people take for one another. Twelve are 58 bits: not to be guessed at a hundred requests a second."""
CODE_LENGTH = 12
NAMES = ("customers", "converted", "profit", "squares")

Change = Callable[[Decision], Decision]


class Found(NamedTuple):
    """Whose decision it is."""

    customer: CustomerRef
    decision: Decision


class Refused(NamedTuple):
    """Why a decision was not written: the same number was there already, or the budget has no room."""

    is_there: bool


class DecisionStore:
    """Writes decisions, reads them, and keeps what they add up to."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.budget = BudgetKeeper(table)

    def of(self, customer: CustomerRef) -> list[Decision]:
        """This customer's decisions; strongly consistent."""
        found = self._table.query_prefix(partition(customer), OFFERED)
        return [_decision(each) for each in islice(found, MOST_READ)]

    def by_code(self, code: str) -> Found | None:
        """The decision that this code belongs to."""
        record = self._table.get(CODE + code, CODE)
        if record is None:
            return None
        owner = CustomerRef.parse(record["owned_by"])
        decision = self._table.get(partition(owner), record["decision"])
        return Found(owner, _decision(decision)) if decision else None

    def add(self, customer: CustomerRef, decision: Decision, budget: int | None) -> Refused | None:
        """Write a new decision; `budget` is the most of its month, in smallest units.

        Raises `StoreUnavailableError`.
        """
        if decision.code is not None:
            self.budget.release(decision.offer_id, decision.month, decision.time.date())
        for pause in pauses():
            writes = list(self._writes(customer, decision, budget))
            reasons = self._table.transact(writes)
            if not reasons:
                return None
            if LOST in reasons:
                return Refused(is_there=reasons[0] == LOST)
            sleep(pause)
        raise StoreUnavailableError("Others keep changing the same offer's figures.")

    def change(
        self, customer: CustomerRef, offer_id: str, number: int, change: Change, beside: Sequence[Put] = ()
    ) -> bool:
        """Change a decision, and its offer's sums by as much; whether anything was. Raises `StoreUnavailableError`.

        `beside` is written in one transaction with it; where a condition of that does not hold, `change` is asked
        again, and should find out why.
        """
        key = partition(customer), _sort(offer_id, number)
        for pause in pauses():
            record = self._table.get(*key)
            if record is None:
                return False
            before = _decision(record)
            after = change(before)
            if after == before:
                return False
            if not self._table.transact([*self._changes(customer, record, before, after), *beside]):
                return True
            sleep(pause)
        raise StoreUnavailableError("Others keep changing the same decision.")

    def figures(self, offer_id: str) -> dict[str, Figures]:
        """The sums by design; eventually consistent."""
        found: dict[str, Figures] = defaultdict(Figures)
        for record in self._table.query_all(_figures(offer_id)):
            design = record["sk"].split("#")[1]
            found[design] = found[design].plus(_read(record))
        return dict(found)

    def redeem_public(self, offer: Offer, order_id: str, cost: int, currency: str, time: datetime) -> None:
        """Count a public offer's code that an order has used, once for the order. Nothing says whose that is.

        The sort key is none of an event's: whoever reads the stream would take it for one.
        """
        digest = hashlib.blake2s(order_id.encode(errors="replace"), digest_size=16).hexdigest()
        expires = int((time + KEPT).timestamp())
        key = {"pk": f"{CODE}{offer.code}", "sk": f"USED#{digest}"}
        part = f"DESIGN#{PUBLIC}{IN}{currency}#{int(digest, 16) % SHARDS}"
        writes: list[Put | Add] = [
            Put(key | {"expires_at": expires}, "attribute_not_exists(pk)"),
            Add((_figures(offer.offer_id), part), {"redeemed": 1, "cost": cost}, expires),
            self.budget.charged(offer.offer_id, month_in(offer, time, currency), cost, expires),
        ]
        for pause in pauses():
            reasons = self._table.transact(writes)
            if not reasons or LOST in reasons:
                return
            sleep(pause)
        raise StoreUnavailableError("Others keep changing the same offer's figures.")

    def _writes(self, customer: CustomerRef, decision: Decision, budget: int | None) -> Iterator[Put | Add]:
        yield Put(_record(customer, decision, 1), "attribute_not_exists(pk)")
        yield _added(customer, decision, Figures(), figures_of(decision))
        if decision.code is None:
            return
        expires = int(decision.expires.timestamp())
        owned = {"owned_by": str(customer), "decision": _sort(decision.offer_id, decision.number)}
        code = {"pk": CODE + decision.code, "sk": CODE, **owned, "expires_at": expires}
        leads = {"pk": partition(customer), "sk": CODE + decision.code, "time": _iso(decision), "expires_at": expires}
        yield Put(code, "attribute_not_exists(pk)")
        yield Put(leads)
        yield from self.budget.reserved(decision, budget)

    def _changes(self, customer: CustomerRef, record: Record, before: Decision, after: Decision) -> list[Put | Add]:
        version = int(record["version"])
        put = Put(_record(customer, after, version + 1), "version = :seen", {":seen": version})
        old, new = figures_of(before), figures_of(after)
        figures = [] if old == new else [_added(customer, after, old, new)]
        return [put, *figures, *self.budget.settled(before, after, new.cost - old.cost)]


def month_in(offer: Offer, now: datetime, currency: str) -> str:
    """Where what an offer's codes of this month cost is counted: of one without a currency, for each by itself."""
    return month_of(now) if offer.currency else month_of(now) + IN + currency


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def led_to(sk: str) -> list[Key]:
    """The key of the code's own record, to which a customer's record of this sort key leads."""
    return [(sk, CODE)] if sk.startswith(CODE) else []


def _sort(offer_id: str, number: int) -> str:
    return f"{OFFERED}{offer_id}#{number:06d}"


def _iso(decision: Decision) -> str:
    return decision.time.astimezone(UTC).isoformat()


def _record(customer: CustomerRef, decision: Decision, version: int) -> Record:
    """`time` is for an erasure, which takes what was before it. It stays as long as the frequency looks back."""
    return {
        "pk": partition(customer),
        "sk": _sort(decision.offer_id, decision.number),
        "time": _iso(decision),
        "body": decision.model_dump_json(exclude_defaults=True),
        "version": version,
        "expires_at": int(max(decision.expires, decision.time + timedelta(days=366)).timestamp()),
    }


def _decision(record: Record) -> Decision:
    return Decision.model_validate_json(record["body"], extra="ignore")


def _figures(offer_id: str) -> str:
    return FIGURES + offer_id


def _added(customer: CustomerRef, decision: Decision, old: Figures, new: Figures) -> Add:
    """Counters in parts, by customer, so that a busy offer does not write one record all the time."""
    shard = crc32(str(customer).encode()) % SHARDS
    amounts = {
        name: amount - before for (name, amount), before in zip(_named(new), dict(_named(old)).values(), strict=True)
    }
    changed = {name: amount for name, amount in amounts.items() if amount}
    return Add(
        (_figures(decision.offer_id), f"DESIGN#{decision.design}#{shard}"),
        changed,
        int((decision.time + KEPT).timestamp()),
    )


def _named(figures: Figures) -> list[tuple[str, int]]:
    arms = [
        (f"{arm}_{name}", amount)
        for arm, values in (("offered", figures.offered), ("held", figures.held))
        for name, amount in zip(NAMES, values, strict=True)
    ]
    return [*arms, ("redeemed", figures.redeemed), ("cost", figures.cost)]


def _read(record: Record) -> Figures:
    offered, held = (Arm(*(int(record.get(f"{arm}_{name}", 0)) for name in NAMES)) for arm in ("offered", "held"))
    return Figures(offered, held, int(record.get("redeemed", 0)), int(record.get("cost", 0)))
