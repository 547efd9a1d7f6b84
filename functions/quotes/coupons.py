"""A code in a quote: what it takes off which line, and its one use, together with the quote's."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from shared.domain.decisions import Decision, claimed
from shared.domain.errors import ConflictError, FieldError, RefusedError
from shared.domain.events import CustomerRef
from shared.domain.items import Item
from shared.domain.quotes import PriceQuote, QuotedLine, QuotedOffer, shared_out
from shared.stores.codes import UNKNOWN, Bad, Coded, CodeStore
from shared.stores.decisions import DecisionStore
from shared.stores.links import LinkStore
from shared.stores.quotes import TAKEN, QuoteStore, redemption


class Coupons(NamedTuple):
    """What codes are looked up, and used, with. `disclosure` is shown where personal data chose the offer."""

    codes: CodeStore
    decisions: DecisionStore
    links: LinkStore
    disclosure: str

    def good(self, code: str, customers: Sequence[CustomerRef], now: datetime) -> Coded:
        """What the code is good for now, for one of these customers; for whoever has it, where nobody is named.

        Raises `RefusedError`.
        """
        found = self.codes.find(code, now)
        if isinstance(found, Bad):
            raise refused(found)
        if found.owned and customers and not self._is_of(found.owned.customer, customers):
            raise refused(Bad("code_of_another", "The code is another customer's."))
        return found

    def offer(self, coded: Coded) -> QuotedOffer:
        """The offer as a quote tells of it."""
        is_personal = coded.owned is not None
        return QuotedOffer(
            offer_id=coded.offer_id,
            code=coded.code,
            text=coded.text,
            personalised=is_personal,
            disclosure=self.disclosure if is_personal else None,
        )

    def redeem(self, quote: PriceQuote, order_id: str, order: str, quotes: QuoteStore) -> None:
        """Give the quote and its personal code to the order, both or none; the same order may repeat it.

        `order` is the digest by which quotes know the order. Raises `ConflictError` where another order has one of
        them, and `RefusedError` where the code is gone.
        """
        found = self.decisions.by_code(quote.offer.code) if quote.offer else None
        if found is None:
            raise refused(UNKNOWN)

        def claim(decision: Decision) -> Decision:
            if quotes.redeemed_by(quote.quote_id) not in {None, order}:
                raise ConflictError(TAKEN)
            return claimed(decision, order_id)

        customer, decision = found
        given = redemption(quote.quote_id, order, quote.expires_at)
        if not self.decisions.change(customer, decision.offer_id, decision.number, claim, (given,)):
            # The order has the code already.
            quotes.redeem(quote.quote_id, order, quote.expires_at)

    def _is_of(self, owner: CustomerRef, customers: Iterable[CustomerRef]) -> bool:
        """Whether the owner is one of these, as far as links tell who a device belongs to."""
        return not self._names(owner).isdisjoint(name for each in customers for name in self._names(each))

    def _names(self, customer: CustomerRef) -> set[CustomerRef]:
        known = None if customer.is_known else self.links.owner(customer)
        return {customer, known} if known else {customer}


def taken_off(coded: Coded, lines: Sequence[QuotedLine], items: Mapping[str, Item]) -> list[Decimal]:
    """What the code takes off each line. Raises `RefusedError` where that is nothing."""
    currency = lines[0].total.currency
    worths = [line.total.amount if coded.terms.on.holds(items[line.item_id]) else Decimal(0) for line in lines]
    total = sum((line.total.amount for line in lines), Decimal(0))
    off = coded.terms.off(sum(worths, Decimal(0)), total, currency)
    if not off:
        why = "The code takes nothing off these lines: see what its offer is on, its minimum and its currency."
        raise refused(Bad("code_takes_nothing", why))
    return shared_out(off, worths, currency)


def refused(bad: Bad) -> RefusedError:
    """The error that names the code."""
    return RefusedError(bad.why, bad.reason, [FieldError("code", bad.why)])
