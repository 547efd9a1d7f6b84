"""One customer cannot fill a partition through one function; others, and the shop's own server, are not held back."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.ingest.app import MOST_RECORDS
from functions.ingest.limiter import A_SECOND, AT_ONCE, MOST_KNOWN, Limiter
from shared.domain.errors import TooManyError
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.stores import clients
from tests.conftest import TABLE
from tests.functions.api import Api

BOT = CustomerRef(kind=ANONYMOUS, id="bot")
ANN = CustomerRef(kind=KNOWN, id="ann")


class Clock:
    """Moved by hand."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> Limiter:
    return Limiter(clock)


def test_a_full_batch_passes_at_once_and_then_so_many_a_second(limiter: Limiter, clock: Clock) -> None:
    assert AT_ONCE >= MOST_RECORDS
    limiter.take([BOT] * AT_ONCE)
    with pytest.raises(TooManyError) as told:
        limiter.take([BOT] * 120)
    assert told.value.retry_after_seconds == 3
    clock.seconds += told.value.retry_after_seconds
    limiter.take([BOT] * 120)
    sent = sum(passes(limiter, clock, 1000))
    assert sent == pytest.approx(1000 * A_SECOND / 10, rel=0.02)


def passes(limiter: Limiter, clock: Clock, calls: int) -> Iterator[int]:
    """Ten calls a second, of ten events each."""
    for _ in range(calls):
        clock.seconds += 0.1
        try:
            limiter.take([BOT] * 10)
        except TooManyError:
            continue
        yield 10


def test_of_a_call_all_are_taken_or_none(limiter: Limiter) -> None:
    limiter.take([BOT] * AT_ONCE)
    for _ in range(3):
        with pytest.raises(TooManyError):
            limiter.take([*[ANN] * AT_ONCE, BOT])
    limiter.take([ANN] * AT_ONCE)


def test_others_are_not_held_back(limiter: Limiter) -> None:
    limiter.take([BOT] * AT_ONCE)
    limiter.take([ANN])


def test_it_remembers_no_more_than_it_has_room_for(limiter: Limiter) -> None:
    for n in range(MOST_KNOWN + 10):
        limiter.take([CustomerRef(kind=KNOWN, id=f"c{n}")])
    assert len(limiter._buckets) == MOST_KNOWN


def call(n: int, customer: str = "bot") -> dict[str, Any]:
    return {"type": "track", "event": "Article Read", "anonymousId": customer, "messageId": f"{customer}-{n}"}


def test_a_browser_is_told_to_come_back_and_nothing_of_its_call_is_kept(
    api: Api, limiter: Limiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter.take([BOT] * AT_ONCE)
    monkeypatch.setattr(api.apps["ingest"], "limiter", lambda: limiter)
    reply = api.browser.post("/v1/batch", {"batch": [call(n) for n in range(AT_ONCE // 5)]})
    assert (reply.status, reply.headers["content-type"]) == (429, "application/problem+json")
    assert 0 < int(reply.headers["retry-after"]) <= AT_ONCE / 5 / A_SECOND + 1
    stored = clients.dynamodb().scan(TableName=TABLE)["Items"]
    assert not [record for record in stored if record["pk"]["S"].startswith("CUSTOMER#")]
    assert api.browser.post("/v1/batch", {"batch": [call(1, "ann")]}).status == 200
    assert api.server.post("/v1/batch", {"batch": [call(2)]}).status == 200, "the shop's own server imports as it likes"
