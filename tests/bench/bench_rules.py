"""What filters, rules, diversity and the like cost `POST /v1/recommendations`: 5,000 items, lists of 10.

`python -m tests.bench.bench_rules`, two minutes. The made-up shop is that of `bench_recommend`; the function runs in
this process and is warm: what was read once is remembered throughout.
"""

import statistics
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from unittest.mock import patch

from rich.table import Table as Printed

from functions.recommend.rulebook import Rulebook
from functions.recommend.shelf import ItemShelf
from shared.domain.fields import PUBLIC
from shared.domain.filters import _Parser, parse
from shared.domain.opinions import ItemSentiment
from shared.domain.rules import Rule
from shared.stores import clients
from shared.stores.items import ItemStore
from shared.stores.opinions import ItemSentimentStore
from shared.stores.rules import RuleStore
from shared.stores.table import Table
from shared.web.edge import now
from tests import conftest
from tests.bench import meter
from tests.bench.bench_recommend import _fill, _publish, _requests, console, item
from tests.bench.inprocess import shop
from tests.functions.api import Api

ITEMS = 5_000
SKIPPED = 60
MEASURED = 120
EXPRESSION = 'category = "Category 7" and price <= 50 and not tag in ("sale", "old")'


class Way(NamedTuple):
    """What is asked of every list besides its surface, and how many rules there are."""

    name: str
    request: Mapping[str, Any] = MappingProxyType({})
    rules: int = 0
    by_feedback: bool = False


WAYS = (
    Way("plain"),
    Way("20 rules", rules=20),
    Way("20 rules by feedback", rules=20, by_feedback=True),
    Way("100 rules", rules=100),
    Way("filter: half of the items", {"filter": "price <= 50"}),
    Way("filter: 1 in 25", {"filter": 'category in ("Category 1", "Category 2", "Category 3", "Category 4", '
        '"Category 5", "Category 6", "Category 7", "Category 8", "Category 9", "Category 10", "Category 11", '
        '"Category 13")'}),
    Way("filter: 1 in 300", {"filter": 'category = "Category 7"'}),
    Way("filter: none", {"filter": "price > 1000"}),
    Way("diversity 0.3", {"diversity": 0.3}),
    Way("diversity 0.3, limit 100", {"diversity": 0.3, "limit": 100}),
    Way("limit 100", {"limit": 100}),
    Way("100 candidates", {"candidates": [f"item-{n:06d}" for n in range(0, 5_000, 50)]}),
)  # fmt: skip


def rules(count: int, *, by_feedback: bool = False) -> list[Rule]:
    """Rules of each kind in turn; mostly of some category, as shops have them, and where told of some feedback."""
    effects: list[dict[str, Any]] = [
        {"kind": "boost", "factor": 1.5},
        {"kind": "bury", "factor": 0.5},
        {"kind": "quota", "most": 3, "per": "attributes.brand"},
        {"kind": "boost", "factor": 2},
        {"kind": "pin", "item_ids": ["item-000005"], "position": 3},
        {"kind": "filter"},
        {"kind": "floor", "least": 1, "days": 30},
    ]
    made = []
    for n in range(count):
        effect = effects[n % len(effects)]
        hides = effect["kind"] == "filter"
        text = f'not category = "Category {n}"' if hides else f'category = "Category {n}" or margin > {n}'
        text = f"({text}) and not sentiment < -0.{n:02d}" if by_feedback else text
        made.append(Rule.model_validate({"rule_id": f"r{n}", "name": f"R{n}", "effect": effect, "filter": text}))
    return made


def main() -> None:
    """Print the cost of an expression, and the table."""
    _expression()
    ids = [f"item-{n:06d}" for n in range(ITEMS)]
    with shop() as api:
        table = Table(clients.dynamodb(), conftest.TABLE)
        _fill(table, ids)
        _publish(table, ids)
        rows = (
            ItemSentiment(item_id=each, score=n % 200 / 100 - 1, count=n % 30, days=60) for n, each in enumerate(ids)
        )
        ItemSentimentStore(table).replace(rows, now())
        requests = [each for each in _requests(ids) if each["surface"] != "buy-again"][: SKIPPED + MEASURED]
        printed = Printed("of each list", "p50 ms", "p99 ms", "CPU ms", "item units", "items", box=None)
        for way in WAYS:
            printed.add_row(way.name, *_measured(api, table, way, requests))
        console.print(printed)


def _expression() -> None:
    thing, rounds = item(7), 20_000
    start = time.perf_counter()
    for _ in range(1_000):
        _Parser(EXPRESSION, PUBLIC).parsed()
    parsed = time.perf_counter()
    test = parse(EXPRESSION)
    for _ in range(rounds):
        test(thing)
    done = time.perf_counter()
    console.print(f"parsed in {(parsed - start) * 1e3:.0f} us, tested in {(done - parsed) / rounds * 1e6:.2f} us")


def _measured(api: Api, table: Table, way: Way, requests: list[dict[str, Any]]) -> list[str]:
    store = RuleStore(table)
    held = rules(way.rules, by_feedback=way.by_feedback)
    for rule in store.all():
        store.delete(rule.rule_id, None, now())
    for rule in held:
        store.put(rule, now())
    book, shelf = Rulebook(store, lambda: 0.0), ItemShelf(ItemStore(table), lambda: 0.0)
    recommend = api.apps["recommend"]
    seconds, cpu, shown = [], [], 0
    with patch.object(recommend, "rulebook", lambda: book), patch.object(recommend, "shelf", lambda: shelf):
        for request in requests[:SKIPPED]:
            _asked(api, request | dict(way.request))
        with meter.metered() as units:
            for request in requests[SKIPPED:]:
                start = time.perf_counter(), time.process_time()
                shown += _asked(api, request | dict(way.request))
                seconds.append(time.perf_counter() - start[0])
                cpu.append(time.process_time() - start[1])
    count = len(seconds)
    p50, p99 = (sorted(seconds)[int(count * share)] * 1e3 for share in (0.5, 0.99))
    middle = statistics.median(cpu) * 1e3
    return [f"{each:.1f}" for each in (p50, p99, middle, units["BatchGetItem", "ITEM"] / count, shown / count)]


def _asked(api: Api, request: dict[str, Any]) -> int:
    reply = api.server.post("/v1/recommendations", request)
    assert reply.status == 200, reply.text
    return len(reply.json()["items"])


if __name__ == "__main__":
    main()
