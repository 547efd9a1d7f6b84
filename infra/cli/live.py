"""The part of the demo that talks to the API as a shop would: lists with reasons, and a live event that changes one."""

from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import uuid4

from rich.console import Console

from infra.cli import show
from infra.cli.calls import told
from infra.cli.deployment import Deployment
from infra.cli.households import Household
from shared.domain.keys import sign_customer

TOKEN_LIFETIME = timedelta(days=1)
LATEST = 3
LIST = 5


class Shop:
    """A shop's browser: a publishable key, and for each customer a token that the shop's server has signed."""

    def __init__(self, deployment: Deployment, publishable_key: str) -> None:
        self.publishable_key = publishable_key
        self._secret = deployment.secrets.get(deployment.token_secret_name)
        self._browser = deployment.api(publishable_key)
        self._server = deployment.api()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._server.close()

    def token(self, customer_id: str) -> str:
        """The customer's token, good for a day."""
        return sign_customer(customer_id, datetime.now(UTC) + TOKEN_LIFETIME, self._secret)

    def recommend(self, surface: str, customer_id: str | None = None, **request: Any) -> Any:
        """A list from the API; raises `RefusedError`."""
        body: dict[str, Any] = {"surface": surface, "limit": LIST} | request
        if customer_id is not None:
            body |= {"customer_id": customer_id, "customer_token": self.token(customer_id)}
        return told(self._browser.post("/v1/recommendations", json=body))

    def offer(self, surface: str, customer_id: str) -> Any:
        """What the customer may be offered; raises `RefusedError`."""
        body = {"surface": surface, "customer_id": customer_id, "customer_token": self.token(customer_id)}
        return told(self._browser.post("/v1/offers", json=body))

    def track(self, event: str, customer_id: str, item_id: str) -> Any:
        """Send one event, as the shop's page does."""
        record = {
            "type": "track",
            "event": event,
            "userId": customer_id,
            "messageId": str(uuid4()),
            "timestamp": datetime.now(UTC).isoformat(),
            "properties": {"product_id": item_id},
        }
        return told(self._browser.post("/v1/track", json=record))

    def history(self, customer_id: str) -> list[str]:
        """Titles of the customer's latest items, newest first; only the shop's server may read this."""
        events = told(self._server.get(f"/v1/customers/{customer_id}/events"))["events"]
        ids = list(dict.fromkeys(item for event in events for item in event["items"]))[:LATEST]
        return [self.title(item_id) for item_id in ids]

    def title(self, item_id: str) -> str:
        """An item's title, or its id where it is not in the catalogue any more."""
        items = told(self._server.post("/v1/items/get", json={"item_ids": [item_id]}))["items"]
        return str(items[0]["title"]) if items else item_id


def show_households(shop: Shop, households: list[Household], console: Console) -> None:
    """A few households, what they bought last, and their lists with reasons."""
    for household in households:
        console.rule(f"Household {household.customer_id}: {household.note}", align="left")
        console.print(f"Last bought: {'; '.join(shop.history(household.customer_id))}", highlight=False)
        for surface in ("for-you", "buy-again"):
            show.recommendations(shop.recommend(surface, household.customer_id), False, console)
    console.rule("Without a customer", align="left")
    show.recommendations(shop.recommend("similar", item_id=households[0].item_id), False, console)
    show.recommendations(shop.recommend("trending"), False, console)


def show_live_event(shop: Shop, household: Household, item_id: str, console: Console) -> None:
    """One event through the API, and what it changes in a list."""
    customer = household.customer_id
    title = shop.title(item_id)
    console.rule(f"Live: household {customer} adds {title} to its cart", align="left")
    before = shop.recommend("for-you", customer)
    shop.track("Product Added", customer, item_id)
    after = shop.recommend("for-you", customer)
    earlier = [each["item"]["item_id"] for each in before["items"]]
    later = [each["item"]["item_id"] for each in after["items"]]
    new = sum(item not in earlier for item in later)
    console.print(f"One event later, {new} of the {len(later)} items are new:", highlight=False)
    show.recommendations(after, False, console)
