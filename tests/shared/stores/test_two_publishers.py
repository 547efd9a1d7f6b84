"""Two publishers at once, in every order of their calls: one wins, the other is told, and the history stays true."""

from functools import partial
from itertools import combinations
from random import Random

import pytest

from shared.domain.errors import ConflictError
from shared.stores import clients
from shared.stores.models import ModelStore, Pointer
from shared.stores.table import Table
from tests.conftest import BUCKET
from tests.shared.stores.turns import Turns

FILES = {"graph.onnx": b"graph", "card.json": b"{}"}


def orders(each: int) -> list[tuple[str, ...]]:
    """Every order of so many calls of a and as many of b."""
    places = range(2 * each)
    return [tuple("a" if place in chosen else "b" for place in places) for chosen in combinations(places, each)]


@pytest.fixture
def models(table: Table) -> ModelStore:
    store = ModelStore(table, clients.s3(), BUCKET)
    for model_id, over in (("m0", None), ("m1", "m0")):
        store.publish(model_id, FILES, "")
        store.promote(model_id, over)
    return store


def test_of_two_promotions_one_wins_in_every_order(models: ModelStore) -> None:
    start = models.pointer()
    for schedule in orders(3):
        _back_to(models, start)
        turns = Turns({"a": lambda: models.promote("a", "m1"), "b": lambda: models.promote("b", "m1")}, schedule)
        outcomes = turns.run()
        won = [name for name, outcome in outcomes.items() if outcome is None]
        assert len(won) == 1, (schedule, outcomes)
        assert isinstance(outcomes[{"a": "b", "b": "a"}[won[0]]], ConflictError)
        pointer = models.pointer()
        assert pointer is not None
        assert (pointer.model_id, pointer.before, pointer.revision) == (won[0], ("m0", "m1"), 2)


def test_both_orders_can_win(models: ModelStore) -> None:
    """Or else the test above would race nobody."""
    start, won = models.pointer(), set()
    for schedule in ("aabb", "bbaa"):
        _back_to(models, start)
        Turns({"a": lambda: models.promote("a", "m1"), "b": lambda: models.promote("b", "m1")}, schedule).run()
        won.add(models.champion())
    assert won == {"a", "b"}


def test_a_rollback_and_a_promotion_never_both_count(models: ModelStore) -> None:
    start = models.pointer()
    assert start is not None
    seen = set()
    for schedule in orders(2):
        _back_to(models, start)
        outcomes = Turns(
            {"a": lambda: models.promote("a", "m1"), "b": lambda: models.roll_back("m0", start)}, schedule
        ).run()
        pointer = models.pointer()
        assert pointer is not None
        assert pointer.revision == 2
        ours = {"a": ("a", ("m0", "m1"), ()), "b": ("m0", (), ("m1",))}
        (won,) = [name for name, outcome in outcomes.items() if outcome is None]
        assert (pointer.model_id, pointer.before, pointer.withdrawn) == ours[won]
        seen.add(won)
    assert seen == {"a", "b"}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("same", [True, False])
def test_whole_publications_interleaved_leave_whole_models_and_one_champion(
    models: ModelStore, seed: int, same: bool
) -> None:
    def publish(model_id: str) -> None:
        models.publish(model_id, FILES, "")
        models.promote(model_id, "m1")

    names = {"a": "m2", "b": "m2" if same else "m3"}
    schedule = Random(seed).choices("ab", k=16)  # noqa: S311 - an order, not a secret
    outcomes = Turns({name: partial(publish, model_id) for name, model_id in names.items()}, schedule).run()
    pointer = models.pointer()
    assert pointer is not None
    assert pointer.model_id in names.values()
    assert pointer.before == ("m0", "m1")
    failed = [outcome for outcome in outcomes.values() if outcome is not None]
    assert [type(each) for each in failed] == ([] if same else [ConflictError])
    assert all(models.files(version.model_id) == FILES for version in models.versions())


def test_a_champion_that_went_and_came_back_is_a_conflict_only_with_its_own_moves(models: ModelStore) -> None:
    """A training that began when m1 served may promote over m1, and the history keeps what happened meanwhile."""
    models.promote("m2", "m1")
    pointer = models.pointer()
    assert pointer is not None
    models.roll_back("m1", pointer)
    models.promote("m3", "m1")
    after = models.pointer()
    assert after is not None
    assert (after.before, after.withdrawn) == (("m0", "m1"), ("m2",))


def test_a_pointer_from_before_there_was_a_history_is_moved(models: ModelStore, table: Table) -> None:
    table.put({"pk": "MODEL", "sk": "CHAMPION", "model_id": "m0"})
    models.promote("m1", "m0")
    pointer = models.pointer()
    assert pointer is not None
    assert (pointer.model_id, pointer.before) == ("m1", ("m0",))


def test_the_pointers_record_stays_small(models: ModelStore, table: Table) -> None:
    for n in range(100):
        models.promote(f"20261122-{n:012d}", models.champion())
        pointer = models.pointer()
        assert pointer is not None
        if n % 3 == 0:
            models.roll_back(pointer.earlier()[0], pointer)
    record = table.get("MODEL", "CHAMPION")
    assert record is not None
    assert len(str(record)) < 4096


def _back_to(models: ModelStore, start: Pointer | None) -> None:
    assert start is not None
    models._table.put({"pk": "MODEL", "sk": "CHAMPION", **start.model_dump()})
