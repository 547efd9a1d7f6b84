"""What functions do to the table is what the template grants them, partition by partition: no emulator checks that."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.stores import clients
from shared.stores.suggestions import SuggestionStore
from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.offers.conftest import Shop
from tests.functions.prices.test_suggestions import made
from tests.grants import WATCH, Ask, Watch, asks, grants, may_any

Did = dict[str, set[Ask]]
"""What each function asked for."""
READS = {"GetItem", "BatchGetItem", "Query"}
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}
Handler = Callable[[Any, Any], Any]


@pytest.fixture
def did(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Did]:
    found: Did = defaultdict(set)
    running: list[str] = []

    def seen(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        for name in running:
            found[name].update(asks("dynamodb", model.name, params))

    def watched(name: str, handler: Handler) -> Handler:
        def handle(event: Any, context: Any) -> Any:
            running.append(name)
            try:
                return handler(event, context)
            finally:
                running.remove(name)

        return handle

    events = clients.dynamodb().meta.events
    events.register("provide-client-params.dynamodb.*", seen)
    for name in ("prices", "quotes", "offers"):
        monkeypatch.setattr(shop.api.apps[name], "handler", watched(name, shop.api.apps[name].handler))
    shop.project = watched("project", shop.project)
    yield found
    events.unregister("provide-client-params.dynamodb.*", seen)


@pytest.fixture
def shop(api: Api, table: Table) -> Shop:
    return Shop(api, table)


def make_offers(shop: Shop) -> None:
    shop.put("back", budget={"amount": "100", "currency": "EUR"})
    shop.public()
    shop.worth("ann")
    code = shop.ask()["offer"]["code"]
    shop.buy("o1", coupon=code)
    shop.buy("o2", coupon="HELLO")
    shop.track("Order Refunded", order_id="o1", products=[{"product_id": "lamp"}])
    shop.flow()
    cart = [{"item_id": "lamp"}]
    assert shop.api.server.post("/v1/offers/verify", {"code": "HELLO", "cart": cart}).status == 200
    assert shop.api.server.post("/v1/offers/redeem", {"code": code, "order_id": "o1"}).status == 200
    assert shop.results("back")["redeemed"] == 1
    assert shop.api.server.call("DELETE", "/v1/offers/back").status == 200


def make_quotes(shop: Shop) -> None:
    lines = [{"item_id": "lamp"}]
    token = shop.api.server.post("/v1/quotes", {"lines": lines, "session_id": "s"}).json()["token"]
    assert shop.api.server.post("/v1/quotes/redeem", {"token": token, "order_id": "o"}).status == 200


def make_prices(shop: Shop) -> None:
    server, lamp = shop.api.server, {"amount": "50", "currency": "EUR"}
    assert server.put("/v1/prices/limits/all", {"maximum_weekly_step": "0.1"}).status == 200
    told = {"item_id": "lamp", "competitor": "x", "price": lamp}
    assert server.put("/v1/competitor-prices", {"prices": [told]}).status == 200
    now = datetime.now(UTC)
    times = {"created": now, "expires": now + timedelta(days=7)}
    two = [made(each, price, more, **times) for each, price, more in (("lamp", "50", "51"), ("vase", "20", "21"))]
    SuggestionStore(shop.table).replace(two, now)
    assert len(server.get("/v1/prices/suggestions").json()["suggestions"]) == 2
    assert server.post("/v1/prices/suggestions/lamp/approve", {}).status == 200
    assert server.post("/v1/prices/suggestions/vase/snooze", {}).status == 200
    assert server.get("/v1/prices/lamp").json()["price"]["amount"] == "51"
    assert server.get("/v1/prices/lamp/history").json()["valid"]
    assert server.call("DELETE", "/v1/prices/limits/all").status == 200


@pytest.mark.parametrize(
    ("function", "make", "writes"),
    [
        ("offers", make_offers, {"OFFERS", "OFFER#", "FIGURES#", "CODE#", "CUSTOMER#"}),
        ("project", make_offers, {"SOLD#", "COUNTED#", "CODE#", "CUSTOMER#", "FIGURES#", "OFFER#"}),
        ("quotes", make_quotes, {"QUOTE#", "SESSION#"}),
        ("prices", make_prices, {"PRICE_LIMITS", "COMPETITORS#", "SUGGESTION#", "ITEM#", "LEDGER#"}),
    ],
)
def test_a_function_does_what_it_may_and_writes_nowhere_else(
    shop: Shop, did: Did, function: str, make: Callable[[Shop], None], writes: set[str]
) -> None:
    make(shop)
    assert {ask for ask in did[function] if not may_any([function], ask)} == set()
    written = {ask.partition for ask in did[function] if ask.action.removeprefix("dynamodb:") not in READS}
    assert writes <= {head + hash_ for head, hash_, _ in (each.partition("#") for each in written)}


def test_what_is_not_granted_is_noticed(table: Table) -> None:
    """Of another partition, another object, another queue, and in a thread that the function has started."""
    watch = Watch()
    record = {"pk": "LEDGER#lamp", "sk": "1"}

    def handler(_event: Any, _context: Any) -> None:
        clients.dynamodb().meta.events.register("provide-client-params.dynamodb.*", seen)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(table.put, record).result()

    def seen(params: Any, model: Any, **_: Any) -> None:
        watch.see("dynamodb", model.name, params)

    watch.observed(lambda _: lambda each: each)("quotes")(handler)({}, None)
    clients.dynamodb().meta.events.unregister("provide-client-params.dynamodb.*", seen)
    assert watch.refused == {("quotes", Ask("dynamodb:PutItem", "Table", "LEDGER#lamp"))}
    assert may_any(["archive"], Ask("s3:PutObject", "Bucket/events/x"))
    assert not may_any(["archive"], Ask("s3:PutObject", "Bucket/models/x"))
    assert not may_any(["reviews"], Ask("sqs:SendMessage", "PrivacyJobs"))
    assert not may_any(["recommend"], Ask("dynamodb:Query", "Table/index/other"))
    WATCH.refused.clear()


def test_only_what_needs_it_may_write_everywhere() -> None:
    unbound = {
        name
        for name in ("prices", "quotes", "offers", "project")
        for grant in grants(name)
        if "*" in grant.partitions and WRITES & {each.removeprefix("dynamodb:") for each in grant.actions}
    }
    assert unbound == set()
