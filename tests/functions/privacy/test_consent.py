"""Consent through the API: who may say it, what it changes at once, and what is known of it afterwards."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.keys import sign_customer
from shared.stores import clients
from tests.functions.api import Api
from tests.functions.ingest.test_ingest import track
from tests.functions.ingest.test_wire import message_ids
from tests.shared.stores.faults import refusing

NOW = datetime.now(UTC)


def said(granted: bool = False, purpose: str = "analytics", **changes: Any) -> dict[str, Any]:
    return {"purpose": purpose, "granted": granted, "version": "2026-05", "source": "banner"} | changes


def decide(api: Api, *decisions: dict[str, Any], **who: Any) -> Any:
    return api.browser.post("/v1/consent", (who or {"anonymous_id": "phone"}) | {"decisions": decisions})


def test_a_no_from_the_banner_holds_from_the_next_event(api: Api) -> None:
    device = {"userId": None, "anonymousId": "phone"}
    assert api.browser.post("/v1/track", track(**device)).json() == {"accepted": 1, "rejected": []}
    reply = decide(api, said(), said(True, "personalisation"))
    assert [(each["purpose"], each["granted"]) for each in reply.json()["standing"]] == [
        ("analytics", False),
        ("personalisation", True),
    ]
    later = api.browser.post("/v1/track", track(messageId="m2", **device)).json()
    assert later["not_kept"] == {"no_consent": 1}


@pytest.mark.parametrize(("token_for", "status"), [("ann", 200), ("bob", 403), (None, 403)])
def test_a_browser_speaks_for_a_known_customer_only_with_their_token(
    api: Api, token_for: str | None, status: int
) -> None:
    token = sign_customer(token_for, NOW + timedelta(hours=1), api.keys.token_secret) if token_for else None
    assert decide(api, said(), customer_id="ann", customer_token=token).status == status
    api.server.post("/v1/track", track())
    assert message_ids(api) == ([] if status == 200 else ["m1"])


def test_the_server_speaks_for_everyone_and_reads_it_back_in_order(api: Api) -> None:
    for hours, granted in ((2, True), (1, False), (1, False)):
        decision = said(granted, time=(NOW - timedelta(hours=hours)).isoformat())
        reply = api.server.post("/v1/consent", {"customer_id": "ann", "decisions": [decision]})
        assert reply.status == 200
    known = api.server.get("/v1/consent?customer_id=ann").json()
    assert [each["granted"] for each in known["decisions"]] == [True, False]
    assert known["standing"] == known["decisions"][1:]
    assert known["standing"][0]["version"] == "2026-05"
    assert api.server.get("/v1/consent?anonymous_id=ann").json() == {"standing": [], "decisions": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"anonymous_id": "phone", "decisions": [said(purpose="profit")]}, "decisions.0.purpose"),
        ({"anonymous_id": "phone", "decisions": [said(version="")]}, "decisions.0.version"),
        (
            {"anonymous_id": "phone", "decisions": [said(), said(time=(NOW + timedelta(hours=2)).isoformat())]},
            "decisions.1.time",
        ),
        ({"anonymous_id": "phone", "decisions": []}, "decisions"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(api: Api, body: dict[str, Any], field: str) -> None:
    reply = api.server.post("/v1/consent", body)
    assert (reply.status, reply.json()["errors"][0]["field"]) == (400, field)
    assert api.server.get("/v1/consent?anonymous_id=phone").json()["decisions"] == []


def test_one_customer_is_required_and_not_two(api: Api) -> None:
    assert decide(api, said(), customer_id="ann", anonymous_id="phone").status == 400
    assert api.server.get("/v1/consent").status == 400
    assert api.server.get("/v1/consent?customer_id=a&anonymous_id=b").status == 400


def test_a_no_that_cannot_be_written_is_said(api: Api) -> None:
    with refusing(clients.dynamodb(), "TransactWriteItems"):
        assert decide(api, said()).status == 503
    assert decide(api, said()).status == 200


def test_a_no_holds_though_the_yes_before_it_was_noted_by_a_fast_clock(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as fast:
        fast.setattr(api.apps["privacy"], "now", lambda: NOW + timedelta(minutes=4))
        decide(api, said(True))
    (standing,) = decide(api, said(False)).json()["standing"]
    assert not standing["granted"]
    device = {"userId": None, "anonymousId": "phone"}
    assert api.browser.post("/v1/track", track(**device)).json()["not_kept"] == {"no_consent": 1}
    assert [each["granted"] for each in decide(api, said(True), said(False)).json()["standing"]] == [False]
    ahead = (NOW + timedelta(minutes=50)).isoformat()
    assert [each["granted"] for each in decide(api, said(False), said(True, time=ahead)).json()["standing"]] == [True]
