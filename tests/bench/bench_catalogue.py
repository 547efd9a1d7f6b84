"""100,000 items through the catalogue's own handler: imported, imported again, repriced, listed, looked up.

The function runs in this process, and the table is the local stack's. The floor is a bare boto3 batch writer with the
same records in the same run.
"""

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import batched
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table as Printed

from shared.stores import clients
from shared.stores.table import pack
from tests import conftest
from tests.bench.inprocess import shop
from tests.functions.api import Api

ITEMS = 100_000
A_CALL = 500
LOOKUPS = 200

console = Console()


class Row(NamedTuple):
    """What was done, how long it took, and in how many calls of the store."""

    what: str
    seconds: float
    calls: int


def main(items: int = ITEMS) -> None:
    """Print the table."""
    with shop():
        floor = _timed("bare boto3 batch writer, same records", lambda: _bare(items))
    with shop() as api:
        rows = [floor, *_ours(api, items)]
    _print(rows, items)


def _ours(api: Api, items: int) -> Iterator[Row]:
    yield _timed("first import", lambda: _put(api, items, "9.90"))
    yield _timed("the same again", lambda: _put(api, items, "9.90"))
    yield _timed("titles changed", lambda: _put(api, items, "9.90", "New"))
    yield _timed("prices changed", lambda: _put(api, items, "8.90", "New"))
    yield _timed("listed, 500 a page", lambda: _list(api, items))
    ids = random.Random(1).sample(range(items), LOOKUPS)  # noqa: S311 - which items, not a secret
    times = [_timed("", partial(api.server.get, f"/v1/items/item-{n:06d}")).seconds for n in ids]
    yield Row("one item, median", statistics.median(times), 1)
    yield Row("one item, 99th percentile", sorted(times)[-LOOKUPS // 100], 1)
    many = {"item_ids": [f"item-{n:06d}" for n in ids[:100]]}
    yield _timed("100 items in one call", lambda: api.server.post("/v1/items/get", many))


def item(n: int, amount: str, title: str) -> dict[str, Any]:
    """An item of about 450 bytes, as shops have them."""
    return {
        "item_id": f"item-{n:06d}",
        "title": f"{title} thing {n}",
        "price": {"amount": amount, "currency": "EUR"},
        "stock": n % 50,
        "category": f"Category {n % 300}",
        "attributes": {"colour": "red", "size": "M"},
        "image_url": f"https://shop.example/images/{n}.jpg",
    }


def _put(api: Api, items: int, amount: str, title: str = "A") -> None:
    for some in batched(range(items), A_CALL, strict=False):
        reply = api.server.put("/v1/items", {"items": [item(n, amount, title) for n in some]})
        assert reply.status == 200, reply.text


def _list(api: Api, items: int) -> None:
    seen, query = 0, "?limit=500"
    while query:
        page = api.server.get(f"/v1/items{query}").json()
        seen += len(page["items"])
        query = f"?limit=500&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert seen == items


def _bare(items: int) -> None:
    client = clients.dynamodb()
    for some in batched(range(items), 25, strict=False):
        records = [
            {"pk": f"ITEM#{n}", "sk": "ITEM", "item_id": f"item-{n:06d}", "shelf": str(n % 8)}
            | {"body": json.dumps(item(n, "9.90", "A"))}
            for n in some
        ]
        requests: Any = {conftest.TABLE: [{"PutRequest": {"Item": pack(each)}} for each in records]}
        client.batch_write_item(RequestItems=requests)


def _timed(what: str, act: Callable[[], object]) -> Row:
    calls: list[object] = []
    events = clients.dynamodb().meta.events
    count = calls.append
    events.register("before-call.dynamodb", lambda **call: count(call["model"].name), unique_id="bench")
    start = time.perf_counter()
    act()
    seconds = time.perf_counter() - start
    events.unregister("before-call.dynamodb", unique_id="bench")
    return Row(what, seconds, len(calls))


def _print(rows: list[Row], items: int) -> None:
    table = Printed("what", "seconds", "items/s", "store calls", "of the floor", box=None, header_style="bold")
    for row in rows:
        speed = f"{items / row.seconds:,.0f}" if row.calls > LOOKUPS else ""
        ratio = f"{row.seconds / rows[0].seconds:.2f} x" if row.calls > LOOKUPS else ""
        table.add_row(row.what, f"{row.seconds:.4g}", speed, f"{row.calls:,}", ratio)
    console.print(table)


if __name__ == "__main__":
    main()
