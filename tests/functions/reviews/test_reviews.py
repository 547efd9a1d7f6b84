"""Events that tell of a review, from a page through the stream and the queue into feedback."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.errors import StoreUnavailableError
from shared.domain.events import KNOWN, CustomerRef
from shared.inference.understanding import Analysts
from shared.stores import clients
from shared.stores.feedback import FeedbackStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from tests.functions.api import Api, Stream, app
from tests.functions.feedback.fakes import FakeModel
from tests.gateway import Context
from tests.shared.stores.faults import DOWN, THROTTLED, refusing

NOW = datetime.now(UTC).replace(microsecond=0)


class Shop:
    """A shop's page, and the way of its reviews behind it."""

    def __init__(self, api: Api, table: Table) -> None:
        self.api, self.table = api, table
        self.model = FakeModel()
        self._stream = Stream("project")
        self._project = app("project")
        self.reviews = app("reviews")
        analysts = Analysts(lambda _: self.model)
        self.reviews.analysts = lambda: analysts

    def told(self, *properties: dict[str, Any], **call: Any) -> None:
        for n, each in enumerate(properties):
            said: dict[str, Any] = {"event": "Product Reviewed", "userId": "ann"}
            said |= {"messageId": f"m{n}-{each.get('review_id')}"}
            said |= {"timestamp": (NOW - timedelta(hours=n)).isoformat(), "properties": {"product_id": "lamp"} | each}
            assert self.api.server.post("/v1/track", said | call).status == 200

    def messages(self) -> list[dict[str, Any]]:
        """What has come through the stream into the queue since the last look, as SQS hands it to the function."""
        self._project.handler({"Records": self._stream.new(), "shardId": "s"}, None)
        url = self._project.settings().feedback_queue_url
        found: list[dict[str, Any]] = []
        while some := clients.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            found += [{"messageId": each["MessageId"], "body": each["Body"]} for each in some]
        return found

    def read(self, messages: list[dict[str, Any]]) -> list[str]:
        """The ids of the messages that are to come again."""
        reply = self.reviews.handler({"Records": messages}, Context())
        return [each["itemIdentifier"] for each in reply["batchItemFailures"]]

    def kept(self) -> dict[str, Any]:
        found = FeedbackStore(self.table).between(NOW - timedelta(days=2), NOW + timedelta(hours=1))
        return {each.feedback_id: each for each in found}


@pytest.fixture
def shop(api: Api, table: Table) -> Shop:
    return Shop(api, table)


def message(body: Any, n: int = 1) -> dict[str, Any]:
    return {"messageId": f"q{n}", "body": body if isinstance(body, str) else json.dumps(body)}


def review(n: int = 1, text: str = "Great lamp.", **fields: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"id": f"user:ann#m{n}", "customer": "user:ann", "message_id": f"m{n}"}
    told |= {"name": "Product Reviewed", "time": NOW.isoformat(), "items": ["lamp"]}
    return told | {"details": {"properties": {"review_id": f"r{n}", "review_body": text}}} | fields


def test_a_review_told_by_a_page_becomes_feedback_of_its_customer(shop: Shop) -> None:
    shop.told({"review_id": "r1", "review_body": "Great <b>lamp</b>! jane@example.org", "rating": "4"})
    assert shop.read(shop.messages()) == []
    (kept,) = shop.kept().values()
    assert (kept.feedback_id, kept.source, kept.rating, kept.item_id) == ("event-r1", "review", 4.0, "lamp")
    assert kept.customer == CustomerRef(kind=KNOWN, id="ann")
    assert kept.time == NOW
    assert "jane" not in kept.text
    assert kept.sentiment.label == "positive"


def test_a_message_that_comes_ten_times_changes_nothing(shop: Shop) -> None:
    shop.told({"review_id": "r1", "review_body": "Great."}, {"review_id": 7, "review_body": "Bad."})
    messages = shop.messages()
    shop.read(messages)
    before, read = shop.kept(), list(shop.model.read)
    for _ in range(10):
        assert shop.read(messages) == []
    assert (shop.kept(), shop.model.read) == (before, read)
    assert set(before) == {"event-r1", "event-7"}


@pytest.mark.parametrize("review_id", [None, "ann@example.org/17"])
def test_a_review_without_an_id_is_known_by_what_it_says_and_not_by_whose_it_is(shop: Shop, review_id: Any) -> None:
    """Its id stays when it is taken back: what an erasure of the customer could not find must not name them."""
    shop.told({"review_body": "Great.", "review_id": review_id}, userId="ann@example.org")
    messages = shop.messages()
    shop.read(messages)
    shop.read(messages)
    (feedback_id,) = shop.kept()
    assert feedback_id.startswith("auto-")
    FeedbackStore(shop.table).withdraw(feedback_id)
    left = [each for each in shop.table.scan("") if not each["pk"].startswith("CUSTOMER#")]
    assert left
    assert "ann@" not in str(left)


def test_of_a_review_that_is_too_long_the_beginning_is_kept(shop: Shop) -> None:
    text = "Great lamp. " * 1_700 + "Mail jane@example.org. " * 900
    assert shop.read([message(review(text=text))]) == []
    kept = shop.kept()["event-r1"].text
    assert 19_900 < len(kept.encode()) <= 20_000
    assert kept.startswith("Great lamp. Great")
    assert kept.endswith("...")
    assert "jane" not in kept
    assert "example" not in kept


def test_a_servers_plain_event_is_read_too(shop: Shop) -> None:
    said: dict[str, Any] = {"event": "Product Reviewed", "customer_id": "ann", "message_id": "m1"}
    said |= {"items": [{"item_id": "lamp"}]}
    said |= {"timestamp": NOW.isoformat(), "properties": {"review_id": "r1", "review_body": "Awful.", "rating": 1}}
    assert shop.api.server.post("/v1/events", {"events": [said]}).status == 200
    shop.read(shop.messages())
    assert shop.kept()["event-r1"].sentiment.label == "negative"


@pytest.mark.parametrize("rating", [0, 6, "many", True, [5], float("inf")])
def test_stars_that_are_none_are_left_out_and_the_text_is_kept(shop: Shop, rating: Any) -> None:
    told = review()
    told["details"]["properties"]["rating"] = rating
    assert shop.read([message(told)]) == []
    assert shop.kept()["event-r1"].rating is None


def test_a_review_that_says_nothing_is_done(shop: Shop) -> None:
    assert shop.read([message(review(text=" "))]) == []
    assert shop.kept() == {}


def test_an_edited_review_is_kept_under_an_id_of_its_own(shop: Shop) -> None:
    shop.read([message(review(text="Great."))])
    for _ in range(3):
        assert shop.read([message(review(text="Bad, after a week."))]) == []
    found = shop.kept()
    assert sorted(each.text for each in found.values()) == ["Bad, after a week.", "Great."]
    assert len([id_ for id_ in found if id_.startswith("event-r1~")]) == 1


def test_a_page_cannot_take_an_id_that_the_shops_server_will_name(shop: Shop) -> None:
    shop.read([message(review(text="Bad. Never buy here."))])
    mine = {"feedback_id": "r1", "source": "review", "text": "Great lamp.", "item_id": "lamp"}
    assert shop.api.server.post("/v1/feedback", {"feedback": [mine]}).json()["rejected"] == []
    assert {id_: each.text for id_, each in shop.kept().items()} == {
        "event-r1": "Bad. Never buy here.",
        "r1": "Great lamp.",
    }


POISON = ["not JSON", "[]", "{}", review(customer="x"), review(time="yesterday")]


@pytest.mark.parametrize("bad", POISON, ids=range(len(POISON)))
def test_one_that_can_never_be_kept_fails_alone(shop: Shop, bad: Any) -> None:
    assert shop.read([message(review(1), 1), message(bad, 2), message(review(3), 3)]) == ["q2"]
    assert set(shop.kept()) == {"event-r1", "event-r3"}


def test_one_that_breaks_the_model_fails_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    analyse: Callable[..., Any] = shop.model.analyse

    def breaking(texts: Any, *rest: Any, **more: Any) -> Any:
        if any("poison" in text for text in texts):
            raise RuntimeError("the graph")
        return analyse(texts, *rest, **more)

    monkeypatch.setattr(shop.model, "analyse", breaking)
    assert shop.read([message(review(1), 1), message(review(2, "poison"), 2), message(review(3), 3)]) == ["q2"]
    assert set(shop.kept()) == {"event-r1", "event-r3"}


@pytest.mark.parametrize("operation", ["BatchGetItem", "TransactWriteItems"])
def test_where_the_table_throttles_all_come_again(shop: Shop, operation: str) -> None:
    messages = [message(review(n), n) for n in range(3)]
    with refusing(clients.dynamodb(), operation, THROTTLED), pytest.raises(StoreUnavailableError):
        shop.read(messages)
    assert shop.read(messages) == []
    assert len(shop.kept()) == 3


def test_without_the_model_all_come_again(shop: Shop) -> None:
    def missing(_: object) -> FakeModel:
        raise FileNotFoundError("sentiment")

    analysts = Analysts(missing)
    shop.reviews.analysts = lambda: analysts
    with pytest.raises(StoreUnavailableError, match="sentiment model"):
        shop.read([message(review())])
    assert shop.kept() == {}


# --- consent, erasure


def decided(shop: Shop, *, granted: bool) -> None:
    said = {"purpose": "analytics", "granted": granted, "version": "1", "source": "form"}
    assert shop.api.server.post("/v1/consent", {"customer_id": "ann", "decisions": [said]}).status == 200


def test_consent_that_was_withdrawn_meanwhile_holds(shop: Shop) -> None:
    shop.told({"review_id": "r1", "review_body": "Great.", "order_id": "o1"})
    messages = shop.messages()
    decided(shop, granted=False)
    for _ in range(2):
        assert shop.read(messages) == []
    (kept,) = shop.kept().values()
    assert (kept.customer, kept.order_id) == (None, None)
    assert kept.feedback_id != "event-r1"
    assert kept.time == NOW.replace(minute=0, second=0)


def test_without_consent_it_may_not_be_kept_at_all(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSENT_WITHOUT_ANALYTICS", "drop")
    decided(shop, granted=False)
    assert shop.read([message(review())]) == []
    assert shop.kept() == {}


def test_what_was_kept_before_is_not_kept_a_second_time_without_its_name(shop: Shop) -> None:
    shop.read([message(review())])
    decided(shop, granted=False)
    shop.read([message(review())])
    assert list(shop.kept()) == ["event-r1"]


def test_an_erased_customers_late_review_is_not_kept(shop: Shop) -> None:
    pepper = app("reviews").secrets().get("/regulars-test/key-pepper")
    analysts = Analysts(lambda _: shop.model)
    shop.reviews.analysts = lambda: analysts
    TombstoneStore(shop.table, lambda: pepper).write(CustomerRef(kind=KNOWN, id="ann"), NOW + timedelta(seconds=1))
    assert shop.read([message(review()), message(review(2, customer="user:bob"), 2)]) == []
    assert set(shop.kept()) == {"event-r2"}
    assert shop.model.read == ["Great lamp."]


def test_the_log_counts_and_says_nothing(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    shop.read([message(review(text="Jane is great.")), message('{"Jane": 1', 2)])
    with refusing(clients.dynamodb(), "TransactWriteItems", DOWN), pytest.raises(StoreUnavailableError):
        shop.read([message(review(2, text="Jane again."))])
    out = capsys.readouterr()
    assert "Jane" not in out.out + out.err
