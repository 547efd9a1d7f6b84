"""The model in memory: replaced while requests go on, and kept when its successor is no good."""

import hashlib
import json
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from functions.recommend import champion as swapping
from functions.recommend import patience
from functions.recommend.champion import AGAIN_SECONDS, FIRST_SECONDS, POLL_SECONDS, SWAP_SECONDS
from infra.template import Template
from shared.inference.card import CARD, GRAPH, VOCABULARY
from shared.inference.scorer import BadArtefact, Scorer
from shared.stores import clients
from shared.stores.models import ModelStore
from tests.bench.bench_swap import measured
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
    assert reply["note"] == "The model m1 is damaged or missing; the log says more."
    ready = shop.api.server.get("/v1/readiness").json()
    assert ready["model"] is None
    assert {each["reason"] for each in ready["surfaces"] if each["surface"] == "for-you"} == {reply["note"]}


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


def put_in(files: dict[str, bytes], **others: bytes) -> dict[str, bytes]:
    """The artefact with other files, and their hashes on its card: whole, as far as hashes tell."""
    card = json.loads(files[CARD])
    named = {{"graph": GRAPH, "vocabulary": VOCABULARY}[name]: body for name, body in others.items()}
    for name, body in named.items():
        card["files"][name] = {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    return files | named | {CARD: json.dumps(card).encode()}


def foreign_graph() -> bytes:
    """A sound ONNX model of something else: it doubles a number."""
    node = helper.make_node("Add", ["x", "x"], ["y"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([node], "double", ends[:1], ends[1:])
    built = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(built)
    return bytes(built.SerializeToString())


def reworded(vocabulary: bytes, **changes: Any) -> bytes:
    return json.dumps(json.loads(vocabulary) | changes).encode()


def older_card(files: dict[str, bytes]) -> dict[str, bytes]:
    """As of a version whose recipes had other bounds."""
    card = json.loads(files[CARD])
    card["recipe"]["query"]["decay"] = 7
    return files | {CARD: json.dumps(card).encode()}


def bad_models() -> dict[str, dict[str, bytes]]:
    files, more = other(), artefact([*ITEMS, "sofa"], OTHER, model_id="m2")
    short = reworded(files[VOCABULARY], items=list(ITEMS[:-1]))
    return {
        "truncated graph": put_in(files, graph=files[GRAPH][: len(files[GRAPH]) // 2]),
        "graph of something else": put_in(files, graph=foreign_graph()),
        "graph of more items": put_in(files, graph=more[GRAPH]),
        "graph of fewer items": put_in(more, graph=files[GRAPH]),
        "vocabulary of fewer items": put_in(files, vocabulary=short),
        "vocabulary of a foreign shape": put_in(files, vocabulary=b'["lamp", "rug"]'),
        "vocabulary of an older format": put_in(files, vocabulary=b'{"items": ["lamp"], "popular": []}'),
        "priors of other surfaces": put_in(files, vocabulary=reworded(files[VOCABULARY], priors={"home": []})),
        "card of an older format": older_card(files),
        "card of something else": files | {CARD: b'{"name": "bert-base"}'},
        "card that is no object": files | {CARD: b"7"},
    }


@pytest.mark.parametrize("what", list(bad_models()))
def test_a_model_that_does_not_work_leaves_the_old_one(modelled: Shop, what: str) -> None:
    """However sound its files are one by one."""
    files = bad_models()[what]
    with pytest.raises(BadArtefact):
        Scorer.load(files)
    assert first(modelled) == ("m1", "bulb")
    modelled.publish(files, "m2")
    modelled.seconds += POLL_SECONDS
    assert first(modelled) == ("m1", "bulb")
    modelled.publish(artefact(ITEMS, OTHER, model_id="m3"), "m3")
    modelled.seconds += POLL_SECONDS
    assert first(modelled) == ("m3", "rug")


def test_a_record_of_a_model_that_cannot_be_read_leaves_the_old_one(modelled: Shop) -> None:
    """Not even an error that nobody thought of takes the good model away."""
    assert first(modelled) == ("m1", "bulb")
    modelled.publish(other(), "m2")
    modelled.models._table.put({"pk": "MODEL", "sk": "VERSION#m2", "body": "older"})
    modelled.seconds += POLL_SECONDS
    assert first(modelled) == ("m1", "bulb")


def test_a_bad_model_is_not_loaded_again_with_every_look(modelled: Shop) -> None:
    assert first(modelled) == ("m1", "bulb")
    modelled.publish(other() | {GRAPH: b"garbage"}, "m2")
    with counted("GetObject") as reads:
        for _ in range(5):
            modelled.seconds += POLL_SECONDS
            assert first(modelled) == ("m1", "bulb")
        assert len(reads) == 3
        clients.s3().put_object(Bucket=BUCKET, Key=f"models/m2/{GRAPH}", Body=other()[GRAPH])
        modelled.seconds += AGAIN_SECONDS
        assert first(modelled) == ("m2", "rug")


@contextmanager
def counted(operation: str) -> Iterator[list[str]]:
    calls: list[str] = []

    def count(**_: Any) -> None:
        calls.append(operation)

    events = clients.s3().meta.events
    events.register_first(f"before-call.s3.{operation}", count)
    yield calls
    events.unregister(f"before-call.s3.{operation}", count)


class Held:
    """A bucket that gives a model's files only when it is let to."""

    def __init__(self, models: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go, self.asked, files = Event(), 0, models.files

        def held(model_id: str, without: Collection[str] = ()) -> dict[str, bytes]:
            self.asked += 1
            assert self.go.wait(30)
            return files(model_id, without)

        monkeypatch.setattr(models, "files", held)


def test_a_request_waits_for_a_new_model_so_long_and_the_old_one_serves_it(
    modelled: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is loading goes on loading in the requests that follow, and takes over whole."""
    monkeypatch.setattr(swapping, "SWAP_SECONDS", 0.2)
    assert first(modelled) == ("m1", "bulb")
    modelled.publish(other(), "m2")
    held = Held(modelled.models, monkeypatch)
    modelled.seconds += POLL_SECONDS
    started = time.monotonic()
    assert [first(modelled) for _ in range(3)] == [("m1", "bulb")] * 3
    assert 0.2 * (1 + 1 / 2 + 1 / 3) < time.monotonic() - started < 20
    modelled.seconds += POLL_SECONDS
    assert first(modelled) == ("m1", "bulb")
    assert held.asked == 1
    held.go.set()
    monkeypatch.setattr(swapping, "SWAP_SECONDS", 60)
    assert first(modelled) == ("m2", "rug")


def test_a_model_that_was_replaced_while_it_was_loading_is_not_taken(
    modelled: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swapping, "SWAP_SECONDS", 0.1)
    assert first(modelled) == ("m1", "bulb")
    modelled.publish(other(), "m2")
    held = Held(modelled.models, monkeypatch)
    modelled.seconds += POLL_SECONDS
    assert first(modelled) == ("m1", "bulb")
    pointer = modelled.models.pointer()
    assert pointer is not None
    modelled.models.roll_back("m1", pointer)
    modelled.seconds += POLL_SECONDS
    held.go.set()
    assert first(modelled) == ("m1", "bulb")
    modelled.seconds += POLL_SECONDS
    assert first(modelled) == ("m1", "bulb")


def test_waiting_for_a_model_takes_nothing_off_the_stores_time_and_all_is_within_the_functions() -> None:
    limit = Template.load().document["Globals"]["Function"]["Timeout"]
    assert limit - 1 > patience.SECONDS + FIRST_SECONDS
    assert patience.SECONDS + SWAP_SECONDS <= 4, "what the README promises"


def test_the_request_that_waited_for_a_model_says_how_long(
    modelled: Shop, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    def timing() -> str | None:
        return modelled.api.server.post("/v1/recommendations", request).headers.get("server-timing")

    request = {"surface": "similar", "item_id": "lamp"}
    assert timing() is not None
    assert timing() is None
    modelled.publish(other(), "m2")
    modelled.seconds += POLL_SECONDS
    capsys.readouterr()
    found = timing()
    assert found is not None
    parts = dict(part.split(";dur=") for part in found.split(", "))
    assert 0 < float(parts["model"]) <= float(parts["total"])
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ModelSwapWait" in line]
    assert line["ModelSwapWait"] == [pytest.approx(float(parts["model"]), abs=0.1)]
    assert line["request_ms"] == pytest.approx(float(parts["total"]), abs=0.1)
    taken = [vars(record) for record in caplog.records if record.message == "champion taken"]
    assert [(each["model_id"], each["before"]) for each in taken] == [("m1", None), ("m2", "m1")]
    assert taken[1]["waited_ms"] == pytest.approx(float(parts["model"]), abs=0.1)
    assert timing() is None


def test_several_lists_say_it_too(modelled: Shop) -> None:
    reply = modelled.api.server.post("/v1/recommendations/lists", {"lists": [{"surface": "trending"}]})
    assert "model;dur=" in reply.headers["server-timing"]


def test_memory_stays_flat_over_swaps() -> None:
    """Real models in a process of its own; the bench has larger ones, and a hundred swaps."""
    found = measured(items=3_000, swaps=40)
    assert len(found.swap_cpu) == 39
    assert found.growth() < 0.10, np.round(found.resident)
