"""What a customer is worth, as the shop's server asks for it, exports it and has it erased."""

from datetime import UTC, datetime

import pytest

from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.domain.value import CustomerValue, Lifecycle, LifecycleFigures, ValueSummary
from shared.stores.table import Table
from shared.stores.values import LIFETIME, ValueStore
from tests.functions.api import Api
from tests.functions.privacy.test_privacy import ask, work
from tests.valued import valued

NOW = datetime.now(UTC).replace(microsecond=0)
ANN = CustomerRef(kind=KNOWN, id="ann")
VALUE = valued(NOW)


def test_a_customers_value(api: Api, table: Table) -> None:
    ValueStore(table).put_many({ANN: VALUE})
    reply = api.server.get("/v1/customers/ann/value")
    assert reply.status == 200
    assert CustomerValue.model_validate(reply.json()) == VALUE


def test_who_has_none_and_why(api: Api, table: Table) -> None:
    """An anonymous one of the same name is somebody else; a stale value is none."""
    ValueStore(table).put_many({CustomerRef(kind=ANONYMOUS, id="ann"): VALUE})
    ValueStore(table).put_many(
        {CustomerRef(kind=KNOWN, id="bob"): VALUE.model_copy(update={"computed": NOW - LIFETIME})}
    )
    for name in ("ann", "bob"):
        reply = api.server.get(f"/v1/customers/{name}/value")
        assert reply.status == 404
        assert "no order that stands" in reply.json()["detail"]


@pytest.mark.parametrize("customer_id", ["summary", "a/b", "value", "ö ?#%"])
def test_any_id_is_one(api: Api, table: Table, customer_id: str) -> None:
    ValueStore(table).put_many({CustomerRef(kind=KNOWN, id=customer_id): VALUE})
    encoded = "".join(f"%{byte:02X}" for byte in customer_id.encode())
    reply = api.server.get(f"/v1/customers/{encoded}/value")
    assert (reply.status, reply.json()["orders"]) == (200, 4)


def test_a_browser_learns_nothing(api: Api, table: Table) -> None:
    ValueStore(table).put_many({ANN: VALUE})
    for path in ("ann/value", "summary"):
        assert api.browser.get(f"/v1/customers/{path}").status == 403


def test_the_summary(api: Api, table: Table) -> None:
    assert api.server.get("/v1/customers/summary").status == 404
    figures = (
        LifecycleFigures(lifecycle=Lifecycle.NEW, customers=12, expected_orders=6.5, expected_value=150.25),
        LifecycleFigures(lifecycle=Lifecycle.LOYAL),
    )
    told = ValueSummary(computed=NOW, model_id="value-1", currency="EUR", customers=40, lifecycles=figures)
    ValueStore(table).put_summary(told)
    reply = api.server.get("/v1/customers/summary")
    assert ValueSummary.model_validate(reply.json()) == told
    assert reply.json()["lifecycles"][1]["customers"] is None


def test_it_is_exported_and_erased(api: Api, table: Table) -> None:
    ValueStore(table).put_many({ANN: VALUE})
    exported = ask(api, "exports", customer_id="ann").json()["export_id"]
    work()
    (other,) = api.server.get(f"/v1/exports/{exported}").json()["data"]["other"]
    assert other["body"]["expected_orders"] == {"value": 2.5, "low": 1.0, "high": 4.0}
    erased = ask(api, "erasures", customer_id="ann").json()["erasure_id"]
    work()
    receipt = api.server.get(f"/v1/erasures/{erased}").json()
    assert receipt["removed"]["customer values"] == 1
    assert api.server.get("/v1/customers/ann/value").status == 404
