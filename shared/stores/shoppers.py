"""Everything that the table holds of a shopper: found over all linked ids, exported, counted, erased.

A shopper's records lie in the partitions of their ids, with three exceptions: who owns an anonymous id has a record of
it, whose an order is stands with the order, and whose feedback is with its id; to these the shopper's own records lead.
Feedback that is nobody's goes where everybody is erased: what somebody wrote may say more of them than its author knew.
Reads here are consistent and go on to the last page, unlike those of serving, which are bounded.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import datetime
from itertools import batched
from typing import Any

from shared.domain.errors import ConflictError
from shared.domain.events import ANONYMOUS, NOBODY, CustomerRef
from shared.domain.rights import Cut
from shared.stores import decisions, feedback_records, orders
from shared.stores.consents import DECISION, STANDING
from shared.stores.events import partition
from shared.stores.links import LINK, OWNER
from shared.stores.table import Record, Table

PREFIX = "CUSTOMER#"
AT_ONCE = 1000
KINDS = {
    "EVENT": "events",
    "NOTE": "events",
    "ORDER": "events about orders",
    "DETAIL": "details of events",
    "MESSAGE": "arrival markers",
    "LINK": "links",
    "OWNER": "links",
    "PLACED": "orders",
    "CONSENT": "consents",
    "EXPORT": "exports",
    "FEEDBACK": "feedback",
    "VALUE": "customer values",
    "OFFERED": "offers",
    "CODE": "codes of offers",
}
_STAMPED = re.compile(r"(?:EVENT|ORDER|NOTE|DETAIL)#([^#]+)#")


class ShopperStore:
    """The records of shoppers. Whatever it does may be repeated, after a failure at any step too."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def subjects(self, customers: Iterable[CustomerRef]) -> list[CustomerRef]:
        """These customers and all anonymous ids linked to them."""
        found = dict.fromkeys(customers)
        for customer in list(found):
            if customer.is_known:
                found |= dict.fromkeys(self._owned(customer))
        return list(found)

    def records(self, customer: CustomerRef) -> Iterator[Record]:
        """All that lies in the customer's own partition."""
        return self._table.query_all(partition(customer), consistent=True)

    def count(self, customers: Iterable[CustomerRef], cut: Cut) -> Counter[str]:
        """How many records `erase` would delete, by kind."""
        keys = {key for customer in customers for key in self._doomed(customer, cut)}
        return Counter(kind_of(sk) for _, sk in keys)

    def erase(self, customers: Iterable[CustomerRef], cut: Cut) -> None:
        """Delete their records. Who is known comes last, whose links lead to the others."""
        for customer in sorted(customers, key=lambda each: each.is_known):
            # First what lies elsewhere, which could not be found any more without the rest.
            self._table.write_many(deletes=[*self._elsewhere(customer, cut), *self._placed(customer, cut)])
            self._trim_consent(customer, cut)
            for some in batched(self._doomed(customer, cut), AT_ONCE, strict=False):
                self._table.write_many(deletes=some)

    def count_all(self, cut: Cut) -> Counter[str]:
        """How many records of all shoppers `erase_all` would delete, by kind."""
        anew = _anew(self._table.scan(PREFIX), cut)
        found = Counter(kind_of(each["sk"]) for each in self._table.scan(PREFIX) if _takes(each, cut, anew))
        return found + Counter(kind_of(sk) for _, sk in self._nobodys(cut))

    def erase_all(self, cut: Cut, before: Callable[[list[CustomerRef]], None]) -> None:
        """Delete the records of all shoppers; `before` is told whose, some at a time, ere any of theirs is deleted."""
        anew = _anew(self._table.scan(PREFIX), cut)
        for some in batched(self._table.scan(PREFIX), AT_ONCE, strict=False):
            trimmed = {
                each["pk"] for each in some if each["sk"] == STANDING and self._trim_consent(_customer(each), cut)
            }
            doomed = [
                _key(each)
                for each in some
                if _takes(each, cut, anew) and not (each["sk"] == STANDING and each["pk"] in trimmed)
            ]
            before([CustomerRef.parse(pk.removeprefix(PREFIX)) for pk in {pk for pk, _ in doomed}])
            self._table.write_many(deletes=[key for _, sk in doomed for key in _led_to(sk)])
            self._table.write_many(deletes=doomed)
        for keys in batched(self._nobodys(cut), AT_ONCE, strict=False):
            self._table.write_many(deletes=[key for _, sk in keys for key in _led_to(sk)])
            self._table.write_many(deletes=keys)

    def _nobodys(self, cut: Cut) -> Iterator[tuple[str, str]]:
        """The keys of feedback of which nobody says whose it is."""
        records = self._table.scan(feedback_records.FEEDBACK)
        return (_key(each) for each in records if each["sk"] == each["pk"] and cut.takes(moment(each)))

    def _owned(self, owner: CustomerRef) -> list[CustomerRef]:
        """The anonymous ids that this customer owns, all of them."""
        links = (each["sk"] for each in self.records(owner) if each["sk"].startswith(LINK))
        return [CustomerRef(kind=ANONYMOUS, id=sk.removeprefix(LINK)) for sk in links]

    def _trim_consent(self, customer: CustomerRef, cut: Cut) -> bool:
        """Where only some of the decisions that stand were made since, leave those, for they must hold; whether so."""
        record = self._table.get(partition(customer), STANDING)
        decisions = json.loads(record["body"]) if record else []
        stay = [each for each in decisions if not cut.takes(datetime.fromisoformat(each["time"]))]
        if record is None or not stay or len(stay) == len(decisions):
            return False
        trimmed = record | {"body": json.dumps(stay)}
        if not self._table.put_if(trimmed, "body = :seen", {":seen": record["body"]}):
            raise ConflictError("The customer's consent changes meanwhile.")
        return True

    def _doomed(self, customer: CustomerRef, cut: Cut) -> Iterator[tuple[str, str]]:
        yield from self._elsewhere(customer, cut)
        anew = self._links_anew(customer, cut)
        yield from (_key(record) for record in self.records(customer) if _takes(record, cut, anew))

    def _elsewhere(self, customer: CustomerRef, cut: Cut) -> list[tuple[str, str]]:
        """The record of an anonymous id at its owner, if there is one."""
        link = None if customer.is_known else self._table.get(partition(customer), OWNER)
        if link is None or (link["owned_by"], customer.id) in self._links_anew(customer, cut):
            return []
        key = (PREFIX + link["owned_by"], LINK + customer.id)
        return [key] if self._table.get(*key) else []

    def _placed(self, customer: CustomerRef, cut: Cut) -> Iterator[tuple[str, str]]:
        """What says of orders that they are this customer's."""
        for record in self.records(customer):
            if cut.takes(moment(record)):
                yield from _led_to(record["sk"])

    def _links_anew(self, customer: CustomerRef, cut: Cut) -> set[tuple[str, str]]:
        link = None if customer.is_known else self._table.get(partition(customer), OWNER)
        owner = CustomerRef.parse(link["owned_by"]) if link else customer
        return _anew(self.records(owner), cut) if owner.is_known else set()


def _anew(records: Iterable[Record], cut: Cut) -> set[tuple[str, str]]:
    """The links (owner, anonymous id) that stay: made since, by an event that stays as well.

    The time of a link is that of its arrival, so a late delivery of what is to be erased may have made it.
    """
    linked: set[tuple[str, str]] = set()
    told: set[tuple[str, str]] = set()
    for record in records:
        owner, sk = record["pk"].removeprefix(PREFIX), record["sk"]
        if sk.startswith(LINK):
            if "since" in record and not cut.takes(datetime.fromisoformat(record["since"])):
                linked.add((owner, sk.removeprefix(LINK)))
        elif "anonymous_id" in record and not cut.takes(moment(record)):
            told.add((owner, record["anonymous_id"]))
    return linked & told


def _takes(record: Record, cut: Cut, anew: Set[tuple[str, str]]) -> bool:
    customer, sk = _customer(record), record["sk"]
    if customer.kind == NOBODY:
        return False
    if sk == OWNER:
        return (record["owned_by"], customer.id) not in anew
    if sk.startswith(LINK):
        return (str(customer), sk.removeprefix(LINK)) not in anew
    return cut.takes(moment(record))


def kind_of(sk: str) -> str:
    """What a record is, in a receipt's words."""
    return KINDS.get(sk.partition("#")[0], "other records")


def moment(record: Mapping[str, Any]) -> datetime | None:
    """When that happened which a record tells of; None where it does not say. Of several things the earliest."""
    if record["sk"] == STANDING or record["sk"].startswith(DECISION):
        said = json.loads(record["body"])
        return min(datetime.fromisoformat(each["time"]) for each in (said if isinstance(said, list) else [said]))
    stamp = _STAMPED.match(record["sk"])
    text = stamp[1] if stamp else record.get("time")
    return datetime.fromisoformat(text) if text else None


def _led_to(sk: str) -> list[tuple[str, str]]:
    """What lies elsewhere and belongs to a customer's record of this sort key."""
    return orders.led_to(sk) + feedback_records.led_to(sk) + decisions.led_to(sk)


def _customer(record: Mapping[str, Any]) -> CustomerRef:
    return CustomerRef.parse(record["pk"].removeprefix(PREFIX))


def _key(record: Mapping[str, Any]) -> tuple[str, str]:
    return record["pk"], record["sk"]
