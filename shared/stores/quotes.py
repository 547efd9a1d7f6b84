"""Quotes in the table: which order redeemed one, and the prices that a session was told. All of it expires."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from time import sleep
from typing import NamedTuple

from shared.domain.errors import ConflictError, StoreUnavailableError
from shared.domain.money import Money
from shared.stores.table import Put, Record, Table, pauses

KEPT_AFTER_EXPIRY = timedelta(days=30)
"""So long the same order may repeat its redemption."""
MOST_HELD = 300
"""Prices of a session, so that its record stays small; the newest are kept."""
REDEEMED, PRICES = "REDEEMED", "PRICES"
TAKEN = "This quote was redeemed by another order."


class Held(NamedTuple):
    """A price that a session was told, and until when it is held."""

    price: Money
    until: datetime


class QuoteStore:
    """Redeems a quote once, and holds a session's prices."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def redeemed_by(self, quote_id: str) -> str | None:
        """The digest of the order that redeemed the quote."""
        record = self._table.get(_quote(quote_id), REDEEMED)
        return record["redeemed_by"] if record else None

    def redeem(self, quote_id: str, order: str, expires: datetime) -> None:
        """Give the quote to this order, for good; the same order may repeat it. Raises `ConflictError` for another's.

        `order` is a digest, since the record lies where no erasure of a customer would find it.

        A quote past `expires` must not be given: its record may be gone, and so would be what it was given for.
        """
        if not self._table.put_if(*redemption(quote_id, order, expires)):
            raise ConflictError(TAKEN)

    def hold(self, session: str, prices: Mapping[str, Money], until: datetime, now: datetime) -> dict[str, Money]:
        """Hold these prices of today until a time; what the session pays for each item then.

        Of a price that is held already the lower goes on, until *its* time: so no price rises within a session, while a
        fall reaches everybody. Raises `StoreUnavailableError`.
        """
        for pause in pauses():
            record = self._table.get(_session(session), PRICES)
            before = _read(record)
            after = _merged(before, prices, until, now)
            if after == before or self._put(session, after, record):
                return {item: after[item].price for item in prices}
            sleep(pause)
        raise StoreUnavailableError("Others keep quoting for the same session.")

    def _put(self, session: str, held: Mapping[str, Held], before: Record | None) -> bool:
        version = int(before["version"]) if before else 0
        body = {
            item: [str(each.price.amount), each.price.currency, each.until.isoformat()] for item, each in held.items()
        }
        record: Record = {"pk": _session(session), "sk": PRICES, "version": version + 1, "body": json.dumps(body)}
        record["expires_at"] = int(max(each.until for each in held.values()).timestamp())
        if before is None:
            return self._table.put_if(record, "attribute_not_exists(pk)")
        return self._table.put_if(record, "version = :version", {":version": version})


def redemption(quote_id: str, order: str, expires: datetime) -> Put:
    """The write that gives the quote to this order, told by its digest, and never to a second one."""
    record: Record = {"pk": _quote(quote_id), "sk": REDEEMED, "redeemed_by": order}
    record["expires_at"] = int((expires + KEPT_AFTER_EXPIRY).timestamp())
    return Put(record, "attribute_not_exists(pk) OR redeemed_by = :order", {":order": order})


def _merged(before: Mapping[str, Held], prices: Mapping[str, Money], until: datetime, now: datetime) -> dict[str, Held]:
    after = {item: each for item, each in before.items() if each.until > now}
    for item, price in prices.items():
        kept = after.pop(item, None)
        if kept is None or kept.price.currency != price.currency:
            after[item] = Held(price, until)
        else:
            after[item] = Held(min(kept.price, price, key=lambda each: each.amount), kept.until)
    return dict(list(after.items())[-MOST_HELD:])


def _read(record: Record | None) -> dict[str, Held]:
    body = json.loads(record["body"]) if record else {}
    return {
        item: Held(Money(amount=amount, currency=currency), datetime.fromisoformat(until))
        for item, (amount, currency, until) in body.items()
    }


def _quote(quote_id: str) -> str:
    return f"QUOTE#{quote_id}"


def _session(session: str) -> str:
    return f"SESSION#{session}"
