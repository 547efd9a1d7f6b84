"""What training learns from the archive depends on what happened only, not on nights, merges, columns and erasures."""

import random
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef, Event
from shared.domain.retention import is_expired
from shared.domain.rights import Cut
from shared.domain.vocabulary import EventName
from shared.stores import clients
from shared.stores.archive import ArchiveObject, ArchiveStore, all_shards, shard_of
from shared.stores.lease import LeaseStore
from shared.stores.rewriting import ArchiveRewriter, of_customers
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from tests.conftest import BUCKET
from tests.training.shops import OPENED, catalogue, two_tastes
from training.archived import Archived
from training.interactions import Interactions, collect
from training.train import train

NOW = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = ["Page Viewed", *[EventName.PRODUCT_VIEWED] * 3, *[EventName.ORDER_COMPLETED] * 3, EventName.ORDER_REFUNDED]


def same(left: Interactions, right: Interactions) -> bool:
    return all(np.array_equal(getattr(left, each.name), getattr(right, each.name)) for each in fields(Interactions))


def drawn(chance: random.Random, n: int) -> Event:
    """An event of one of a few customers and devices, maybe expired, maybe one that links."""
    who = CustomerRef(kind=chance.choice([KNOWN, ANONYMOUS]), id=f"{chance.randrange(5)}")
    name = chance.choice(NAMES)
    return Event(
        customer=who,
        message_id=f"m{n - chance.randrange(3)}",
        time=NOW - timedelta(days=chance.choice([1, 20, 400, 780, 1200, 1900]), seconds=chance.randrange(3)),
        name=name,
        items=() if name == "Page Viewed" else tuple(f"i{chance.randrange(6)}" for _ in range(chance.randrange(1, 4))),
        anonymous_id=f"{chance.randrange(5)}" if who.is_known and chance.random() < 0.4 else None,
        order_id=f"o{chance.randrange(4)}" if name in (EventName.ORDER_COMPLETED, EventName.ORDER_REFUNDED) else None,
    )


class Shop:
    """An archive, whoever rewrites it, and the tombstones."""

    def __init__(self, table: Table) -> None:
        self.archive = ArchiveStore(clients.s3(), BUCKET)
        self.rewriter = ArchiveRewriter(self.archive, LeaseStore(table), patience_seconds=0)
        self.tombstones = TombstoneStore(table, lambda: "pepper")

    def read(self) -> Archived:
        return Archived(self.archive, NOW, self.tombstones.all())

    def night(self, chance: random.Random) -> None:
        """Merge some objects, and lay columns beside some."""

        def some(objects: list[ArchiveObject]) -> list[list[str]]:
            return [[each.key for each in objects if chance.random() < 0.5]]

        for shard in all_shards():
            self.rewriter.merge(shard, lambda objects: filter(None, some(list(objects))), lambda _: False)
            self.rewriter.lay_columns(shard, lambda _: chance.random() < 0.6, lambda: True)


@pytest.mark.parametrize("seed", range(2))
def test_any_nights_merges_and_erasures_give_the_view_of_what_is_left(table: Table, seed: int) -> None:
    """Late events and repeated ones among them, and erasures that no worker has carried out yet."""
    chance = random.Random(seed)  # noqa: S311 - test data
    shop, happened, erased = Shop(table), list[Event](), dict[CustomerRef, datetime]()
    for night in range(3):
        late = [drawn(chance, 15 * night + n) for n in range(15)]
        shop.archive.append([*late, *late[:3]])
        happened += late
        if chance.random() < 0.5:
            gone, at = chance.choice(happened).customer, NOW - timedelta(days=chance.choice([0, 30, 500]))
            shop.tombstones.write(gone, at)
            erased[gone] = max(at, erased.get(gone, at))
            if chance.random() < 0.7:  # else the worker has not come to it yet
                shop.rewriter.erase(shard_of(gone), of_customers([gone], Cut(at)))
        if night < 2:
            shop.night(chance)
        left = [each for each in happened if each.customer not in erased or each.time > erased[each.customer]]
        expected = collect([each for each in left if not is_expired(each, NOW)])
        assert same(collect(shop.read()), expected)


def test_a_night_after_the_other_gives_the_model_of_all_at_once(table: Table) -> None:
    events, shop, chance = two_tastes(customers=40), Shop(table), random.Random(1)  # noqa: S311 - test data
    now = OPENED + timedelta(days=120)
    for part in range(3):
        shop.archive.append_import(f"part {part}", events[part::3])
        shop.night(chance)
    expected = train(events, catalogue(events), None, lambda _: None, created=now)
    archived = Archived(shop.archive, now, shop.tombstones.all())
    found = train(archived, catalogue(events), None, lambda _: None, created=now)
    assert found.model_id == expected.model_id


def test_what_is_in_the_columns_is_what_is_learnt(table: Table) -> None:
    """It breaks if training goes past them to the lines."""
    shop = Shop(table)
    shop.archive.append(
        [Event(customer=CustomerRef(kind=KNOWN, id="a"), message_id="m", time=NOW, name="v", items=("x",))]
    )
    for shard in all_shards():
        shop.rewriter.lay_columns(shard, lambda _: True, lambda: True)
    before = collect(shop.read())
    for each in clients.s3().list_objects_v2(Bucket=BUCKET, Prefix="events/")["Contents"]:
        clients.s3().put_object(Bucket=BUCKET, Key=each["Key"], Body=b"not gzip at all")
    assert same(collect(shop.read()), before)
    assert before.items == ("x",)


def test_nothing_is_read_before_it_is_asked_for() -> None:
    def columns(_: Any, __: str) -> Any:
        raise AssertionError

    Archived(type("Archive", (), {"columns": columns})(), NOW, lambda _: None)
