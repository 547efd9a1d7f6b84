"""`regulars keys`: a key is replaced without a moment in which none is valid, and the old one dies when it should."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.cli import keys, operate
from infra.cli.app import app
from infra.cli.deployment import Deployment
from shared.domain.errors import ConflictError, NotFoundError, UnknownKeyError
from shared.domain.keys import KeyKind, hash_key
from shared.stores.table import Table
from shared.web.auth import KNOWN_SECONDS, Authenticator
from tests.infra.shop import ACCESS

DAY = timedelta(hours=24)


class Gate:
    """What a function asks about a key, at a time of the test's own."""

    def __init__(self, deployment: Deployment) -> None:
        self.later = timedelta()
        self.authenticator = Authenticator(
            deployment.keys.find,
            lambda: deployment.secrets.get(deployment.pepper_name),
            lambda: datetime.now(UTC) + self.later,
            lambda: self.later.total_seconds(),  # noqa: PLW0108 - `later` is another object by then
        )

    def lets_in(self, key: str) -> KeyKind | None:
        try:
            return self.authenticator.caller(key).kind
        except UnknownKeyError:
            return None


@pytest.fixture
def deployment(table: Table) -> Deployment:
    assert table
    return Deployment(ACCESS)


def run(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    monkeypatch.setattr(operate, "find", lambda *_: deployment)
    result = CliRunner().invoke(app, ["keys", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize("kind", KeyKind)
def test_the_new_key_is_of_the_same_kind_and_the_old_one_dies_after_the_overlap(
    deployment: Deployment, kind: KeyKind
) -> None:
    old, gate = keys.make_key(deployment, kind, "server"), Gate(deployment)
    assert gate.lets_in(old) is kind
    rotated = keys.rotate(deployment, old, DAY)
    assert (rotated.old.kind, rotated.old.label) == (kind, "server")
    assert gate.lets_in(rotated.key) is gate.lets_in(old) is kind
    gate.later = DAY - timedelta(minutes=1)
    assert gate.lets_in(rotated.key) is gate.lets_in(old) is kind
    gate.later = DAY + timedelta(seconds=1)
    assert gate.lets_in(old) is None
    assert gate.lets_in(rotated.key) is kind


def test_without_an_overlap_the_old_key_is_dead_once_it_is_forgotten(deployment: Deployment) -> None:
    old, gate = keys.make_key(deployment, KeyKind.SECRET, ""), Gate(deployment)
    assert gate.lets_in(old)
    keys.rotate(deployment, old, timedelta())
    gate.later = timedelta(seconds=KNOWN_SECONDS + 1)
    assert gate.lets_in(old) is None


def test_a_key_is_rotated_once(deployment: Deployment) -> None:
    """Else a second run would give the old key more time."""
    old = keys.make_key(deployment, KeyKind.SECRET, "")
    keys.rotate(deployment, old, DAY)
    with pytest.raises(ConflictError, match="rotated before"):
        keys.rotate(deployment, old, DAY)
    assert len(list(deployment.keys.all())) == 2


def test_a_key_that_is_revoked_meanwhile_stays_revoked(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    old = keys.make_key(deployment, KeyKind.SECRET, "")
    found = keys.find_key(deployment, old)
    make = keys.make_key

    def revoke_first(*arguments: Any) -> str:
        deployment.keys.revoke(found.key_hash)
        return make(*arguments)

    monkeypatch.setattr(keys, "make_key", revoke_first)
    with pytest.raises(ConflictError, match="just revoked or rotated"):
        keys.rotate(deployment, old, DAY)
    assert list(deployment.keys.all()) == []


def test_of_two_who_rotate_a_key_at_once_one_is_told(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    old = keys.make_key(deployment, KeyKind.SECRET, "")
    make = keys.make_key

    def another_first(*arguments: Any) -> str:
        monkeypatch.setattr(keys, "make_key", make)
        keys.rotate(deployment, old, DAY)
        return make(*arguments)

    monkeypatch.setattr(keys, "make_key", another_first)
    with pytest.raises(ConflictError, match="just revoked or rotated"):
        keys.rotate(deployment, old, 2 * DAY)
    ends = sorted(key.expires_at - key.created_at for key in deployment.keys.all() if key.expires_at)
    assert len(list(deployment.keys.all())) == 2
    assert len(ends) == 1
    assert ends[0] < 1.5 * DAY


def test_the_list_shows_which_key_ends_when_and_no_key(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    old = keys.make_key(deployment, KeyKind.PUBLISHABLE, "shop")
    made = json.loads(run(deployment, monkeypatch, "rotate", old, "--overlap", "2h", "--json").stdout)
    told = run(deployment, monkeypatch, "list", "--json").stdout
    first, second = json.loads(told)
    assert (first["kind"], first["label"], first["valid"]) == ("pk", "shop", "yes")
    ends = datetime.fromisoformat(first["ends"]) - datetime.now(UTC)
    assert timedelta(minutes=119) < ends <= timedelta(hours=2)
    assert second["ends"] is None
    assert first["id"] == made["old"]["id"]
    assert old not in told
    assert made["key"] not in told


def test_nothing_that_is_printed_holds_the_pepper_or_a_whole_hash(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = keys.make_key(deployment, KeyKind.SECRET, "server")
    pepper = deployment.secrets.get(deployment.pepper_name)
    runs = [
        run(deployment, monkeypatch, "list", "--json"),
        run(deployment, monkeypatch, "rotate", old, "--json"),
        run(deployment, monkeypatch, "list"),
        run(deployment, monkeypatch, "create", "pk"),
    ]
    told = "".join(each.output for each in runs)
    assert "sk_" in told
    assert pepper not in told
    assert hash_key(old, pepper) not in told
    assert old not in told


def test_a_key_that_nobody_has_any_more_is_revoked_by_its_id(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = keys.make_key(deployment, KeyKind.SECRET, "lost")
    (record,) = deployment.keys.all()
    with pytest.raises(NotFoundError):
        keys.find_key(deployment, record.key_hash[: keys.SHOWN - 1])
    run(deployment, monkeypatch, "revoke", keys.id_of(record))
    assert Gate(deployment).lets_in(lost) is None


@pytest.mark.parametrize("overlap", ["24", "a day", "-1h", "1w"])
def test_an_overlap_that_is_no_time_is_refused_before_anything_is_done(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, overlap: str
) -> None:
    old = keys.make_key(deployment, KeyKind.SECRET, "")
    assert run(deployment, monkeypatch, "rotate", old, f"--overlap={overlap}").exit_code == 2
    assert len(list(deployment.keys.all())) == 1
