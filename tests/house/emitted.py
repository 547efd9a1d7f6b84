"""All metrics that the code emits, as it really emits them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from functions.ingest.metrics import count_rejected
from functions.recommend.metrics import timing
from functions.recommend.patience import Patience
from functions.recommend.served import Age, count_list
from functions.themes.metrics import count_run
from functions.webhooks.metrics import count_delivery
from shared.stores.stream import Delivery
from training.app import count_completed


class Emitted(NamedTuple):
    """A metric and the names of its dimensions, both of which an alarm must have exactly."""

    metric: str
    dimensions: frozenset[str]


class Shelf:
    """In place of the bucket for records that are set aside."""

    def put(self, *_: object) -> None:
        pass


def emitted(capsys: pytest.CaptureFixture[str]) -> set[Emitted]:
    capsys.readouterr()
    now = datetime.now(UTC)
    count_rejected({"future": 1})
    count_delivery("shopify", "unmapped")
    count_completed()
    count_run(1, 1, 1, 1.0)
    count_list("cart", 1.0, fallback=False)
    Age().tell(now, now)
    _wait_for_a_model()
    _set_one_aside()
    return set(_metrics(capsys.readouterr().out.splitlines()))


def _wait_for_a_model() -> None:
    patience = Patience()
    patience.waited_ms["model"] = 1.0
    timing(patience)


def _set_one_aside() -> None:
    def unreadable(_: object) -> None:
        raise ValueError("a test")

    shelf: Any = Shelf()
    Delivery("archive", [{"dynamodb": {"SequenceNumber": "1"}}], "shard", redriven=False).work(
        unreadable, lambda _: None, shelf
    )


def _metrics(lines: list[str]) -> Iterator[Emitted]:
    for line in lines:
        for directive in json.loads(line).get("_aws", {}).get("CloudWatchMetrics", []):
            for dimensions in directive["Dimensions"]:
                yield from (Emitted(each["Name"], frozenset(dimensions)) for each in directive["Metrics"])
