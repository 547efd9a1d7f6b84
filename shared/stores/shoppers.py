"""Everything that the table holds of a shopper: found over all linked ids, exported, counted, erased.

A shopper's records lie in the partitions of their ids, with one exception: who owns an anonymous id has a record of it.
Reads here are consistent and go on to the last page, unlike those of serving, which are bounded.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import datetime
from itertools import batched
from typing import Any

from shared.domain.events import ANONYMOUS, CustomerRef
from shared.domain.rights import Cut
from shared.stores.events import partition
from shared.stores.links import LINK, OWNER
from shared.stores.table import Record, Table

PREFIX = "CUSTOMER#"
AT_ONCE = 1000
KINDS = {
    "EVENT": "events",
    "NOTE": "events",
    "DETAIL": "details of events",
    "MESSAGE": "arrival markers",
    "LINK": "links",
    "OWNER": "links",
    "CONSENT": "consents",
    "ORDER": "orders",
    "EXPORT": "exports",
}
_STAMPED = re.compile(r"(?:EVENT|NOTE|DETAIL|CONSENT)#(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00))(?:#|\Z)")


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
            self._table.write_many(deletes=self._elsewhere(customer, cut))
            for some in batched(self._doomed(customer, cut), AT_ONCE, strict=False):
                self._table.write_many(deletes=some)

    def count_all(self, cut: Cut) -> Counter[str]:
        """How many records of all shoppers `erase_all` would delete, by kind."""
        anew = frozenset(_links_anew(self._table.scan(PREFIX), cut))
        return Counter(kind_of(each["sk"]) for each in self._table.scan(PREFIX) if _takes(each, cut, anew))

    def erase_all(self, cut: Cut, before: Callable[[list[CustomerRef]], None]) -> None:
        """Delete the records of all shoppers; `before` is told whose, some at a time, ere any of theirs is deleted."""
        anew = frozenset(_links_anew(self._table.scan(PREFIX), cut))
        for some in batched(self._table.scan(PREFIX), AT_ONCE, strict=False):
            before([CustomerRef.parse(pk.removeprefix(PREFIX)) for pk in dict.fromkeys(each["pk"] for each in some)])
            self._table.write_many(deletes=[_key(each) for each in some if _takes(each, cut, anew)])

    def _owned(self, owner: CustomerRef) -> list[CustomerRef]:
        """The anonymous ids that this customer owns.

        They are in its list; one whose link was cut in half is on its events, which are written before a link.
        """
        listed: set[str] = set()
        mentioned: set[str] = set()
        for record in self.records(owner):
            if record["sk"].startswith(LINK):
                listed.add(record["sk"].removeprefix(LINK))
            elif (mentioned_id := record.get("anonymous_id")) is not None:
                mentioned.add(mentioned_id)
        keys = [(partition(_anonymous(each)), OWNER) for each in sorted(mentioned - listed)]
        owned = [each["pk"] for each in self._table.get_many(keys) if each["owned_by"] == str(owner)]
        return [*map(_anonymous, sorted(listed)), *(CustomerRef.parse(pk.removeprefix(PREFIX)) for pk in owned)]

    def _doomed(self, customer: CustomerRef, cut: Cut) -> Iterator[tuple[str, str]]:
        yield from self._elsewhere(customer, cut)
        anew = frozenset(self._links_anew(customer, cut))
        yield from (_key(record) for record in self.records(customer) if _takes(record, cut, anew))

    def _elsewhere(self, customer: CustomerRef, cut: Cut) -> list[tuple[str, str]]:
        """The record of an anonymous id at its owner, if there is one."""
        link = None if customer.is_known else self._table.get(partition(customer), OWNER)
        if link is None or (link["owned_by"], customer.id) in self._links_anew(customer, cut):
            return []
        key = (PREFIX + link["owned_by"], LINK + customer.id)
        return [key] if self._table.get(*key) else []

    def _links_anew(self, customer: CustomerRef, cut: Cut) -> set[tuple[str, str]]:
        link = None if customer.is_known else self._table.get(partition(customer), OWNER)
        owner = CustomerRef.parse(link["owned_by"]) if link else customer
        return set(_links_anew(self.records(owner), cut)) if owner.is_known else set()


def _links_anew(records: Iterable[Record], cut: Cut) -> Iterator[tuple[str, str]]:
    """The links (owner, anonymous id) that stay, since an event that stays made them. A link itself has no time."""
    for record in records:
        if "anonymous_id" in record and not cut.takes(moment(record)):
            yield record["pk"].removeprefix(PREFIX), record["anonymous_id"]


def _takes(record: Record, cut: Cut, anew: Set[tuple[str, str]]) -> bool:
    customer, sk = CustomerRef.parse(record["pk"].removeprefix(PREFIX)), record["sk"]
    if sk == OWNER:
        return (record["owned_by"], customer.id) not in anew
    if sk.startswith(LINK):
        return (str(customer), sk.removeprefix(LINK)) not in anew
    return cut.takes(moment(record))


def kind_of(sk: str) -> str:
    """What a record is, in a receipt's words."""
    return KINDS.get(sk.partition("#")[0], "other records")


def moment(record: Mapping[str, Any]) -> datetime | None:
    """When that happened which a record tells of; None where it does not say."""
    stamp = _STAMPED.match(record["sk"])
    text = stamp[1] if stamp else record.get("time")
    return datetime.fromisoformat(text) if text else None


def _anonymous(id_: str) -> CustomerRef:
    return CustomerRef(kind=ANONYMOUS, id=id_)


def _key(record: Mapping[str, Any]) -> tuple[str, str]:
    return record["pk"], record["sk"]
