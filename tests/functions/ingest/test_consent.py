"""Consent and objection at the edge of ingest: honoured, and said."""

from datetime import UTC, datetime
from typing import Any

from shared.domain.consent import Decision, Purpose
from shared.domain.events import KNOWN, CustomerRef
from shared.stores.consents import ConsentStore
from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.ingest.test_ingest import track
from tests.functions.ingest.test_wire import message_ids

ANN = CustomerRef(kind=KNOWN, id="ann")


def test_without_consent_the_reply_says_what_was_not_kept(api: Api, table: Table) -> None:
    no = Decision(
        purpose=Purpose.ANALYTICS, granted=False, version="1", time=datetime(2026, 1, 1, tzinfo=UTC), source="banner"
    )
    ConsentStore(table).decide(ANN, [no])
    reply = api.browser.post("/v1/batch", {"batch": [track(), track(userId="bob", messageId="m2")]})
    assert (reply.status, reply.json()) == (200, {"accepted": 2, "rejected": [], "not_kept": {"no_consent": 1}})
    assert (message_ids(api), message_ids(api, "bob")) == ([], ["m2"])


def test_a_browser_that_objects_is_told_that_it_was_heard(api: Api) -> None:
    reply = send(api, {"sec-gpc": "1"})
    assert reply == {"accepted": 1, "rejected": [], "not_kept": {"global_privacy_control": 1}}
    assert message_ids(api) == []
    assert send(api, {"sec-gpc": "0"}) == {"accepted": 1, "rejected": []}
    assert message_ids(api) == ["m1"]


def send(api: Api, headers: dict[str, str]) -> Any:
    return api.browser.call("POST", "/v1/track", track(), headers=headers).json()
