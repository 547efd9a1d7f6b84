"""A shop whose lists are known: a few items, a model by hand, and a clock that is moved by hand."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.recommend.champion import Champion
from functions.recommend.live import OVER_SECONDS, Live
from functions.recommend.opinions import OpinionBook
from functions.recommend.patience import Patience
from functions.recommend.rulebook import Rulebook
from functions.recommend.shelf import ItemShelf
from shared.domain.items import Item
from shared.domain.keys import sign_customer
from shared.stores import clients
from shared.stores.budgets import BudgetStore
from shared.stores.counters import CounterStore
from shared.stores.items import ItemStore
from shared.stores.models import ModelStore
from shared.stores.opinions import ItemSentimentStore
from shared.stores.rules import RuleStore
from shared.stores.switch import Switch
from shared.stores.table import Table
from tests.conftest import BUCKET
from tests.functions.api import Api, Stream, app
from tests.functions.recommend.artefact import artefact
from tests.gateway import Gateway, Response

NOW = datetime.now(UTC)
A_MINUTE = 60
ITEMS = ("bulb", "lamp", "mug", "rug", "shade", "tea", "vase")
TASTE = {
    "lamp": {"shade": 120, "bulb": 100, "vase": 20},
    "tea": {"mug": 110, "vase": 30},
    "rug": {"vase": 60, "lamp": 10},
}
TOGETHER = {"lamp": {"bulb": 127, "vase": 50}, "tea": {"mug": 90}}
BASKETS = {"lamp": {"rug": 127, "bulb": 90}, "tea": {"mug": 110, "rug": 40}}
PRIOR = {"mug": 0.9, "tea": 0.8, "vase": 0.1}
POPULAR = ("mug", "tea", "vase", "lamp", "rug", "shade", "bulb")


class Shop:
    """The API, with helpers for what a shop does all day."""

    def __init__(self, api: Api, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
        self.api = api
        self.seconds = 0.0
        self.items = ItemStore(table)
        self.models = ModelStore(table, clients.s3(), BUCKET)
        self.stream = Stream("project")
        self._sent = 0
        recommend = api.apps["recommend"]
        champion = Champion(self.models, lambda: self.seconds)
        live = Live(CounterStore(table), lambda: self.seconds)
        shelf = ItemShelf(self.items, lambda: self.seconds)
        rulebook = Rulebook(RuleStore(table), lambda: self.seconds)
        switch = Switch(BudgetStore(table), lambda: self.seconds)
        self.sentiments = ItemSentimentStore(table)
        opinions = OpinionBook(self.sentiments, lambda: self.seconds)
        monkeypatch.setattr(recommend, "rulebook", lambda: rulebook)
        monkeypatch.setattr(recommend, "opinions", lambda: opinions)
        monkeypatch.setattr(recommend, "switch", lambda: switch)
        monkeypatch.setattr(recommend, "champion", lambda: champion)
        monkeypatch.setattr(recommend, "live", lambda: live)
        monkeypatch.setattr(recommend, "shelf", lambda: shelf)

    def stock(self, *item_ids: str, **fields: Any) -> None:
        self.items.put(Item.model_validate({"item_id": each, "title": each.title()} | fields) for each in item_ids)

    def publish(self, files: Mapping[str, bytes], model_id: str = "m1") -> None:
        """Make this model the champion."""
        self.models.publish(model_id, files, "")
        self.models.promote(model_id, self.models.champion())

    def track(self, event: str, *item_ids: str, by: Gateway | None = None, **fields: Any) -> Response:
        """One event, each a minute after the one before; of the customer ann unless `fields` say otherwise."""
        self._sent += 1
        record = {
            "event": event,
            "messageId": f"m{self._sent}",
            "timestamp": (NOW - timedelta(hours=2) + timedelta(minutes=self._sent)).isoformat(),
            "properties": {"products": [{"product_id": each} for each in item_ids]},
        }
        who = {} if "anonymousId" in fields else {"userId": "ann"}
        return (by or self.api.server).post("/v1/track", record | who | fields)

    def ask(self, surface: str, by: Gateway | None = None, **request: Any) -> Any:
        """A list from the API, by the server's key unless said otherwise."""
        reply = (by or self.api.server).post("/v1/recommendations", {"surface": surface} | request)
        assert reply.status == 200, reply.text
        return reply.json()

    def ids(self, surface: str, **request: Any) -> list[str]:
        return ids(self.ask(surface, **request))

    def token(self, customer_id: str = "ann", **lifetime: int) -> str:
        return sign_customer(customer_id, NOW + timedelta(**(lifetime or {"hours": 1})), self.api.keys.token_secret)

    def project(self) -> None:
        """Let the stream deliver to the counters, and the lists' own memory of them pass."""
        handler = app("project").handler
        handler({"Records": self.stream.new(), "shardId": "shard-1"}, None)
        self.seconds += OVER_SECONDS


def ids(reply: Any) -> list[str]:
    return [each["item"]["item_id"] for each in reply["items"]]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine's table is as slow as a broken one's: no test but those of patience is about that."""
    monkeypatch.setattr(Patience.__init__, "__defaults__", (A_MINUTE, time.monotonic))


@pytest.fixture
def shop(api: Api, table: Table, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop with items, and without a model."""
    shop = Shop(api, table, monkeypatch)
    shop.stock(*ITEMS)
    return shop


@pytest.fixture
def with_baskets(shop: Shop) -> Shop:
    """A shop whose champion has a table of baskets."""
    shop.publish(artefact(ITEMS, TASTE, TOGETHER, BASKETS, popular=POPULAR, prior=PRIOR))
    return shop


@pytest.fixture
def modelled(shop: Shop) -> Shop:
    """A shop with items and a champion."""
    shop.publish(model())
    return shop


def model(model_id: str = "m1", popularity_on: Sequence[str] = ()) -> dict[str, bytes]:
    return artefact(
        ITEMS, TASTE, TOGETHER, model_id=model_id, popular=POPULAR, prior=PRIOR, popularity_on=popularity_on
    )
