"""Orders, their refunds and applied coupons -> the offers that were made to whom they are of.

Here, and not behind a queue: it is counting too, and a queue that is nearly always empty is asked all the time, which
costs more than all orders of a small shop. Shops without offers pay one read for each delivery with an order in it.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from shared.domain.decisions import LATE, MOST_WORTH, Decision, minor, noted
from shared.domain.errors import NotDoneError, StoreUnavailableError
from shared.domain.events import ANONYMOUS, NOBODY, CustomerRef, Event
from shared.domain.items import Item
from shared.domain.offers import CartLine, Offer, priced
from shared.domain.vocabulary import UNDOING, EventName
from shared.stores.decisions import DecisionStore, Found
from shared.stores.items import ItemStore
from shared.stores.links import LinkStore
from shared.stores.offers import OfferStore
from shared.stores.stream import Inserted
from shared.telemetry.log import logger

CREDITED = {EventName.ORDER_COMPLETED, EventName.COUPON_APPLIED, *UNDOING}
OLDEST = timedelta(days=90) + LATE
"""What is older, such as an imported history, cannot belong to an offer any more."""


class Credits:
    """Tells decisions what came of them. Telling the same again changes nothing."""

    def __init__(self, offers: OfferStore, decisions: DecisionStore, links: LinkStore, items: ItemStore) -> None:
        self._offers = offers
        self._decisions = decisions
        self._links = links
        self._items = items

    def give(self, run: Iterable[Inserted[Event]]) -> None:
        """Credit these events. Raises `NotDoneError`, naming the first that is not done."""
        oldest = datetime.now(UTC) - OLDEST
        told = [each for each in run if each.value.name in CREDITED and each.value.time >= oldest]
        for n, (sequence, event) in enumerate(told):
            try:
                if n == 0 and not self._offers.has_any():
                    return
                self._credit(event)
            except StoreUnavailableError as error:
                raise NotDoneError(sequence) from error

    def _credit(self, event: Event) -> None:
        found = dict.fromkeys(self._concerned(event))
        if not found and not event.coupons:
            return
        items = self._known(event)
        for customer, offer_id, number in found:
            self._decisions.change(customer, offer_id, number, lambda decision: noted(decision, event, items))
        if event.name == EventName.ORDER_COMPLETED:
            self._credit_public(event, items)

    def _concerned(self, event: Event) -> Iterator[tuple[CustomerRef, str, int]]:
        """The decisions about who did it, and those that its coupons belong to, whoever used them."""
        for customer in self._customers(event):
            for decision in self._readable(customer):
                if decision.time <= event.time < decision.expires:
                    yield customer, decision.offer_id, decision.number
        for code in event.coupons:
            if coded := self._coded(code.upper()):
                yield coded.customer, coded.decision.offer_id, coded.decision.number

    def _readable(self, customer: CustomerRef) -> list[Decision]:
        try:
            return self._decisions.of(customer)
        except ValidationError:  # of a later release; its counters are more than its offers
            logger.exception("a customer's offers cannot be read")
            return []

    def _coded(self, code: str) -> Found | None:
        try:
            return self._decisions.by_code(code)
        except ValidationError:
            logger.exception("an offer cannot be read")
            return None

    def _customers(self, event: Event) -> set[CustomerRef]:
        """Who did it, on which device, and who that is known to be of."""
        device = CustomerRef(kind=ANONYMOUS, id=event.anonymous_id) if event.anonymous_id else None
        own = {each for each in (event.customer, device) if each and each.kind != NOBODY}
        return own | {owner for each in own if not each.is_known and (owner := self._links.owner(each))}

    def _known(self, event: Event) -> dict[str, Item]:
        item_ids = {*event.items, *(line.item_id for line in event.lines)}
        try:
            return self._items.get(item_ids, consistent=False) if item_ids else {}
        except ValidationError:
            logger.exception("an item cannot be read")
            return {}

    def _credit_public(self, event: Event, items: dict[str, Item]) -> None:
        codes = {each.upper() for each in event.coupons}
        for offer in self._offers.all() if codes else ():
            if offer.code in codes:
                cost, currency = _cost(offer, event, items)
                order_id = event.order_id or event.message_id
                self._decisions.redeem_public(offer, order_id, cost, currency, event.time)


def _cost(offer: Offer, event: Event, items: dict[str, Item]) -> tuple[int, str]:
    """What the code took off at the catalogue's prices, in smallest units, and of which currency.

    More than any order comes to is a slip or a prank, and none of it counts.
    """
    lines = [(each.item_id, each.quantity) for each in event.lines] or [(each, 1) for each in event.items]
    cart = [CartLine(item_id=item, quantity=min(quantity, 100_000)) for item, quantity in lines]
    found = priced(cart, items, offer.terms, 0.0, offer.terms.currency)
    if found is None:
        return 0, offer.currency or event.currency or ""
    off = minor(offer.terms.off(found.eligible, found.total, found.currency), found.currency)
    return (off if off <= MOST_WORTH else 0), found.currency
