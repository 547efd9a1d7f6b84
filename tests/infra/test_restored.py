"""A restored table: whoever was erased since the copy was made is erased in it before it goes live."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.cli import app as cli
from infra.cli import privacy
from infra.template import Template
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.stores import clients
from shared.stores.events import EventStore
from tests.conftest import Keys
from tests.infra.shop import InProcess

ERASED = datetime(2026, 5, 1, 12, tzinfo=UTC)
ANN, BOB = (CustomerRef(kind=KNOWN, id=name) for name in ("ann", "bob"))


def event(customer: CustomerRef, hours: int) -> Event:
    time = ERASED + timedelta(hours=hours)
    return Event(customer=customer, message_id=f"m{hours}", time=time, name="Product Viewed", items=("lamp",))


def test_what_was_erased_since_the_copy_is_erased_in_it(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    live = InProcess(keys)
    properties: dict[str, Any] = Template.load().properties("Table")
    keep = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    clients.dynamodb().create_table(TableName="restored", **{name: properties[name] for name in keep})
    restored = live.table_named("restored")
    EventStore(restored).put((event(who, hours), {}) for who in (ANN, BOB) for hours in (-1, 0, 1))
    live.tombstones.write(ANN, ERASED)
    monkeypatch.setattr(privacy, "find", lambda *_: live)
    for expected in (1, 0):
        result = CliRunner().invoke(cli.app, ["privacy", "reapply", "restored", "--json"])
        assert result.exit_code == 0, result.exception
        assert json.loads(result.stdout) == {"customers": expected}
    left = sorted((record["pk"], record["sk"]) for record in restored.scan("CUSTOMER#"))
    assert [pk for pk, _ in left] == ["CUSTOMER#user:ann"] + ["CUSTOMER#user:bob"] * 3
    assert live.tombstones_in(restored).erased([ANN]) == {ANN: ERASED}
