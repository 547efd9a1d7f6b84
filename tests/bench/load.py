"""Load with a ledger: clients that send events and ask for lists at set times, honour 429 and 503, and lose replies.

Afterwards a look at table, archive and counters tells whatever was lost or doubled on the way.

A request is due at a time of its own, whatever became of those before it, and its latency counts from then: a server
that is slow cannot make the load lighter than it was meant to be.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from shared.domain.counting import Series
from shared.domain.events import KNOWN
from shared.domain.vocabulary import EventName
from shared.stores.archive import ArchiveStore
from shared.stores.counters import CounterStore
from shared.stores.table import Table

SENDERS = 8
"""So many requests are under way at once. The emulator starts a process for each, as Lambda does an environment."""
A_BATCH = 4
CUSTOMERS = 200
ITEMS = 40
LOST_REPLIES = 0.1
"""So many calls that were answered are sent again, as by a client that has not heard the answer."""
WANTED = {"send": 6, "list": 3, "floor": 1}
"""Of ten requests."""
MOST_TRIES = 30
REPEATED = (429, 503)
PATIENCE_SECONDS = 90.0


class Shape(NamedTuple):
    """How many requests a second come for how long; in a burst they all come at once."""

    name: str
    per_second: float
    seconds: float
    at_once: bool = False

    def due(self) -> Iterator[float]:
        for n in range(round(self.per_second * self.seconds)):
            yield 0.0 if self.at_once else n / self.per_second


class Sent(NamedTuple):
    """An event that was accepted."""

    customer: str
    message_id: str
    item: str
    is_order: bool


class Ledger:
    """What the clients have seen."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.accepted: set[Sent] = set()
        self.latency: dict[str, list[float]] = {kind: [] for kind in WANTED}
        self.seen: Counter[str] = Counter()
        self.problems: list[str] = []

    def note(self, kind: str, seconds: float) -> None:
        with self._lock:
            self.latency[kind].append(seconds)

    def count(self, what: str) -> None:
        with self._lock:
            self.seen[what] += 1

    def accept(self, events: list[Sent]) -> None:
        with self._lock:
            self.accepted.update(events)

    def complain(self, problem: str) -> None:
        with self._lock:
            self.problems.append(problem)

    def quantile(self, kind: str, share: float) -> float:
        times = sorted(self.latency[kind])
        return times[min(len(times) - 1, int(share * len(times)))]


class Load:
    """One load on one API. All that it sends is marked with a run of its own."""

    def __init__(self, api: httpx.Client, seed: int = 7) -> None:
        self._api = api
        self._chance = random.Random(seed)  # noqa: S311 - a load that can be repeated
        self.run = uuid4().hex[:8]
        self.ledger = Ledger()

    def drive(self, shape: Shape, senders: int = SENDERS) -> Ledger:
        """Send it all, from that many threads at once."""
        begin = time.monotonic()
        acts = [(due, self._act(n)) for n, due in enumerate(shape.due())]
        with ThreadPoolExecutor(senders) as pool:
            for done in [pool.submit(self._perform, begin + due, *act) for due, act in acts]:
                done.result()
        return self.ledger

    def item(self, n: int) -> str:
        return f"load-{self.run}-{n % ITEMS}"

    def _act(self, n: int) -> tuple[str, Any, bool]:
        """What request `n` is, and whether its first answer is lost."""
        (kind,) = self._chance.choices(list(WANTED), list(WANTED.values()))
        customer = f"{self.run}-{self._chance.randrange(CUSTOMERS)}"
        events = [
            Sent(customer, f"{self.run}-{n}-{each}", self.item(self._chance.randrange(ITEMS)), each == 0)
            for each in range(A_BATCH)
        ]
        return kind, {"send": events, "list": customer, "floor": None}[kind], self._chance.random() < LOST_REPLIES

    def _perform(self, due: float, kind: str, about: Any, is_lost: bool) -> None:
        time.sleep(max(0.0, due - time.monotonic()))
        match kind:
            case "send":
                self._send(about, is_lost)
            case "list":
                reply = self._asked("POST", "/v1/recommendations", {"surface": "for-you", "customer_id": about})
                self._expect(reply.status_code == 200 and "items" in reply.json(), f"list: {reply.text}")
            case "floor":
                self._expect(self._asked("GET", "/v1/nothing", None).status_code == 404, "the floor")
        self.ledger.note(kind, time.monotonic() - due)

    def _send(self, events: list[Sent], is_lost: bool) -> None:
        body = {"batch": [_call(each) for each in events]}
        for _ in range(1 + is_lost):
            reply = self._asked("POST", "/v1/batch", body)
            accepted = reply.status_code == 200 and reply.json() == {"accepted": len(events), "rejected": []}
            self._expect(accepted, f"batch: {reply.status_code} {reply.text}")
            if accepted:
                self.ledger.accept(events)
        self.ledger.seen["replies lost"] += is_lost

    def _asked(self, method: str, path: str, body: Any) -> httpx.Response:
        """The answer that is none of those which ask to be repeated: these are, after the time that they say."""
        for _ in range(MOST_TRIES):
            try:
                reply = self._api.request(method, path, json=body)
            except httpx.TransportError:
                self.ledger.count("no answer")
                time.sleep(random.random())  # noqa: S311 - jitter
                continue
            self.ledger.count(str(reply.status_code))
            if reply.status_code not in REPEATED:
                return reply
            time.sleep(float(reply.headers.get("retry-after", 1)) * random.uniform(1, 1.5))  # noqa: S311 - jitter
        raise TimeoutError(f"{method} {path} was never taken")

    def _expect(self, holds: bool, problem: str) -> None:
        if not holds:
            self.ledger.complain(problem[:300])


def _call(sent: Sent) -> dict[str, Any]:
    """The event as Segment's libraries send it; the same each time, as theirs are."""
    name = EventName.ORDER_COMPLETED if sent.is_order else EventName.PRODUCT_VIEWED
    properties = {"order_id": sent.message_id} if sent.is_order else {}
    return {
        "type": "track",
        "event": name,
        "userId": sent.customer,
        "messageId": sent.message_id,
        "timestamp": (datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=5)).isoformat(),
        "properties": properties | {"product_id": sent.item},
    }


class Found(NamedTuple):
    """How often each of the run's events is in the table and in the archive, and each item is counted as sold."""

    table: Counter[str]
    archive: Counter[str]
    sold: Counter[str]


def found(run: str, table: Table, archive: ArchiveStore) -> Found:
    """What the deployment has of a run."""
    kept = (each["sk"] for each in table.scan(f"CUSTOMER#{KNOWN}:{run}-"))
    events = Counter(sk.rpartition("#")[2] for sk in kept if sk.startswith(("EVENT#", "ORDER#")))
    lines = Counter(each.message_id for each in archive.read() if each.message_id.startswith(f"{run}-"))
    sold: Counter[str] = Counter()
    for day in {datetime.now(UTC).date(), (datetime.now(UTC) - timedelta(minutes=10)).date()}:
        for counted, n in CounterStore(table).read(Series.SOLD, day).items():
            if counted.item.startswith(f"load-{run}-"):
                sold[counted.item] += n
    return Found(events, lines, sold)


def wrong(ledger: Ledger, seen: Found) -> list[str]:
    """What was lost or doubled, in words; nothing where every accepted event is there once, and counted once.

    In the archive an event may stand twice where the stream has delivered it twice; its readers count it once.
    """
    wanted = Counter({each.message_id: 1 for each in ledger.accepted})
    orders = Counter(each.item for each in ledger.accepted if each.is_order)
    faults = [
        *_differences("in the table", wanted, seen.table),
        *_differences("in the archive", wanted, Counter(dict.fromkeys(seen.archive, 1))),
        *_differences("counted as sold", orders, seen.sold),
    ]
    return [*ledger.problems, *faults]


def _differences(where: str, wanted: Counter[str], there: Counter[str]) -> Iterator[str]:
    for words, some in (("lost", wanted - there), ("too many", there - wanted)):
        if some:
            yield f"{some.total()} {words} {where}, such as {next(iter(some))}"


def settled(ledger: Ledger, look: Callable[[], Found], patience_seconds: float = PATIENCE_SECONDS) -> list[str]:
    """What is wrong still when the stream's readers have had their time."""
    end = time.monotonic() + patience_seconds
    while (faults := wrong(ledger, look())) and time.monotonic() < end and not ledger.problems:
        time.sleep(1)
    return faults
