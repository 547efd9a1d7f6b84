"""A publication that is killed before or after any call of a store: what serves is the old model or the new one, whole.

The bench kills the whole training by signal, at random (tests/bench/bench_kill.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from functions.recommend.champion import Champion
from shared.inference.scorer import Scorer
from shared.stores import clients
from shared.stores.models import ModelStore
from shared.stores.table import Table
from tests.conftest import BUCKET
from tests.training.shops import two_tastes
from tests.training.test_train import trained
from training.artefact import Artefact
from training.publish import publish

CALLS = ["PutObject"] * 5 + ["PutItem", "GetItem", "GetItem", "PutItem"]
"""Of one publication: the objects, the version's record, the pointer read twice and moved."""


class Killed(BaseException):
    """No handler of ours catches it, as none catches a signal."""


@contextmanager
def killed(at: int, when: str) -> Iterator[list[str]]:
    """End whoever makes this call of a store: "before-call", or "after-call", when its effect is there."""
    numbers, calls = count(), list[str]()

    def strike(model: Any, **_: Any) -> None:
        calls.append(model.name)
        if next(numbers) == at:
            raise Killed

    events = [client.meta.events for client in (clients.dynamodb(), clients.s3())]
    for each in events:
        each.register_first(when, strike)
    try:
        yield calls
    finally:
        for each in events:
            each.unregister(when, strike)


@pytest.fixture(scope="module")
def artefacts() -> tuple[Artefact, Artefact]:
    first = trained(two_tastes(customers=20))
    return first, trained(two_tastes(customers=20, seed=8), champion=first.card)


@pytest.fixture
def models(table: Table, artefacts: tuple[Artefact, Artefact]) -> ModelStore:
    store = ModelStore(table, clients.s3(), BUCKET)
    publish(artefacts[0], store, over=None)
    return store


def test_the_calls_are_those_that_are_struck(models: ModelStore, artefacts: tuple[Artefact, Artefact]) -> None:
    with killed(-1, "before-call") as calls:
        publish(artefacts[1], models, over=artefacts[0].model_id)
    assert calls == CALLS


@pytest.mark.parametrize("when", ["before-call", "after-call"])
@pytest.mark.parametrize("at", range(len(CALLS)))
def test_killed_anywhere_a_publication_leaves_a_whole_champion_and_may_be_repeated(
    models: ModelStore, artefacts: tuple[Artefact, Artefact], at: int, when: str
) -> None:
    old, new = artefacts
    now = [0.0]
    serving = Champion(models, lambda: now[0])
    assert serving.scorer() is not None
    with pytest.raises(Killed), killed(at, when):
        publish(new, models, over=old.model_id)
    moved = (at, when) == (len(CALLS) - 1, "after-call")
    assert models.champion() == (new if moved else old).model_id
    for version in models.versions():
        assert Scorer.load(models.files(version.model_id)).card.model_id == version.model_id
    now[0] += 100
    scorer = serving.scorer()
    assert scorer is not None
    assert scorer.card.model_id == models.champion()
    publish(new, models, over=models.champion())
    pointer = models.pointer()
    assert pointer is not None
    assert (pointer.model_id, pointer.before, pointer.revision) == (new.model_id, (old.model_id,), 1)
    assert models.files(new.model_id) == new.files


def test_with_the_pointer_first_the_old_model_would_be_lost(
    models: ModelStore, artefacts: tuple[Artefact, Artefact]
) -> None:
    """That is why it is moved last: the checks above would see it."""
    old, new = artefacts
    models.promote(new.model_id, old.model_id)
    with pytest.raises(Killed), killed(1, "before-call"):
        models.publish(new.model_id, new.files, "")
    assert Champion(models).scorer() is None
