"""What happens to the deployment, in order, and what is seen of it at each step.

The release before writes through its own functions and its own command line; nothing of this one has a hand in that.
"""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from infra.local.proxy import LocalProxy
from infra.local.stack import LocalStack
from shared.domain.signatures import sign
from tests.e2e import shop
from tests.functions.webhooks.senders import payload
from tests.upgrade.deployed import PATIENCE_SECONDS, Deployed, Questions, Release, Seen

SHOPIFY_SECRET = "shpss_of_the_upgrade"
BUYER = 7011223399
OPEN = {"ThrottlingRateLimit": 100.0, "ThrottlingBurstLimit": 200}
CALLS = 1_000_000
"""Of the API this month, as CloudWatch tells: a dollar's worth."""


class Erased(NamedTuple):
    """Somebody who was erased, and the event that must not come back."""

    customer: str
    event: dict[str, Any]


class Life(NamedTuple):
    """What was seen with the release before, right after the upgrade, after this one wrote, and back again."""

    before: Seen
    upgraded: Seen
    lived_on: Seen
    back: Seen
    stopped: Mapping[str, float]
    upgraded_stopped: Mapping[str, float]
    lifted: Mapping[str, float]
    models: tuple[str, str]
    returns: dict[str, Any]
    goes_on: dict[str, Any]


def live(stack: LocalStack, old: Release, new: Release, home: Path) -> Life:
    deployed = Deployed(stack, home)
    deployed.deploy(old)
    assert deployed.outputs.api_id
    with LocalProxy(stack.url, deployed.outputs.api_id) as proxy:
        deployed.url = proxy.url
        return _live(deployed, old, new, home)


def _live(deployed: Deployed, old: Release, new: Release, home: Path) -> Life:
    first_erased, first = first_days(deployed, home)
    before = deployed.seen(first)
    stopped = budget_is_spent(deployed)
    deployed.deploy(new)
    upgraded_stopped = deployed.limits()
    deployed.regulars("budget", "lift")
    lifted = deployed.limits()
    upgraded = deployed.seen(first)
    second_erased, second = later_days(deployed, "new")
    models = (champion(upgraded), champion(deployed.seen({})))
    lived_on = deployed.seen(first | second)
    deployed.deploy(old)
    back = deployed.seen(first | second)
    returns = {each.customer: sent_again(deployed, each) for each in (first_erased, second_erased)}
    _, third = later_days(deployed, "back")
    goes_on = dict(deployed.seen(third).answers)
    return Life(before, upgraded, lived_on, back, stopped, upgraded_stopped, lifted, models, returns, goes_on)


def first_days(deployed: Deployed, home: Path) -> tuple[Erased, Questions]:
    """Of the release before: a key, a history, a model, and one of everything that there is to write."""
    deployed.key = deployed.regulars("keys", "create", "sk", "--label", "first")
    files = shop.write(home)
    deployed.regulars("import", str(files.purchases), "--items", str(files.items), "--keep-times")
    deployed.regulars("webhooks", "secret", "shopify", stdin=SHOPIFY_SECRET)
    erased, questions = later_days(deployed, "old")
    deployed.regulars("budget", "set", "1000")
    return erased, questions | {
        "the first items": ("POST", "/v1/items/get", {"item_ids": ["toys-1", "pets-3"]}),
        "the first events": ("GET", "/v1/customers/c3/events", None),
        "for you": ("POST", "/v1/recommendations", {"surface": "for-you", "customer_id": "c3"}),
        "buy again": ("POST", "/v1/recommendations", {"surface": "buy-again", "customer_id": "c5"}),
        "similar": ("POST", "/v1/recommendations", {"surface": "similar", "item_id": "pets-3"}),
        "all items": ("GET", "/v1/items?limit=100", None),
    }


def later_days(deployed: Deployed, era: str) -> tuple[Erased, Questions]:
    """Days in which everything happens that there is; `era` tells whose they were."""
    with deployed.api() as api:
        item = _catalogue(api, era)
        _track(api, event(f"{era}-ann", item, anonymousId=f"{era}-phone"))
        _purchase(api, era, item)
        _consent(api, era)
        _rule(api, era, item)
        _terms(api, era, item)
        token = _redeemed(api, era, item)
        _feedback(api, era, item)
        _order(deployed.url)
        erased = _erased(api, era, item)
        export = _job(api, "exports", f"{era}-ann")
    deployed.regulars("train")
    return erased, {
        f"{era}: item": ("GET", f"/v1/items/{item}", None),
        f"{era}: events": ("GET", f"/v1/customers/{era}-ann/events", None),
        f"{era}: purchase": ("GET", f"/v1/customers/{era}-bob/events", None),
        f"{era}: Shopify's order": ("GET", f"/v1/customers/{BUYER}/events", None),
        f"{era}: consent": ("GET", f"/v1/consent?anonymous_id={era}-banner", None),
        f"{era}: rule": ("GET", f"/v1/rules/{era}", None),
        f"{era}: limits": ("GET", f"/v1/prices/limits/item:{item}", None),
        f"{era}: price": ("GET", f"/v1/prices/{item}", None),
        f"{era}: ledger": ("GET", f"/v1/prices/{item}/history", None),
        f"{era}: competitors": ("GET", f"/v1/competitor-prices/{item}", None),
        f"{era}: offer": ("GET", f"/v1/offers/{era}", None),
        f"{era}: code": ("POST", "/v1/offers/verify", {"code": _code(era), "cart": [{"item_id": item}]}),
        f"{era}: quote": ("POST", "/v1/quotes/verify", {"token": token}),
        f"{era}: feedback": ("GET", f"/v1/feedback?item_id={item}", None),
        f"{era}: erased": ("GET", f"/v1/customers/{erased.customer}/events", None),
        f"{era}: export": ("GET", f"/v1/exports/{export}", None),
    }


def event(customer: str, item: str, **more: Any) -> dict[str, Any]:
    told = {"event": "Product Viewed", "userId": customer, "messageId": str(uuid4())}
    return told | {"timestamp": datetime.now(UTC).isoformat(), "properties": {"product_id": item}} | more


def _catalogue(api: httpx.Client, era: str) -> str:
    """A new item that changes its price, and one of the first ones that changes its stock."""
    price = {"amount": "9.50", "currency": "EUR"}
    item = {"item_id": f"{era}-kite", "title": f"Kite of {era}", "category": "toys", "price": price, "tags": [era]}
    _ok(api.put("/v1/items", json={"items": [item]}))
    cheaper = {"item_id": item["item_id"], "price": price | {"amount": "8.25"}}
    _ok(api.post("/v1/items/patch", json={"items": [cheaper, {"item_id": "toys-9", "stock": len(era)}]}))
    return f"{era}-kite"


def _track(api: httpx.Client, told: dict[str, Any]) -> None:
    assert _ok(api.post("/v1/track", json=told))["accepted"] == 1


def _purchase(api: httpx.Client, era: str, item: str) -> None:
    told = {"event": "purchase", "customer_id": f"{era}-bob", "message_id": str(uuid4()), "order_id": f"{era}-o1"}
    lines = [{"item_id": item, "quantity": 2}, {"item_id": "toys-2"}]
    assert _ok(api.post("/v1/events", json={"events": [told | {"items": lines}]}))["accepted"] == 1


def _consent(api: httpx.Client, era: str) -> None:
    decision = {"purpose": "personalisation", "granted": False, "version": era, "source": "banner"}
    _ok(api.post("/v1/consent", json={"anonymous_id": f"{era}-banner", "decisions": [decision]}))


def _rule(api: httpx.Client, era: str, item: str) -> None:
    effect = {"kind": "boost", "factor": 1.5}
    rule = {"name": f"Rule of {era}", "filter": f"item_id = '{item}'", "surfaces": ["trending"], "effect": effect}
    _ok(api.put(f"/v1/rules/{era}", json=rule))


def _terms(api: httpx.Client, era: str, item: str) -> None:
    """The limits of a price, a competitor's price, and an offer that everybody gets."""
    _ok(api.put(f"/v1/prices/limits/item:{item}", json={"minimum": {"amount": "5.00", "currency": "EUR"}}))
    rival = {"item_id": item, "competitor": era, "price": {"amount": "8.00", "currency": "EUR"}}
    _ok(api.put("/v1/competitor-prices", json={"prices": [rival]}))
    discount = {"kind": "amount", "amount": {"amount": "1.00", "currency": "EUR"}}
    told = {"name": f"Offer of {era}", "text": "1 euro off", "discount": discount, "public": True, "code": _code(era)}
    _ok(api.put(f"/v1/offers/{era}", json=told))


def _code(era: str) -> str:
    return f"CODE-{era.upper()}"


def _redeemed(api: httpx.Client, era: str, item: str) -> str:
    """A quote that an order was made of; its token."""
    quote = _ok(api.post("/v1/quotes", json={"lines": [{"item_id": item, "quantity": 2}]}))
    token: str = quote["token"]
    _ok(api.post("/v1/quotes/redeem", json={"token": token, "order_id": f"{era}-quoted"}))
    return token


def _feedback(api: httpx.Client, era: str, item: str) -> None:
    said = {
        "feedback_id": f"{era}-f1",
        "source": "review",
        "text": "A great kite, but the string broke.",
        "item_id": item,
    }
    assert _ok(api.post("/v1/feedback", json={"feedback": [said | {"customer_id": f"{era}-ann"}]}))["accepted"] == 1


def _order(url: str) -> None:
    order = payload("shopify-order", id=uuid4().int % 10**12)
    order["customer"] = {"id": BUYER, "email": "ann.upgrade@example.com"}
    raw = json.dumps(order | {"note_attributes": []}).encode()
    headers = {"x-shopify-topic": "orders/create", "x-shopify-webhook-id": str(uuid4())}
    headers |= {"content-type": "application/json", "x-shopify-hmac-sha256": sign(raw, SHOPIFY_SECRET)}
    _ok(httpx.post(f"{url}/v1/webhooks/shopify", content=raw, headers=headers, timeout=60))


def _erased(api: httpx.Client, era: str, item: str) -> Erased:
    told = event(f"{era}-eve", item, timestamp=(datetime.now(UTC) - timedelta(minutes=5)).isoformat())
    _track(api, told)
    _job(api, "erasures", f"{era}-eve")
    return Erased(f"{era}-eve", told)


def _job(api: httpx.Client, kind: str, customer: str) -> str:
    """Asked for, and waited for."""
    asked = _ok(api.post(f"/v1/{kind}", json={"customer_id": customer}))
    id_: str = asked[f"{kind.removesuffix('s')}_id"]
    eventually(lambda: _ok(api.get(f"/v1/{kind}/{id_}"))["status"] == "done")
    return id_


def sent_again(deployed: Deployed, erased: Erased) -> dict[str, Any]:
    with deployed.api() as api:
        reply: dict[str, Any] = _ok(api.post("/v1/track", json=erased.event))
    return reply


def budget_is_spent(deployed: Deployed) -> dict[str, float]:
    """The meter of the release before shuts the stage, and notes what stood before."""
    deployed.limit(OPEN)
    of_the_api = [{"Name": "ApiId", "Value": deployed.outputs.api_id}]
    calls = {"MetricName": "Count", "Dimensions": of_the_api, "Timestamp": datetime.now(UTC), "Value": float(CALLS)}
    deployed.client("cloudwatch").put_metric_data(Namespace="AWS/ApiGateway", MetricData=[calls])
    deployed.regulars("budget", "set", "0.5")
    return deployed.limits()


def champion(seen: Seen) -> str:
    (pointer,) = (record for (_, sk), record in seen.records.items() if sk == "CHAMPION")
    id_: str = pointer["model_id"]["S"]
    return id_


def eventually(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happens():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.5)


def _ok(reply: httpx.Response) -> Any:
    assert reply.is_success, f"{reply.request.url}: {reply.status_code} {reply.text}"
    return reply.json()
