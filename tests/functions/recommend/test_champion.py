"""The model in memory: replaced while requests go on, and kept when its successor is no good."""

import pytest

from functions.recommend.champion import POLL_SECONDS
from shared.inference.card import CARD, GRAPH, VOCABULARY
from shared.stores import clients
from tests.conftest import BUCKET
from tests.functions.recommend.artefact import artefact
from tests.functions.recommend.conftest import ITEMS, Shop, model
from tests.shared.stores.faults import DOWN, refusing

OTHER = {"lamp": {"rug": 127}}


def other(model_id: str = "m2") -> dict[str, bytes]:
    """A model that puts the rug beside the lamp."""
    return artefact(ITEMS, OTHER, model_id=model_id)


def first(shop: Shop) -> tuple[str | None, str]:
    reply = shop.ask("similar", item_id="lamp", limit=1)
    return reply["model_id"], reply["items"][0]["item"]["item_id"]


def test_a_new_champion_is_taken_within_the_time_it_is_polled(modelled: Shop) -> None:
    assert first(modelled) == ("m1", "bulb")
    modelled.publish(other(), "m2")
    modelled.seconds += POLL_SECONDS - 1
    assert first(modelled) == ("m1", "bulb")
    modelled.seconds += 1
    assert first(modelled) == ("m2", "rug")


def test_the_first_model_is_taken_while_requests_go_on(shop: Shop) -> None:
    assert shop.ask("similar", item_id="lamp")["model_id"] is None
    shop.publish(model())
    shop.seconds += POLL_SECONDS
    assert first(shop) == ("m1", "bulb")


@pytest.mark.parametrize("name", [GRAPH, VOCABULARY, CARD])
@pytest.mark.parametrize("damage", [b"", b"garbage"])
def test_a_damaged_model_leaves_the_old_one(modelled: Shop, name: str, damage: bytes) -> None:
    assert first(modelled) == ("m1", "bulb")
    modelled.publish(other() | {name: damage}, "m2")
    modelled.seconds += POLL_SECONDS
    assert first(modelled) == ("m1", "bulb")


@pytest.mark.parametrize("name", [GRAPH, VOCABULARY, CARD])
def test_a_model_whose_file_is_gone_leaves_the_old_one(modelled: Shop, name: str) -> None:
    assert first(modelled) == ("m1", "bulb")
    modelled.publish(other(), "m2")
    clients.s3().delete_object(Bucket=BUCKET, Key=f"models/m2/{name}")
    modelled.seconds += POLL_SECONDS
    assert first(modelled) == ("m1", "bulb")


def test_a_pointer_to_nothing_leaves_the_old_one(modelled: Shop) -> None:
    assert first(modelled) == ("m1", "bulb")
    modelled.models.promote("never published", over="m1")
    modelled.seconds += POLL_SECONDS
    assert first(modelled) == ("m1", "bulb")


@pytest.mark.parametrize("error", [DOWN, ("AccessDenied", 403)])
def test_a_bucket_that_is_down_leaves_the_old_one_until_it_is_back(modelled: Shop, error: tuple[str, int]) -> None:
    assert first(modelled) == ("m1", "bulb")
    modelled.publish(other(), "m2")
    with refusing(clients.s3(), "GetObject", error):
        modelled.seconds += POLL_SECONDS
        assert first(modelled) == ("m1", "bulb")
    modelled.seconds += POLL_SECONDS
    assert first(modelled) == ("m2", "rug")


def test_without_any_good_model_simpler_methods_serve_and_say_so(shop: Shop) -> None:
    shop.publish(model() | {GRAPH: b"garbage"})
    shop.track("Order Completed", "tea", userId="bob")
    shop.project()
    reply = shop.ask("for-you", customer_id="ann")
    assert (reply["served_by"], reply["model_id"], reply["personalised"]) == ("trending", None, False)
    assert reply["note"] == "There is no model yet."


def test_a_model_that_was_taken_away_is_not_served_any_more(modelled: Shop) -> None:
    modelled.track("Product Added", "lamp")
    assert modelled.ask("for-you", customer_id="ann")["served_by"] == "model"
    clients.dynamodb().delete_item(
        TableName=modelled.models._table.name, Key={"pk": {"S": "MODEL"}, "sk": {"S": "CHAMPION"}}
    )
    modelled.seconds += POLL_SECONDS
    reply = modelled.ask("for-you", customer_id="ann")
    assert (reply["served_by"], reply["note"]) == ("catalogue", "There is no model yet.")


def test_why_a_model_was_not_taken_is_in_the_log(modelled: Shop, caplog: pytest.LogCaptureFixture) -> None:
    modelled.publish(other() | {GRAPH: b"garbage"}, "m2")
    assert modelled.ids("similar", item_id="lamp")
    (record,) = caplog.records
    assert (record.levelname, record.message) == ("ERROR", "champion not loaded, the last good model stays")
    assert f"{GRAPH} is not the file that the card of m2 describes" in str(vars(record)["cause"])
