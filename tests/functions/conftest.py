"""The whole API, for the tests of single functions and of what they do together; and a clock for their bad days."""

import sys

import botocore.retries.quota
import botocore.retries.standard
import pytest
from moto.core.botocore_stubber import BotocoreStubber

from shared.stores.deadline import DEADLINE
from tests.conftest import Keys
from tests.functions.api import Api
from tests.functions.faults import Clock, Lanes, unless_answered, waits_on


@pytest.fixture
def api(keys: Keys) -> Api:
    """All functions with routes, on the template's own table."""
    return Api(keys)


@pytest.fixture
def virtual(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Nobody waits really, pauses are as long as they are on average, and a client repeats however often it has.

    Its quota of repetitions would only end a bad day sooner.
    """
    from functions.recommend import patience  # noqa: PLC0415 - with numpy and onnxruntime
    from functions.recommend.champion import Champion  # noqa: PLC0415
    from functions.recommend.live import Live  # noqa: PLC0415
    from functions.recommend.rulebook import Rulebook  # noqa: PLC0415
    from functions.recommend.shelf import MOST_BYTES, ItemShelf  # noqa: PLC0415
    from shared.stores.switch import Switch  # noqa: PLC0415

    clock = Clock()
    waits_on(clock, [each for name, each in sys.modules.items() if name.startswith(OURS)], monkeypatch.setattr)
    monkeypatch.setattr(BotocoreStubber, "__call__", lambda _, *said, **more: unless_answered(*said, **more))
    monkeypatch.setattr(botocore.retries.quota.RetryQuota, "acquire", lambda *_: True)
    pause = botocore.retries.standard.ExponentialBackoff
    monkeypatch.setattr(pause, "delay_amount", lambda _, context: 2.0 ** (context.attempt_number - 2))
    monkeypatch.setattr(DEADLINE, "_clock", clock)
    monkeypatch.setattr(patience, "_readers", Lanes(clock, patience.READERS))
    monkeypatch.setattr(patience, "wait", lambda promises, seconds: promises[0].wait(seconds))
    monkeypatch.setattr(patience.Patience.__init__, "__defaults__", (patience.SECONDS, clock))
    for each in (Champion, Live, Rulebook, Switch):
        monkeypatch.setattr(each.__init__, "__defaults__", (clock,))
    monkeypatch.setattr(ItemShelf.__init__, "__defaults__", (clock, MOST_BYTES))
    return clock


OURS = ("shared.", "functions.")
