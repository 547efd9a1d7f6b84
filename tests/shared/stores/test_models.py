"""Models: objects that never change, and one pointer that moves last."""

import pytest
from botocore.exceptions import ClientError

from shared.domain.errors import ConflictError, NotFoundError, StoreUnavailableError
from shared.stores import clients
from shared.stores.models import MOST_VERSIONS, ModelStore
from shared.stores.table import Table
from tests.conftest import BUCKET
from tests.shared.stores.faults import DOWN, refusing, unreachable

FILES = {"graph.onnx": b"graph", "card.json": b"{}"}


@pytest.fixture
def models(table: Table) -> ModelStore:
    return ModelStore(table, clients.s3(), BUCKET)


def test_a_published_model_is_read_back_and_is_not_the_champion_yet(models: ModelStore) -> None:
    models.publish("m1", FILES, "for-you: model")
    assert models.files("m1") == FILES
    assert models.file("m1", "card.json") == b"{}"
    assert [(each.model_id, each.summary) for each in models.versions()] == [("m1", "for-you: model")]
    assert models.champion() is None


def test_a_second_publication_under_one_id_changes_nothing(models: ModelStore) -> None:
    models.publish("m1", FILES, "first")
    models.publish("m1", {"graph.onnx": b"other", "card.json": b"other", "new": b"new"}, "second")
    assert models.files("m1") == FILES
    assert [each.summary for each in models.versions()] == ["first"]


def test_what_was_never_published_is_not_found(models: ModelStore) -> None:
    models.publish("m1", FILES, "")
    with pytest.raises(NotFoundError, match="no model m2"):
        models.files("m2")
    with pytest.raises(NotFoundError, match="no file other"):
        models.file("m1", "other")


def test_of_two_trainers_that_race_one_wins(models: ModelStore) -> None:
    for model_id in ("m0", "m1", "m2"):
        models.publish(model_id, FILES, "")
    models.promote("m0", over=None)
    with pytest.raises(ConflictError):
        models.promote("m1", over=None)
    models.promote("m1", over="m0")
    with pytest.raises(ConflictError, match="m0 is not the champion any more"):
        models.promote("m2", over="m0")
    assert models.champion() == "m1"


def test_a_promotion_whose_reply_was_lost_is_no_conflict_with_itself(models: ModelStore) -> None:
    for model_id, over in (("m0", None), ("m0", None), ("m1", "m0"), ("m1", "m0")):
        models.promote(model_id, over)
    assert models.champion() == "m1"


@pytest.mark.parametrize("objects_written", [0, 1])
def test_killed_between_its_objects_a_publication_leaves_the_champion_and_may_be_repeated(
    models: ModelStore, objects_written: int
) -> None:
    models.publish("old", FILES, "")
    models.promote("old", over=None)
    with refusing(clients.s3(), "PutObject", DOWN, after=objects_written), pytest.raises(ClientError):
        models.publish("new", FILES, "")
    assert models.champion() == "old"
    assert [each.model_id for each in models.versions()] == ["old"]
    models.publish("new", FILES, "")
    assert models.files("new") == FILES


def test_killed_between_objects_and_pointer_a_publication_leaves_the_champion(models: ModelStore) -> None:
    models.publish("old", FILES, "")
    models.promote("old", over=None)
    models.publish("new", FILES, "")
    with refusing(clients.dynamodb(), "PutItem"), pytest.raises(StoreUnavailableError):
        models.promote("new", over="old")
    assert models.champion() == "old"
    assert models.files("old") == FILES


def test_a_bucket_that_does_not_answer_or_may_not_say_is_unavailable(models: ModelStore) -> None:
    """Without the right to list, S3 answers 403 for an object that is not there."""
    models.publish("m1", FILES, "")
    for error in (DOWN, ("AccessDenied", 403), ("SlowDown", 503)):
        with refusing(clients.s3(), "GetObject", error), pytest.raises(StoreUnavailableError):
            models.files("m1")
    with unreachable(clients.s3(), "GetObject"), pytest.raises(StoreUnavailableError):
        models.file("m1", "card.json")


def test_the_newest_versions_are_listed(models: ModelStore) -> None:
    ids = [f"2026{n:04d}-abc" for n in range(MOST_VERSIONS + 5)]
    for model_id in ids:
        models.publish(model_id, {}, "")
    assert {each.model_id for each in models.versions()} == set(ids[5:])
