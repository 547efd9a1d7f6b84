"""Models that nobody goes back to are swept: the champion, a few before it and what is just being published stay."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.errors import NotFoundError
from shared.stores import clients
from shared.stores.models import DEMAND, ModelStore
from shared.stores.table import Table
from tests.conftest import BUCKET
from tests.shared.stores.faults import DOWN, refusing

FILES = {"curves.npz": b"curves", "card.json": b"{}"}
LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def models(table: Table) -> ModelStore:
    """Six nights, one after the other."""
    store = ModelStore(table, clients.s3(), BUCKET, DEMAND)
    for night in range(6):
        model_id = f"demand-{night}"
        store.publish(model_id, FILES, "")
        store.promote(model_id, store.champion())
    return store


def there() -> set[str]:
    listed = clients.s3().list_objects_v2(Bucket=BUCKET, Prefix="models/").get("Contents", [])
    return {each["Key"].split("/")[1] for each in listed}


def known(models: ModelStore) -> set[str]:
    return {each.model_id for each in models.versions()}


def test_the_champion_and_a_few_before_it_stay_whole(models: ModelStore) -> None:
    assert models.sweep("demand-", 2, LATER) == ["demand-0", "demand-1", "demand-2"]
    assert there() == known(models) == {"demand-3", "demand-4", "demand-5"}
    assert models.files("demand-5") == models.files("demand-3") == FILES
    with pytest.raises(NotFoundError):
        models.files("demand-2")
    assert models.sweep("demand-", 2, LATER) == []


def test_an_old_champion_stays_however_old_it_is(models: ModelStore) -> None:
    pointer = models.pointer()
    assert pointer is not None
    models.roll_back("demand-1", pointer)
    models.sweep("demand-", 0, LATER)
    assert there() == {"demand-1"}


def test_what_is_young_stays_it_may_be_about_to_serve(models: ModelStore) -> None:
    assert models.sweep("demand-", 0, datetime.now(UTC) - timedelta(days=2)) == []
    assert len(there()) == 6


def test_models_of_other_kinds_stay(models: ModelStore, table: Table) -> None:
    ranking = ModelStore(table, clients.s3(), BUCKET)
    ranking.publish("m1", FILES, "")
    ranking.publish("demanding", FILES, "")
    models.sweep("demand-", 0, LATER)
    assert there() == {"demand-5", "m1", "demanding"}
    assert known(ranking) == {"m1", "demanding"}


def test_objects_of_a_publication_that_broke_off_are_swept_too(models: ModelStore) -> None:
    clients.s3().put_object(Bucket=BUCKET, Key="models/demand-half/curves.npz", Body=b"x", IfNoneMatch="*")
    assert "demand-half" in models.sweep("demand-", 9, LATER)
    assert "demand-half" not in there()


def test_a_sweep_that_broke_off_is_finished_by_the_next(models: ModelStore) -> None:
    with refusing(clients.s3(), "DeleteObject", DOWN, after=3), pytest.raises(Exception, match="no"):
        models.sweep("demand-", 0, LATER)
    assert 1 < len(there()) < 6
    models.sweep("demand-", 0, LATER)
    assert there() == known(models) == {"demand-5"}


def test_before_the_first_model_there_is_nothing_to_sweep(table: Table) -> None:
    assert ModelStore(table, clients.s3(), BUCKET, DEMAND).sweep("demand-", 1, LATER) == []


def test_one_that_comes_again_after_it_was_swept_is_published_anew(models: ModelStore) -> None:
    models.sweep("demand-", 0, LATER)
    models.publish("demand-0", FILES, "")
    models.promote("demand-0", models.champion())
    assert models.files("demand-0") == FILES
