"""A store that is slow or down: the answer comes within the time-out, from what is in memory, and says so."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest

from functions.recommend import patience
from functions.recommend.patience import SLOW, Patience
from infra.template import Template
from shared.domain.errors import StoreUnavailableError
from shared.stores import clients
from tests.functions.recommend.conftest import A_MINUTE, Shop, ids
from tests.shared.stores.faults import refusing, unreachable


@contextmanager
def stuck() -> Iterator[None]:
    """Let no call of the table come back while this lasts, and let no request wait for one."""
    events, released = clients.dynamodb().meta.events, Event()

    def wait(**_: Any) -> None:
        released.wait(A_MINUTE)

    events.register_first("before-call.dynamodb", wait)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Patience.__init__, "__defaults__", (0.3, time.monotonic))
            yield
    finally:
        released.set()
        events.unregister("before-call.dynamodb", wait)


@pytest.fixture
def warm(modelled: Shop) -> Shop:
    """A shop whose function has shown everything, some time ago."""
    modelled.track("Product Added", "lamp")
    assert modelled.ask("for-you", customer_id="ann", limit=100)["personalised"]
    modelled.seconds += 600
    return modelled


def test_there_is_time_left_to_answer() -> None:
    limit = Template.load().document["Globals"]["Function"]["Timeout"]
    assert limit / 2 > patience.SECONDS


def test_a_table_that_is_stuck_is_not_waited_for(warm: Shop) -> None:
    with stuck():
        reply = warm.ask("for-you", customer_id="ann", limit=3)
    assert (ids(reply), reply["note"], reply["personalised"]) == (["mug", "tea", "vase"], SLOW, False)
    assert (reply["served_by"], reply["model_id"]) == ("popularity", "m1")
    assert warm.ask("for-you", customer_id="ann", limit=3)["personalised"]


@pytest.mark.parametrize("surface", ["for-you", "similar", "trending", "popular", "new", "cart"])
def test_a_table_that_is_down_is_answered_from_memory(warm: Shop, surface: str) -> None:
    start: dict[str, Any] = {"similar": {"item_id": "lamp"}, "cart": {"customer_id": "ann"}}.get(surface, {})
    with unreachable(clients.dynamodb()):
        reply = warm.ask(surface, limit=2, **start)
    assert (len(ids(reply)), reply["note"]) == (2, SLOW)
    assert warm.ask(surface, limit=2, **start)["note"] != SLOW


def test_several_lists_are_answered_from_memory(warm: Shop) -> None:
    wanted = {"lists": [{"surface": "trending", "limit": 2}, {"surface": "popular", "limit": 2}]}
    with unreachable(clients.dynamodb()):
        reply = warm.api.server.post("/v1/recommendations/lists", wanted)
    assert [each["note"] for each in reply.json()["lists"]] == [SLOW, SLOW]


def test_with_nothing_in_memory_it_is_our_failure(modelled: Shop) -> None:
    with refusing(clients.dynamodb()):
        reply = modelled.api.server.post("/v1/recommendations", {"surface": "trending"})
    assert (reply.status, reply.headers["retry-after"]) == (503, "2")


def test_a_preview_is_never_from_memory(warm: Shop) -> None:
    rule = {"rule_id": "r", "name": "R", "effect": {"kind": "pin", "item_ids": ["rug"]}}
    with unreachable(clients.dynamodb()):
        reply = warm.api.server.post("/v1/rules/preview", {"rule": rule, "lists": [{"surface": "trending"}]})
    assert reply.status == 503


def test_a_token_that_does_not_hold_is_refused_all_the_same(warm: Shop) -> None:
    request = {"surface": "for-you", "customer_id": "ann", "customer_token": "garbage"}
    assert warm.api.browser.post("/v1/recommendations", request).status == 403


def test_after_one_failure_no_store_is_asked_again() -> None:
    asked: list[str] = []

    def read() -> str:
        asked.append("")
        raise StoreUnavailableError("no")

    mine = Patience(1.0)
    assert [mine.ask(read, lambda: "memory") for _ in range(3)] == ["memory"] * 3
    assert (len(asked), mine.failed) == (1, True)


def test_time_is_spent_once_for_all_reads() -> None:
    now = [0.0]
    mine = Patience(1.0, lambda: now[0])
    assert mine.ask(lambda: "read", lambda: "memory") == "read"
    now[0] = 2.0
    assert mine.ask(_late, lambda: "memory") == "memory"


def _late() -> str:
    time.sleep(0.2)
    return "read"


def test_a_fault_of_ours_is_not_covered_up() -> None:
    with pytest.raises(ZeroDivisionError):
        Patience().ask(lambda: 1 / 0, lambda: 0.0)
