"""Every operation of the API as one call that works, and what it leaves behind: what faults are tried on."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, Self
from unittest.mock import patch

from moto.dynamodb.models import dynamodb_backends

from functions.quotes import tokens
from infra.template import Template
from shared.domain.events import KNOWN, CustomerRef
from shared.domain.experiments import Experiment
from shared.domain.feedback import Feedback, Source, Theme
from shared.domain.items import Item
from shared.domain.money import Money
from shared.domain.offers import Offer
from shared.domain.price_limits import Limits
from shared.domain.quotes import PriceQuote, QuotedOffer, QuoteLine, priced
from shared.domain.rules import Rule
from shared.domain.sentiment import Sentiment
from shared.domain.themes import FoundTheme, Place, Run
from shared.domain.value import Lifecycle, Likely, ValueSummary
from shared.inference.sentiment import published
from shared.inference.sentiment.card import CARD
from shared.inference.understanding import Analysts, Model
from shared.stores import clients
from shared.stores.decisions import DecisionStore
from shared.stores.experiments import ExperimentStore
from shared.stores.exports import ExportStore
from shared.stores.feedback import FeedbackStore
from shared.stores.items import ItemStore
from shared.stores.jobs import JobStore, PrivacyJobs, Status
from shared.stores.models import SENTIMENT, ModelStore
from shared.stores.offers import OfferStore
from shared.stores.price_limits import PriceLimitsStore
from shared.stores.rules import RuleStore
from shared.stores.suggestions import SuggestionStore
from shared.stores.table import Table
from shared.stores.themes import ThemeStore
from shared.stores.values import ValueStore
from tests.conftest import BUCKET, TABLE, Keys
from tests.functions import test_keys
from tests.functions.api import TEMPLATE, Api, app
from tests.functions.feedback.fakes import FakeModel
from tests.functions.prices.test_suggestions import made
from tests.functions.recommend.conftest import ITEMS, model
from tests.functions.webhooks.senders import SHOPIFY_SECRET, WOOCOMMERCE_SECRET, Shopify, WooCommerce, keep, payload
from tests.gateway import Context, Gateway, Response
from tests.shared.stores.test_decisions import decision
from tests.valued import valued

NOW = datetime.now(UTC)
ANN = CustomerRef(kind=KNOWN, id="ann")
MARK = "MARK"
"""In a body: what tells a call from all others."""
TOKEN = "TOKEN"
"""In a body: a quote that was given for this call."""
RECORDS = 64
CODE = "HELLO"
EVENT = {"event": "Article Read", "customer_id": "ann"}
CALL = test_keys.CALL | {"messageId": MARK}
SAID = {"purpose": "analytics", "granted": True, "version": MARK, "source": "banner", "time": NOW.isoformat()}
LIST: dict[str, Any] = {"surface": "for-you", "customer_id": "ann"}
PIECE = {"source": "review", "text": "Great lamp.", "customer_id": "ann", "time": NOW.isoformat()}
EUROS = {"amount": "10.00", "currency": "EUR"}
RIVAL = {"item_id": "lamp", "competitor": MARK, "price": EUROS}
OPEN = "sug_open"
DECISIONS = ("approve", "reject", "snooze")
BODIES: dict[str, Any] = test_keys.BODIES | {
    **{name: CALL for name, body in test_keys.BODIES.items() if body is test_keys.CALL},
    "POST /v1/batch": {"batch": [CALL]},
    "POST /v1/b": {"batch": [CALL]},
    "POST /v1/events": {"events": [EVENT | {"message_id": MARK}]},
    "PUT /v1/items": {"items": [{"item_id": "lamp", "title": MARK}]},
    "PUT /v1/items/{item_id}": {"title": MARK, "price": {"amount": "9.90", "currency": "EUR"}},
    "PATCH /v1/items/{item_id}": {"title": MARK},
    "POST /v1/items/patch": {"items": [{"item_id": "lamp", "title": MARK}]},
    "PUT /v1/rules/{rule_id}": {"name": MARK, "effect": test_keys.PIN},
    "POST /v1/feedback": {"feedback": [PIECE | {"feedback_id": MARK}]},
    "PUT /v1/offers/{offer_id}": test_keys.OFFER | {"name": MARK},
    "POST /v1/offers": {"surface": "home", "customer_id": MARK},
    "POST /v1/offers/verify": {"code": CODE, "cart": [{"item_id": "lamp"}]},
    "POST /v1/offers/redeem": {"code": MARK, "order_id": MARK},
    "POST /v1/consent": {"anonymous_id": MARK, "decisions": [SAID]},
    "POST /v1/quotes": {"lines": [{"item_id": "vase", "quantity": 2}], "session_id": MARK},
    "POST /v1/quotes/verify": {"token": TOKEN},
    "POST /v1/quotes/redeem": {"token": TOKEN, "order_id": MARK},
    "PUT /v1/competitor-prices": {"prices": [RIVAL]},
    **{f"POST /v1/prices/suggestions/{{item_id}}/{word}": {"suggestion_id": OPEN} for word in DECISIONS},
    "POST /v1/recommendations": LIST,
    "POST /v1/recommendations/lists": {"customer_id": "ann", "lists": [{"surface": "for-you"}]},
}
LARGE: dict[str, Any] = {
    "POST /v1/events": {"events": [EVENT | {"message_id": f"{MARK}-{n}"} for n in range(RECORDS)]},
    "PUT /v1/items": {"items": [{"item_id": f"i{n}", "title": MARK} for n in range(RECORDS)]},
    "POST /v1/feedback": {"feedback": [PIECE | {"feedback_id": f"{MARK}-{n}"} for n in range(RECORDS)]},
}
VASE = Item.model_validate({"item_id": "vase", "title": "Vase", "price": {"amount": "9.00", "currency": "EUR"}})
THEME = Theme(
    theme_id="th_1", label="lamp", terms=("lamp",), count=1, net_sentiment=1.0, weeks=(), first_seen=NOW.date()
)
FOUND = FoundTheme(theme=THEME, places=(Place(feedback_id="withdrawn", start=0, end=6, score=1.0),))
RUN = Run(run_id="run-1", revision=1, as_of=NOW, model_id="m", feedback=1, sampled=1.0, themes=(FOUND,), issues=())
CLAIM = "POST /v1/prices/{item_id}/claims"
"""The shop is too young for any to be true."""
VALUE = valued(
    NOW,
    lifecycle=Lifecycle.REGULAR,
    average_order=60.0,
    expected_orders=Likely(value=0.1, low=0.0, high=1.0),
    expected_value=None,
)
ACCEPTED = {"POST /v1/erasures", "POST /v1/exports"}
WARM, MANY, REDACTION, CODED, OWN = "warm", f"{RECORDS} records", "a redaction", "with a code", "a model of one's own"
CARRIED, PUBLISHED = "carried", "published"


class Speaking(FakeModel):
    """Stands for a sentiment model that was loaded: from the bucket, or from the artefact."""

    def __init__(self, model_id: str) -> None:
        super().__init__()
        self.model_id = model_id

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Self:
        return cls(json.loads(files[CARD])["model_id"])

    @classmethod
    def load(cls, _: Path) -> Self:
        return cls(CARRIED)


class Row(NamedTuple):
    """A line of the table: an operation, and which call of it."""

    operation: str
    variant: str = ""

    @property
    def healthy(self) -> int:
        return {**dict.fromkeys(ACCEPTED, 202), CLAIM: 422}.get(self.operation, 200)


class World:
    """A shop with items, a rule, a model, and jobs; and calls of its API."""

    def __init__(self, table: Table, keys: Keys) -> None:
        self._table, self._keys = table, keys
        self._api = Api(keys)
        self._numbers = count(1)
        self._key = app("quotes").signing_key()
        self.usual: dict[Row, int] = {}
        keep("/regulars-test/shopify-webhook-secret", SHOPIFY_SECRET)
        keep("/regulars-test/woocommerce-webhook-secret", WOOCOMMERCE_SECRET)
        ItemStore(table).put([*map(_item, ITEMS), VASE])
        models = ModelStore(table, clients.s3(), BUCKET)
        models.publish("m1", model(), "")
        models.promote("m1", None)
        self._sentiment = ModelStore(table, clients.quick_s3(), BUCKET, SENTIMENT)
        self._sentiment.publish(PUBLISHED, {CARD: json.dumps({"model_id": PUBLISHED}).encode()}, "")
        self._sentiment.promote(PUBLISHED, None)
        jobs = PrivacyJobs(table, clients.sqs(), app("privacy").settings().queue_url)
        self._erasure, self._export = jobs.request_erasure([ANN], NOW, "k"), jobs.request_export([ANN], NOW, "k")
        ExportStore(table, clients.s3(), BUCKET).put(self._export, [ANN], b"{}", NOW)
        JobStore(table).update(self._export, status=Status.DONE, completed_at=NOW)
        ThemeStore(table).publish(RUN, ())
        OfferStore(table).put(Offer.model_validate(test_keys.OFFER | {"offer_id": "all", "public": True, "code": CODE}))

    def stocked(self) -> int:
        """A number for the next call, which finds what it is about, whatever the calls before have made of it."""
        ItemStore(self._table).put([_item("lamp")])
        self._say("withdrawn")
        self._value()
        RuleStore(self._table).put(Rule.model_validate({"rule_id": "r", "name": "r", "effect": test_keys.PIN}), NOW)
        PriceLimitsStore(self._table).put("all", Limits(autopilot=False), None)
        self._suggest()
        self._plan()
        number = next(self._numbers)
        self._offer(mark(number))
        return number

    def _offer(self, customer_id: str) -> None:
        """An offer that is worth making to this customer, and a code that another one has."""
        OfferStore(self._table).put(Offer.model_validate(test_keys.OFFER | {"offer_id": "o", "hold_out": 0.0}))
        ValueStore(self._table).put_many({CustomerRef(kind=KNOWN, id=customer_id): VALUE})
        DecisionStore(self._table).add(
            CustomerRef(kind=KNOWN, id=f"holder {customer_id}"),
            decision(code=customer_id.upper(), time=NOW, until=NOW + timedelta(days=7)),
            None,
        )

    def _plan(self) -> None:
        """An experiment that was never stopped, and none of those that calls have put: there is a most of them."""
        records = self._table.query_all("PRICE_EXPERIMENTS", consistent=True)
        self._table.write_many(deletes=[(each["pk"], each["sk"]) for each in records])
        ExperimentStore(self._table).put(Experiment.model_validate(test_keys.EXPERIMENT | {"experiment_id": "e"}), NOW)

    def _suggest(self) -> None:
        """A price for the lamp that nobody has decided on, and no competitor's."""
        self._table.write_many(deletes=[("SUGGESTION#lamp", "SUGGESTION"), ("COMPETITORS#lamp", "PRICES")])
        SuggestionStore(self._table).replace([made(suggestion_id=OPEN)], NOW)

    def _say(self, feedback_id: str) -> None:
        """Feedback that was never taken back."""
        self._table.write_many(deletes=[("FEEDBACK#" + feedback_id, "CLAIM")])
        sentiment = Sentiment(label="positive", score=1.0, confidence=0.9)
        said = {"feedback_id": feedback_id, "source": Source.REVIEW, "time": NOW, "text": "Great.", "model_id": "m"}
        FeedbackStore(self._table).put([Feedback.model_validate(said | {"sentiment": sentiment})])

    def _value(self) -> None:
        """What the nightly job has left."""
        values = ValueStore(self._table)
        values.put_many({ANN: VALUE})
        values.put_summary(ValueSummary(computed=NOW, model_id="value-1"))

    def call(self, row: Row, number: int, context: Context, gateways_clock: datetime) -> Response:
        """Make the call of this row. One of the same number is the same call again."""

        def sent(event: dict[str, Any], _: Any) -> Any:
            event["requestContext"]["timeEpoch"] = int(gateways_clock.timestamp() * 1000)
            return self._api.route(event, context)

        method, path = row.operation.split(" ")
        analysts = Analysts(self._own_model if row.variant == OWN else lambda _: FakeModel())
        self._api.apps["feedback"].analysts = lambda: analysts
        if "webhooks" in path:
            return self._delivery(row, Gateway(sent), number)
        url = path.replace("{item_id}", "lamp").replace("{rule_id}", "r").replace("{customer_id}", "ann")
        url = url.replace("{feedback_id}", "withdrawn").replace("{scope}", "all").replace("{offer_id}", "o")
        url = url.replace("{experiment_id}", self._experiment(row, number))
        url = url.replace("{write_key}", self._keys.publishable)
        url = url.replace("{erasure_id}", self._erasure).replace("{export_id}", self._export)
        url += "?customer_id=ann" if row.operation == "GET /v1/consent" else ""
        body = (LARGE if row.variant == MANY else BODIES).get(row.operation)
        is_coded = row.variant == CODED
        body = body | {"code": MARK} if is_coded and body and "lines" in body else body
        token = self._quoted(number, is_coded=is_coded)
        text = json.dumps(body).replace(MARK, mark(number)).replace(TOKEN, token) if body else None
        return Gateway(sent, self._keys.secret).call(method, url, text)

    def _own_model(self, present: Model | None) -> Model:
        with patch.object(published, "SentimentModel", Speaking):
            return published.load(Path("no such folder"), self._sentiment, present)

    @staticmethod
    def _experiment(row: Row, number: int) -> str:
        """One that is put is new each time; one that is stopped, or read, is there."""
        return mark(number) if row.operation.startswith("PUT") else "e"

    def _quoted(self, number: int, *, is_coded: bool) -> str:
        """A quote of its own for each call; the code is of `_offer`."""
        times = {"quoted_at": NOW, "expires_at": NOW + timedelta(days=1)}
        lines, total = priced([QuoteLine(item_id="vase")], {"vase": Money(amount="8.00", currency="EUR")})
        quote = PriceQuote(quote_id=mark(number), lines=lines, total=total, **times)
        offer = QuotedOffer(offer_id="o", code=mark(number).upper(), text="t", personalised=True)
        return tokens.sign(quote.model_copy(update={"offer": offer} if is_coded else {}), self._key)

    def _delivery(self, row: Row, gateway: Gateway, number: int) -> Response:
        sender = (Shopify if "shopify" in row.operation else WooCommerce)(self._api)
        sender.gateway, delivery, order_id = gateway, mark(number), 10**12 + number
        if row.variant == REDACTION:
            return sender.send("customers/redact", payload("shopify-redact"), delivery=delivery)
        if isinstance(sender, Shopify):
            return sender.send("orders/create", payload("shopify-order", id=order_id), delivery=delivery)
        return sender.send("order.created", payload("woocommerce-order", id=order_id), delivery=delivery)


def mark(number: int) -> str:
    return f"call-{number:06d}"


def traces(number: int) -> int:
    """How many records of the table the call of this number has made or changed, as far as it was asked to keep any."""
    words = (mark(number), str(10**12 + number))
    return sum(any(word in record for word in words) for record in map(str, _records()))


def _records() -> Iterator[dict[str, Any]]:
    """All records, as moto has them: through a client, to read thousands for each cell would take minutes."""
    return (item.to_json()["Attributes"] for some in _partitions().values() for item in some.values())


def sweep() -> None:
    """Leave nothing of the events that calls have sent, which would make the next look at the table longer."""
    partitions = _partitions()
    swept = ("CUSTOMER#", "WEBHOOK#", "PLACED#", "LEDGER#", "FEEDBACK#", "TALLY#")
    for key in [key for key in partitions if key.value.startswith(swept)]:
        del partitions[key]


def _partitions() -> dict[Any, Any]:
    partitions: dict[Any, Any] = dynamodb_backends["123456789012"]["us-east-1"].tables[TABLE].items
    return partitions


def function_of(operation: str) -> str:
    """The function that answers."""
    for name in TEMPLATE.functions():
        if operation in {f"{route.method} {route.path}" for route in TEMPLATE.routes(name)}:
            return name
    raise LookupError(operation)


def seconds_of(function: str) -> float:
    """What the template gives it before it is ended."""
    template = Template.load()
    return float(template.functions()[function].get("Timeout", template.document["Globals"]["Function"]["Timeout"]))


def _item(item_id: str) -> Item:
    price = EUROS if item_id == "lamp" else None
    return Item.model_validate({"item_id": item_id, "title": item_id.title(), "price": price})
