"""The commands about customers: what an owner reads of an answer."""

import io
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner

from infra.cli import app as cli
from infra.cli import customers, nightly
from infra.cli.calls import RefusedError
from infra.cli.customers import show_all, show_one
from shared.domain.value import Lifecycle, LifecycleFigures, Likely, ValueSummary
from tests.valued import valued

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
VALUE = valued(
    NOW,
    lifecycle=Lifecycle.LAPSING,
    last_order=NOW - timedelta(days=30),
    expected_orders=Likely(value=0.5, low=0, high=2),
    expected_value=Likely(value=15.75, low=0, high=70),
    days_between_orders=20.0,
)
SUMMARY = ValueSummary(
    computed=NOW,
    model_id="value-1",
    currency="EUR",
    customers=1_240,
    lifecycles=(
        LifecycleFigures(lifecycle=Lifecycle.NEW, customers=1_200, expected_orders=300.25, expected_value=6_000.5),
        LifecycleFigures(lifecycle=Lifecycle.LOYAL),
    ),
)


def shown(what: Any, told: Any) -> str:
    to = Console(file=io.StringIO(), width=120)
    what(told, to)
    file: Any = to.file
    return str(file.getvalue())


def test_a_customer_is_told_with_intervals() -> None:
    text = shown(show_one, VALUE)
    for part in ("lapsing", "31.50 EUR", "20 days", "0.50 (0.00 to 2.00) orders", "15.75 (0.00 to 70.00) EUR"):
        assert part in text
    assert "other shops" not in text


def test_what_is_not_known_is_not_told() -> None:
    unknown = {"average_order": None, "currency": None, "expected_value": None, "days_between_orders": None}
    text = shown(show_one, VALUE.model_copy(update=unknown | {"pooled": True}))
    assert "None" not in text
    assert "worth" not in text
    assert "other shops" in text


def test_a_group_that_is_too_small_has_no_figures() -> None:
    text = shown(show_all, SUMMARY)
    for part in ("1,200", "300.2", "6,000.50", "EUR in 90 days", "1,240 customers"):
        assert part in text
    (loyal,) = (line for line in text.splitlines() if line.strip().startswith("loyal"))
    assert loyal.split() == ["loyal", "not", "shown"]


class Api(SimpleNamespace):
    """A deployment whose API answers one thing, and remembers what it was asked."""

    def api(self, _key: str | None) -> httpx.Client:
        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append(request.url.raw_path.decode())
            return httpx.Response(self.status, json=self.told)

        return httpx.Client(base_url="https://shop", transport=httpx.MockTransport(answer))


def test_an_id_goes_into_the_path_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    there = Api(asked=[], status=200, told=json.loads(VALUE.model_dump_json()))
    monkeypatch.setattr(customers, "find", lambda *_: there)
    result = CliRunner().invoke(cli.app, ["customers", "value", "a/b?", "--json"])
    assert json.loads(result.stdout)["orders"] == 4
    assert there.asked == ["/v1/customers/a%2Fb%3F/value"]


def test_what_the_api_says_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    there = Api(asked=[], status=404, told={"detail": "no order that stands"})
    monkeypatch.setattr(customers, "find", lambda *_: there)
    result = CliRunner().invoke(cli.app, ["customers", "summary"])
    assert isinstance(result.exception, RefusedError)
    assert "404" in str(result.exception)
    assert "no order that stands" in str(result.exception)


def test_a_run_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    done = {"model_id": "value-1", "customers": 40, "repeat_buyers": 7, "pooled": True, "written": 3}
    monkeypatch.setattr(customers, "find", lambda *_: None)
    monkeypatch.setattr(nightly, "run", lambda _, job: done if job == "value" else {})
    said = CliRunner().invoke(cli.app, ["customers", "update"]).stdout
    assert " ".join(said.split()) == "40 customers valued (leaning on what other shops are like), 3 of them anew."
