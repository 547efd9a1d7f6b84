"""Prices, quotes, offers and values, one call at a time, warm: CPU against a floor, and what the table charges.

`python -m tests.bench.bench_prices`: the handlers in this process, the table the local stack's, another process. All
kinds of call take turns, so that each meets the same load; the floor is an unknown path of `catalogue`, which checks
the key and reads nothing. Wall times have the emulator's in them, which takes some milliseconds a request, and beside
other work many more. Units are by AWS's rules (meter.py). `project` is the stream's work for an order with two lines,
first of somebody who never got an offer, then with a code that redeems one.
"""

import itertools
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table as Printed

from shared.stores import clients
from shared.stores.table import Table
from tests import conftest
from tests.bench import meter
from tests.bench.inprocess import shop
from tests.functions.offers.conftest import Shop

ROUNDS, WARM = 60, 8
FLOOR = "catalogue: unknown path"
CART = [{"item_id": "lamp", "quantity": 2}, {"item_id": "vase", "quantity": 1}]
Call = Callable[[int], Any]

console = Console(width=140)


def main() -> None:
    """Print the table, and the same as the JSON of `infra/cost/figures.json`."""
    with shop() as api:
        store = Shop(api, Table(clients.dynamodb(), conftest.TABLE))
        store.put("back", budget={"amount": "100000", "currency": "EUR"})
        for n in range(ROUNDS):
            store.worth(f"c{n}")
        calls = _calls(store)
        found = _in_turns(calls)
        found |= _stream(store)
    _print(found)
    print(json.dumps({name: {key: round(value, 2) for key, value in each.items()} for name, each in found.items()}))


def _calls(store: Shop) -> dict[str, Call]:
    server, tokens = store.api.server, dict[int, str]()

    def quote(n: int, **more: Any) -> Any:
        reply = server.post("/v1/quotes", {"lines": CART} | more)
        tokens[n] = reply.json()["token"]
        return reply

    return {
        FLOOR: lambda _: server.get("/v1/nothing"),
        "catalogue: one item": lambda _: server.get("/v1/items/lamp"),
        "prices": lambda _: store.api.browser.get("/v1/prices/lamp"),
        "quotes": quote,
        "quotes: in a session": lambda n: quote(n, session_id=f"s{n}"),
        "quotes: verified": lambda n: server.post("/v1/quotes/verify", {"token": tokens[n]}),
        "quotes: redeemed": lambda n: server.post("/v1/quotes/redeem", {"token": tokens[n], "order_id": f"o{n}"}),
        "offers": lambda n: server.post("/v1/offers", {"surface": "home", "customer_id": f"c{n}", "cart": CART}),
        "offers: asked again": lambda n: server.post("/v1/offers", {"surface": "home", "customer_id": f"c{n}"}),
        "customers": lambda n: server.get(f"/v1/customers/c{n}/value"),
    }


def _in_turns(calls: dict[str, Call]) -> dict[str, dict[str, float]]:
    cpu: defaultdict[str, list[float]] = defaultdict(list)
    wall: defaultdict[str, list[float]] = defaultdict(list)
    units: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    sizes: dict[str, int] = {}
    for n, name in itertools.product(range(ROUNDS), calls):
        began = time.process_time(), time.perf_counter()
        if n % 2:
            with meter.metered() as charged:
                reply = calls[name](n)
            units[name].append((meter.reads(charged), meter.writes(charged)))
        else:
            reply = calls[name](n)
            if n >= WARM:
                cpu[name].append(time.process_time() - began[0])
                wall[name].append(time.perf_counter() - began[1])
        sizes[name] = len(reply.text.encode())
        assert reply.status == (404 if name == FLOOR else 200), (name, reply.text)
    return {
        name: {
            "cpu_ms": statistics.median(cpu[name]) * 1e3,
            "of_floor": statistics.median(cpu[name]) / statistics.median(cpu[FLOOR]),
            "wall_ms": statistics.median(wall[name]) * 1e3,
            "reads": statistics.median(each[0] for each in units[name]),
            "writes": statistics.median(each[1] for each in units[name]),
            "reply_bytes": sizes[name],
        }
        for name in calls
    }


def _stream(store: Shop) -> dict[str, dict[str, float]]:
    """Each order by itself, as the stream of a small shop delivers it."""
    found: dict[str, dict[str, float]] = {}
    lines = [{"product_id": "lamp", "quantity": 1, "price": 50}, {"product_id": "vase", "quantity": 1, "price": 20}]
    for name, first, has_code in (("project: an order", 0, False), ("project: an order with a code", 20, True)):
        cpu, units = [], []
        for n in range(first, first + 20):
            who = f"c{n}" if has_code else f"stranger-{n}"
            code = store.ask(who)["offer"]["code"] if has_code else None
            properties = {"order_id": f"p{n}", "currency": "EUR", "products": lines, "message": f"buy-{n}"}
            store.track("Order Completed", who, **properties, **({"coupon": code} if code else {}))
            records = store.stream.new()
            with meter.metered() as charged:
                began = time.process_time()
                assert store.project({"Records": records, "shardId": "s"}, None)["batchItemFailures"] == []
                cpu.append(time.process_time() - began)
            units.append((meter.reads(charged), meter.writes(charged)))
        found[name] = {
            "cpu_ms": statistics.median(cpu) * 1e3,
            "reads": statistics.median(each[0] for each in units),
            "writes": statistics.median(each[1] for each in units),
        }
    return found


def _print(found: dict[str, dict[str, float]]) -> None:
    table = Printed("call", "CPU ms", "of the floor", "wall ms", "read units", "write units", box=None)
    for name, each in found.items():
        of_floor, wall = each.get("of_floor"), each.get("wall_ms")
        table.add_row(
            name,
            f"{each['cpu_ms']:.1f}",
            f"{of_floor:.2f} x" if of_floor else "",
            f"{wall:.1f}" if wall else "",
            f"{each['reads']:.1f}",
            f"{each['writes']:.1f}",
        )
    console.print(table, f"medians of {ROUNDS // 2}, in turns")


if __name__ == "__main__":
    main()
