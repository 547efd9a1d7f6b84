"""How texts feel: answered one by one, whatever they are, and nothing of them is kept or told."""

from typing import Any

import pytest

from shared.inference.understanding import Analysts
from shared.stores import clients
from tests.conftest import TABLE
from tests.functions.api import Api
from tests.functions.feedback.fakes import GOOD, MODEL_ID
from tests.gateway import Response


def ask(api: Api, *texts: Any, **more: Any) -> Response:
    return api.server.post("/v1/sentiment", {"texts": list(texts)} | more)


def test_a_text_is_answered_with_score_aspects_and_what_weighed(api: Api) -> None:
    text = "The fit is great. The delivery was awful."
    reply = ask(api, text)
    assert reply.status == 200
    told = reply.json()
    (answer,) = told["results"]
    assert (told["model_id"], told["rejected"], answer["index"]) == (MODEL_ID, [], 0)
    assert (answer["label"], answer["score"], answer["language"]) == ("neutral", 0.0, "en")
    assert {each["aspect"]: each["label"] for each in answer["aspects"]}["fit"] == "positive"
    assert [text[each["start"] : each["end"]] for each in answer["evidence"]] == ["great", "awful"]
    assert answer.get("text") is None


def test_of_a_hundred_one_bad_one_costs_no_other(api: Api) -> None:
    texts: list[Any] = [f"Great {n}." for n in range(100)]
    texts[17] = "x" * 20_001
    reply = ask(api, *texts)
    assert reply.status == 207
    told = reply.json()
    assert [each["index"] for each in told["results"]] == [n for n in range(100) if n != 17]
    assert told["rejected"] == [{"index": 17, "field": "texts", "message": "is over 20,000 bytes of UTF-8"}]


@pytest.mark.parametrize("bad", ["", "  \n", None, 7, ["a"], {"text": "a"}, "x" * 20_001, "<p></p>", "\u200b"])
def test_a_text_that_is_none_is_named(api: Api, bad: Any) -> None:
    reply = ask(api, bad)
    assert reply.status == 400
    assert [each["index"] for each in reply.json()["rejected"]] == [0]
    assert [each["field"] for each in reply.json()["errors"]] == ["texts.0"]
    assert [each["index"] for each in ask(api, bad, "Good.").json()["results"]] == [1]


def test_more_than_a_hundred_none_and_a_megabyte_are_refused(api: Api) -> None:
    assert ask(api, *(["Good."] * 101)).status == 400
    assert ask(api).status == 400
    assert ask(api, "x" * 900_000).status == 400
    assert ask(api, "x" * 1_000_000).status == 413
    assert api.model.read == []


def test_markup_is_read_past_and_the_text_that_was_read_is_told(api: Api) -> None:
    (answer,) = ask(api, "<p>The <b>great</b> lamp</p>").json()["results"]
    assert answer["text"] == "The great lamp"
    assert [answer["text"][each["start"] : each["end"]] for each in answer["evidence"]] == ["great"]


def test_a_language_that_the_owner_does_not_name_is_told_and_abstained_from(api: Api) -> None:
    german = "Die Lampe ist leider sehr schlecht verarbeitet und kam kaputt an."
    (found,) = ask(api, german).json()["results"]
    assert (found["language"], found["abstained"]) == ("de", True)
    (told,) = ask(api, "great", language="de-AT").json()["results"]
    assert (told["language"], told["abstained"]) == ("de", True)
    assert ask(api, "great", language="Deutsch").status == 400
    api.server.put("/v1/feedback/settings", {"languages": ["en", "de"]})
    (trusted,) = ask(api, "great", language="de").json()["results"]
    assert trusted["abstained"] is False


def test_nothing_is_kept_or_told(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    before = clients.dynamodb().scan(TableName=TABLE)["Items"]
    capsys.readouterr()
    ask(api, "Jane Doe is great.", "Jane" * 9_000)
    told = capsys.readouterr()
    assert "Jane" not in told.out + told.err
    assert clients.dynamodb().scan(TableName=TABLE)["Items"] == before


def test_the_same_text_is_answered_in_the_same_way_whatever_is_beside_it(api: Api) -> None:
    (alone,) = ask(api, "Great lamp.").json()["results"]
    first, second = ask(api, "Awful.", "Great lamp.").json()["results"]
    assert second == alone | {"index": 1}
    assert first["label"] == "negative"


def test_another_model_gives_other_answers(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    (before,) = ask(api, "Great lamp.").json()["results"]
    monkeypatch.setattr("tests.functions.feedback.fakes.GOOD", GOOD - {"great"})
    (after,) = ask(api, "Great lamp.").json()["results"]
    assert (before["label"], after["label"]) == ("positive", "neutral")


@pytest.mark.parametrize("error", [FileNotFoundError("sentiment"), ValueError("damaged")])
def test_without_a_model_it_is_a_503_while_what_needs_none_goes_on(api: Api, error: Exception) -> None:
    def missing(_: object) -> Any:
        raise error

    kept = {"feedback": [{"feedback_id": "f1", "source": "review", "text": "Great."}]}
    assert api.server.post("/v1/feedback", kept).status == 200
    whole = api.apps["feedback"].analysts
    broken = Analysts(missing)
    api.apps["feedback"].analysts = lambda: broken
    try:
        new = {"feedback": [{"feedback_id": "f2", "source": "review", "text": "Bad."}]}
        for reply in (ask(api, "Great."), api.server.post("/v1/feedback", new)):
            assert (reply.status, reply.headers["retry-after"]) == (503, "60")
            assert reply.headers["content-type"] == "application/problem+json"
        assert api.server.post("/v1/feedback", kept).json()["known"] == 1
        assert [each["feedback_id"] for each in api.server.get("/v1/feedback").json()["feedback"]] == ["f1"]
        assert api.server.get("/v1/feedback/summary").status == 200
    finally:
        api.apps["feedback"].analysts = whole
    assert api.server.post("/v1/feedback", new).json()["accepted"] == 1
