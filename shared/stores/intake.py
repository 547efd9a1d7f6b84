"""How events get in, whoever sends them: consent and erasure are looked up, then what may be kept is written."""

import hmac
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, NamedTuple, Self

from shared.domain.consent import Policy, Purpose, Standing, latest
from shared.domain.events import ANONYMOUS, NOBODY, CustomerRef, Event
from shared.domain.retention import lifetime
from shared.domain.sales import NO_SALE, Sale
from shared.domain.vocabulary import CALLS, EventName
from shared.stores.consents import ConsentStore
from shared.stores.events import EventStore
from shared.stores.links import LinkStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore

THREADS = 8
"""For the conditional writes, of which DynamoDB takes no batches: a large batch must be done before the time-out."""
TOLD = {*EventName, *CALLS}
CROWDS = 64
"""Events without identity lie in so many partitions, so that none is hot."""

Reason = Literal["no_consent", "global_privacy_control", "erased", "expired"]


class Arrived(NamedTuple):
    """A good event: `time` is None until it has one; `vouched` says that the shop stands behind its ids."""

    customer: CustomerRef
    message_id: str
    time: datetime | None
    name: str
    items: tuple[str, ...] = ()
    anonymous_id: str | None = None
    order_id: str | None = None
    recommendation_id: str | None = None
    details: Mapping[str, Any] = {}
    vouched: bool = False
    sale: Sale = NO_SALE

    def ids(self) -> list[CustomerRef]:
        """Everyone whom the event is about."""
        linked = [CustomerRef(kind=ANONYMOUS, id=self.anonymous_id)] if self.anonymous_id else []
        return [self.customer, *linked]

    def event(self, time: datetime) -> Event:
        fields = {name: value for name, value in self._asdict().items() if name in Event.model_fields}
        return Event(**fields | self.sale._asdict() | {"time": self.time or time})

    def stripped(self, pepper: str) -> "Arrived":
        """The same without identity: nobody's, on the hour, with nothing but what it is about.

        The message id is hashed with the pepper, since some can be guessed; a name of the shop's own may say anything.
        """
        digest = hmac.new(pepper.encode(), f"nobody:{self.customer}:{self.message_id}".encode(), sha256).hexdigest()
        name = self.name if self.name in TOLD else "Custom Event"
        crowd = CustomerRef(kind=NOBODY, id=str(int(digest[:8], 16) % CROWDS))
        return Arrived(crowd, digest[:32], self.time and _hour(self.time), name, self.items)


class Intake(NamedTuple):
    """Where events go, and whom to ask before."""

    table: Table
    events: EventStore
    links: LinkStore
    consents: ConsentStore
    tombstones: TombstoneStore
    pepper: Callable[[], str]
    policy: Policy

    @classmethod
    def on(cls, table: Table, pepper: Callable[[], str], policy: Policy) -> Self:
        """The intake of this table."""
        stores = EventStore(table), LinkStore(table), ConsentStore(table), TombstoneStore(table, pepper)
        return cls(table, *stores, pepper, policy)

    def take(
        self, arrived: Sequence[Arrived], now: datetime, *, objected: bool = False, repeated: bool = False
    ) -> Counter[Reason]:
        """Keep these events; how many were not kept as they came, by reason. What is not counted has been written.

        `objected` says that the browser that sent them does (Global Privacy Control), `repeated` that they come again,
        perhaps under another id: a browser's library writes the ids into a call each time that it sends it.
        Idempotent: every write is keyed by what came in. Raises `StoreUnavailableError` where something could not be
        written: then all of it is to be sent again.
        """
        told: Counter[Reason] = Counter()
        kept = self._admitted(arrived, now, objected, told)
        links = _links(kept)
        if repeated:
            kept = _at_once(self._where_it_is, kept)
        arrivals = iter(_at_once(lambda each: self._arrival(each, now), [each for each in kept if each.time is None]))
        self.events.put((each.event(each.time or next(arrivals)), each.details) for each in kept)
        _at_once(lambda link: self.links.claim(link[0], link[1], now), links)
        return told

    def judge(
        self, arrived: Sequence[Arrived], now: datetime, *, objected: bool = False
    ) -> list[tuple[Arrived | None, Reason | None]]:
        """Each of these as it may be kept, None where not at all; and why, where that is not as it came."""
        standing, erased = self._looked_up({id_ for each in arrived for id_ in each.ids()})
        judged: list[tuple[Arrived | None, Reason | None]] = []
        for each in (_without_erased_device(each, erased, now) for each in arrived):
            reason = self._reason(each, standing, erased, now, objected)
            strips = reason in {"no_consent", "global_privacy_control"} and self.policy.without_analytics == "strip"
            kept = each if reason is None else each.stripped(self.pepper()) if strips else None
            judged.append((kept, reason))
        return judged

    def _admitted(
        self, arrived: Sequence[Arrived], now: datetime, objected: bool, told: Counter[Reason]
    ) -> list[Arrived]:
        judged = self.judge(arrived, now, objected=objected)
        told.update(reason for _, reason in judged if reason)
        return [kept for kept, _ in judged if kept]

    def _looked_up(
        self, ids: Collection[CustomerRef]
    ) -> tuple[dict[CustomerRef, Standing], dict[CustomerRef, datetime]]:
        """Consent and tombstones of these ids, in one call to the table: every event waits for it."""
        consents, tombstones, owners = self.consents.keys(ids), self.tombstones.keys(ids), self.links.keys(ids)
        asked = [*consents, *tombstones, *owners]
        found = {(record["pk"], record["sk"]): record for record in self.table.get_many(asked)}
        standing = {consents[key]: self.consents.read(found[key]) for key in consents.keys() & found}
        erased = {tombstones[key]: self.tombstones.read(found[key]) for key in tombstones.keys() & found}
        owned = {owners[key]: self.links.read(found[key]) for key in owners.keys() & found}
        return self._with_owners(standing, owned), erased

    def _with_owners(
        self, standing: dict[CustomerRef, Standing], owned: Mapping[CustomerRef, CustomerRef]
    ) -> dict[CustomerRef, Standing]:
        """What the owner of an anonymous id decided holds for it too, where it is the later word."""
        decided = standing | (self.consents.standing(set(owned.values()) - standing.keys()) if owned else {})
        for device, owner in owned.items():
            both = (decided.get(id_, {}).values() for id_ in (device, owner))
            decided[device] = latest(decision for each in both for decision in each)
        return decided

    def _reason(
        self,
        each: Arrived,
        standing: Mapping[CustomerRef, Standing],
        erased: Mapping[CustomerRef, datetime],
        now: datetime,
        objected: bool,
    ) -> Reason | None:
        """Why the event may not be kept as it came."""
        time = each.time or now
        if each.customer in erased and time <= erased[each.customer]:
            return "erased"
        if time + lifetime(each.name, each.items) <= now:
            return "expired"
        if objected:
            return "global_privacy_control"
        decided = latest(decision for id_ in each.ids() for decision in standing.get(id_, {}).values())
        return None if self.policy.allows(decided, Purpose.ANALYTICS) else "no_consent"

    def _where_it_is(self, each: Arrived) -> Arrived:
        """The event as it is kept already under its anonymous id, if it is."""
        if not (each.customer.is_known and each.anonymous_id and each.time):
            return each
        before = each._replace(customer=CustomerRef(kind=ANONYMOUS, id=each.anonymous_id), anonymous_id=None)
        return before if self.events.has(before.event(each.time)) else each

    def _arrival(self, each: Arrived, now: datetime) -> datetime:
        now = _hour(now) if each.customer.kind == NOBODY else now
        return self.events.arrival(each.customer, each.message_id, now)


def _without_erased_device(each: Arrived, erased: Mapping[CustomerRef, datetime], now: datetime) -> Arrived:
    """A device may be shared: what another person did on it is theirs, without it."""
    device = CustomerRef(kind=ANONYMOUS, id=each.anonymous_id) if each.anonymous_id else None
    gone = device in erased and (each.time or now) <= erased[device] if device else False
    return each._replace(anonymous_id=None) if gone else each


def _at_once[T, R](act: Callable[[T], R], each: Collection[T]) -> list[R]:
    """What `act` gives for each, in order; no threads where there is nothing to wait for, which is most batches."""
    if not each:
        return []
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(act, each))


def _hour(time: datetime) -> datetime:
    return time.replace(minute=0, second=0, microsecond=0)


def _links(kept: Sequence[Arrived]) -> dict[tuple[str, CustomerRef], None]:
    """The links that open a known history, each once. An unvouched one stays on its event, for training only."""
    return {(each.anonymous_id, each.customer): None for each in kept if each.anonymous_id and each.vouched}
