"""The commands that export and erase, in front of the deployment in process."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from infra.cli import app as cli
from infra.cli import privacy
from infra.cli.calls import RefusedError
from tests.conftest import Keys
from tests.functions.privacy.test_privacy import view, work
from tests.infra.shop import InProcess


@pytest.fixture
def run(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    deployment = InProcess(keys)
    monkeypatch.setattr(privacy, "find", lambda *_: deployment)
    # While the command waits, the queue is worked on.
    monkeypatch.setattr("infra.cli.privacy.time.sleep", lambda _: work())
    with deployment.api() as api:
        api.post("/v1/track", json=view(userId="ann"))
        api.post("/v1/track", json=view("m2", anonymousId="ann"))
    return lambda *arguments: CliRunner().invoke(cli.app, ["privacy", *arguments])


def printed(result: Result) -> Any:
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout)


def test_an_export_is_printed_when_it_is_done(run: Callable[..., Result]) -> None:
    told = printed(run("export", "--customer", "ann", "--wait"))
    assert [each["message_id"] for each in told["events"]] == ["m1"]


def test_an_erasure_prints_its_receipt(run: Callable[..., Result]) -> None:
    receipt = printed(run("erase", "--customer", "ann", "--wait"))
    assert (receipt["status"], receipt["removed"]) == ("done", {"events": 1})
    assert printed(run("export", "--customer", "ann", "--wait"))["events"] == []


def test_an_anonymous_id_is_another_customer(run: Callable[..., Result]) -> None:
    printed(run("erase", "--customer", "ann", "--anonymous", "--wait"))
    assert [each["message_id"] for each in printed(run("export", "--customer", "ann", "--wait"))["events"]] == ["m1"]


def test_without_waiting_the_job_is_printed(run: Callable[..., Result]) -> None:
    assert printed(run("erase", "--customer", "ann"))["status"] == "queued"


def test_a_refusal_is_told(run: Callable[..., Result]) -> None:
    assert isinstance(run("erase", "--customer", "x" * 300).exception, RefusedError)


def test_a_large_export_is_fetched_from_where_it_lies() -> None:
    def fetch(url: str) -> httpx.Response:
        return httpx.Response(200, json={"from": url}, request=httpx.Request("GET", url))

    assert privacy.data({"data": None, "url": "https://x/y"}, fetch) == {"from": "https://x/y"}
