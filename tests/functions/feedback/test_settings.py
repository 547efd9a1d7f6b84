"""The owner's settings of feedback: what they change, their versions, and what is refused."""

from typing import Any

import pytest

from shared.stores.feedback_settings import FEEDBACK, NAME
from shared.stores.table import Table
from tests.functions.api import Api

OWN = {"trade": "restaurant", "aspects": {"terrace": ["terrace", "beer garden"]}}


def test_a_shop_that_never_set_any_has_the_defaults(api: Api) -> None:
    reply = api.server.get("/v1/feedback/settings")
    wanted = {"trade": "retail", "aspects": {}, "categories": {}, "languages": ["en"], "version": 0}
    assert (reply.status, reply.json(), reply.headers["etag"]) == (200, wanted, '"0"')


def test_an_aspect_of_the_owners_is_found_from_then_on(api: Api) -> None:
    def aspects() -> set[str]:
        told = api.server.post("/v1/sentiment", {"texts": ["The beer garden is great."]}).json()
        return {each["aspect"] for each in told["results"][0]["aspects"]}

    assert "terrace" not in aspects()
    assert api.server.put("/v1/feedback/settings", OWN).status == 200
    assert "terrace" in aspects()


def test_a_category_is_known_by_words_and_by_an_example(api: Api) -> None:
    own = {"categories": {"parking": {"terms": ["parking"]}, "noise": {"examples": ["Such a loud place."]}}}
    assert api.server.put("/v1/feedback/settings", own).status == 200
    texts = ["No parking at all.", "Such a loud place."]
    told = api.server.post("/v1/sentiment", {"texts": texts}).json()["results"]
    assert "parking" in told[0]["categories"]
    assert "noise" in told[1]["categories"]


def test_versions_rise_and_a_stale_one_is_refused(api: Api) -> None:
    assert api.server.put("/v1/feedback/settings", OWN | {"version": 0}).json()["version"] == 1
    assert api.server.put("/v1/feedback/settings", OWN | {"version": 0}).status == 409
    stale = api.server.call("PUT", "/v1/feedback/settings", OWN, headers={"if-match": '"7"'})
    assert stale.status == 409
    assert api.server.call("PUT", "/v1/feedback/settings", OWN, headers={"if-match": '"1"'}).json()["version"] == 1
    changed = OWN | {"trade": "services"}
    assert api.server.call("PUT", "/v1/feedback/settings", changed, headers={"if-match": '"1"'}).json()["version"] == 2
    assert api.server.put("/v1/feedback/settings", OWN).json()["version"] == 3


@pytest.mark.parametrize(
    "bad", [{"trade": "space"}, {"aspects": {"x": []}}, {"categories": {"x": {}}}, {"languages": []}, {"colour": 1}]
)
def test_what_makes_no_sense_is_refused_by_name(api: Api, bad: Any) -> None:
    reply = api.server.put("/v1/feedback/settings", bad)
    assert reply.status == 400
    assert reply.json()["errors"][0]["field"].startswith(next(iter(bad)))


def test_settings_of_a_later_release_are_read_as_far_as_they_go(api: Api, table: Table) -> None:
    table.put({"pk": FEEDBACK.partition, "sk": NAME, "body": '{"trade": "services", "later": 1}', "version": 4})
    assert api.server.get("/v1/feedback/settings").json()["trade"] == "services"
    table.put({"pk": FEEDBACK.partition, "sk": NAME, "body": '{"trade": "of a later release"}', "version": 5})
    # Whoever sends feedback meanwhile is not to blame: a reply of 400 would tell them to throw it away.
    said = {"feedback": [{"source": "review", "text": "Great lamp.", "feedback_id": "f1"}]}
    assert api.server.post("/v1/feedback", said).status == 503
    assert api.server.get("/v1/feedback/settings").status == 503
    assert api.server.put("/v1/feedback/settings", OWN).json()["version"] == 6
    assert api.server.post("/v1/feedback", said).json()["accepted"] == 1
