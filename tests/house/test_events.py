"""Every function has events of both kinds, each with an answer that a test asserts, and AWS's own form."""

from typing import Any

import pytest

from infra.template import Template
from tests.events import world
from tests.events.answers import ANSWERS

TEMPLATE = Template.load()
FORMS: dict[str, tuple[str, ...]] = {
    "HttpApi": ("version", "routeKey", "rawPath", "headers", "requestContext", "isBase64Encoded"),
    "DynamoDB": ("Records",),
    "SQS": ("Records",),
    "ScheduleV2": ("source", "detail-type", "time", "resources", "detail"),
}
"""What `sam local invoke -e` is given for a function of this event source."""
NOT_INVOKED = {"EventBridgeRule"}
"""What `meter` is called by besides its schedule: it looks at neither."""


def kinds(function: str) -> set[str]:
    return {event["Type"] for event in TEMPLATE.functions()[function]["Events"].values()}


@pytest.mark.parametrize("function", sorted(TEMPLATE.functions()))
@pytest.mark.parametrize("kind", ["smoke", "failure"])
def test_every_function_has_events_of_both_kinds(function: str, kind: str) -> None:
    assert [name for of, name in world.events(f"{kind}-") if of == function]


def test_every_event_has_an_answer_and_the_reverse() -> None:
    assert set(world.events()) == set(ANSWERS)
    assert {of for of, _ in world.events()} == set(TEMPLATE.functions())
    assert set(world.OTHERWISE) <= set(ANSWERS)


@pytest.mark.parametrize(("function", "name"), list(world.events()))
def test_an_event_is_as_its_source_sends_it(function: str, name: str) -> None:
    (kind,) = kinds(function) - NOT_INVOKED
    event: dict[str, Any] = world.event(function, name)
    assert [part for part in FORMS[kind] if part not in event] == []
    if kind == "HttpApi":
        method, _, path = event["routeKey"].partition(" ")
        assert (method, path) in TEMPLATE.routes(function)
        assert event["requestContext"]["http"]["method"] == method
    if "Records" in event:
        source = {"DynamoDB": "aws:dynamodb", "SQS": "aws:sqs"}[kind]
        assert {record["eventSource"] for record in event["Records"]} == {source}


def test_the_world_tells_functions_what_the_template_does() -> None:
    told = {name for function in TEMPLATE.functions() for name in TEMPLATE.environment(function)}
    told |= set(TEMPLATE.document["Globals"]["Function"]["Environment"]["Variables"])
    assert told == set(world.settings(FakeStack()))


class FakeStack:
    """Gives addresses, as far as the settings need them."""

    def client(self, _: str) -> Any:
        return self

    def create_queue(self, **_: Any) -> dict[str, str]:
        return {"QueueUrl": "queue"}

    def create_topic(self, **_: Any) -> dict[str, str]:
        return {"TopicArn": "topic"}
