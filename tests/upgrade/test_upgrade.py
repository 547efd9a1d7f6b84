"""An upgrade and a rollback lose nothing, and each release reads what the other wrote."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.upgrade.deployed import Seen
from tests.upgrade.life import OPEN, Life

pytestmark = [pytest.mark.local, pytest.mark.timeout(1200)]

LISTS = ("for you", "buy again", "similar")
PASSING = ("BUDGET", "LEASE#")
SHUT = {"ThrottlingRateLimit": 0.0, "ThrottlingBurstLimit": 0}


def lost(before: Seen, after: Seen) -> list[object]:
    """What is not there any more as it was; what the meter saw last and who works on what change of themselves."""
    lasting = {key: record for key, record in before.records.items() if not key[0].startswith(PASSING)}
    records = [key for key, record in lasting.items() if after.records.get(key) != record]
    objects = [key for key, etag in before.objects.items() if after.objects.get(key) != etag]
    secrets = [key for key, value in before.secrets.items() if after.secrets.get(key) != value]
    return [*records, *objects, *secrets]


def missing(told: Any, known: Any) -> bool:
    """Whether `told` has something that `known` does not say, or says otherwise. More may be known."""
    if isinstance(told, Mapping) and isinstance(known, Mapping):
        return any(name not in known or missing(value, known[name]) for name, value in told.items())
    if isinstance(told, list) and isinstance(known, list):
        return len(told) != len(known) or any(map(missing, told, known))
    return bool(told != known)


def plain(seen: Seen) -> dict[str, Any]:
    """The answers, but for lists, which another release may rank otherwise."""
    return {name: answer for name, answer in seen.answers.items() if name not in LISTS}


def unlike(told: Mapping[str, Any], known: Mapping[str, Any]) -> list[str]:
    return [name for name, answer in told.items() if missing(answer, known[name])]


def test_an_upgrade_loses_nothing(life: Life) -> None:
    assert len(life.before.records) > 4_000
    assert len(life.before.objects) > 10
    assert len(life.before.secrets) >= 3
    assert lost(life.before, life.upgraded) == []
    assert life.upgraded.resources == life.before.resources


def test_a_rollback_loses_nothing(life: Life) -> None:
    assert lost(life.lived_on, life.back) == []
    assert life.back.resources == life.before.resources


def test_what_is_lost_is_noticed(life: Life) -> None:
    key = next(key for key in life.before.records if not key[0].startswith(PASSING))
    records = {each: record for each, record in life.before.records.items() if each != key}
    assert lost(life.before, life.before._replace(records=records)) == [key]
    assert unlike({"a": {"b": [1]}}, {"a": {"b": [2], "c": 1}}) == ["a"]


def test_this_release_reads_all_that_the_one_before_wrote(life: Life) -> None:
    assert unlike(plain(life.before), plain(life.upgraded)) == []


def test_the_release_before_reads_all_that_this_one_wrote(life: Life) -> None:
    """It may not know of every field, but what it says is so."""
    assert unlike(plain(life.back), plain(life.lived_on)) == []
    assert any(name.startswith("new: ") for name in plain(life.back))


@pytest.mark.parametrize("surface", LISTS)
def test_the_other_releases_model_serves(life: Life, surface: str) -> None:
    for seen, model in ((life.before, life.models[0]), (life.upgraded, life.models[0]), (life.back, life.models[1])):
        reply = seen.answers[surface]
        assert (reply["served_by"], reply["model_id"]) == ("model", model)
        assert len(reply["items"]) > 3
        assert all(item["reasons"] for item in reply["items"])
    assert life.models[0] != life.models[1]


def test_who_was_erased_stays_erased_whichever_release_is_asked(life: Life) -> None:
    assert {name: reply.get("not_kept") for name, reply in life.returns.items()} == {
        "old-eve": {"erased": 1},
        "new-eve": {"erased": 1},
    }


def test_a_deployment_does_not_end_a_stop_and_the_next_release_puts_back_what_stood_before(life: Life) -> None:
    assert life.stopped == SHUT
    assert life.upgraded_stopped == SHUT
    assert life.lifted == OPEN


def test_after_a_rollback_everything_goes_on(life: Life) -> None:
    assert life.goes_on["back: item"]["price"]["amount"] == "8.25"
    assert life.goes_on["back: item"]["version"] == 2
    assert len(life.goes_on["back: events"]["events"]) == 1
    assert len(life.goes_on["back: Shopify's order"]["events"]) == 3
    assert life.goes_on["back: erased"] == {"events": []}
