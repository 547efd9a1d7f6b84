"""`regulars sentiment`, `evaluate-sentiment` and `models publish-sentiment`: what is typed, and what comes of it."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from infra import sentiment
from infra.cli import app as cli
from infra.cli import cards, opinions
from infra.cli.evaluation import NotPossibleError
from infra.cli.models import DamagedModelError
from infra.imports.files import SourceError
from shared.inference.sentiment.card import CARD, ENCODER, SentimentCard
from shared.inference.sentiment.published import load
from shared.stores import clients
from shared.stores.models import SENTIMENT, ModelStore
from shared.stores.table import Table
from tests.conftest import BUCKET, Keys
from tests.training.sentiment import tiny
from training.sentiment import encoders
from training.sentiment.train import train

TEXTS = [("Lovely coat, I wear it daily.", "positive"), ("It broke at once.", "negative"), ("Great value!", "positive")]
TEXTS += [("Awful smell, sent it back.", "negative"), ("The box holds two cables.", "neutral")]


@pytest.fixture(scope="module")
def carried() -> Path:
    return sentiment.folder()


def run(*arguments: str) -> Any:
    result = CliRunner().invoke(cli.app, [*arguments, "--json"])
    if result.exception:
        raise result.exception
    return json.loads(result.stdout)


def write(path: Path, rows: list[tuple[str, str]]) -> str:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("body", "mark"), *rows])
    return str(path)


def test_a_text_is_judged_on_this_machine() -> None:
    report = run("sentiment", "The zip broke.", "Lovely!")
    assert [each["label"] for each in report["results"]] == ["negative", "positive"]
    assert report["results"][0]["evidence"]


def test_a_person_sees_the_words_that_weighed() -> None:
    shown = CliRunner().invoke(cli.app, ["sentiment", "A [lovely] coat"]).stdout
    assert "positive" in shown or "neutral" in shown


def test_the_api_is_asked_where_that_is_wished(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.path, json.loads(request.content)))
        return httpx.Response(200, json={"model_id": "m", "results": [], "rejected": []})

    class Deployed:
        def api(self, _: str | None) -> httpx.Client:
            return httpx.Client(base_url="https://api.example", transport=httpx.MockTransport(answer))

    monkeypatch.setattr(opinions, "find", lambda *_: Deployed())
    assert run("sentiment", "ok", "--api", "--key", "sk_x")["model_id"] == "m"
    assert asked == [("/v1/sentiment", {"texts": ["ok"]})]


def test_three_labels_are_judged_by_the_label(tmp_path: Path) -> None:
    report = run("evaluate-sentiment", write(tmp_path / "a.csv", TEXTS), "--text", "body", "--label", "mark")
    assert (report["n"], report["classes"]) == (5, 3)
    assert set(report["methods"]) == {"regulars", "VADER", "TextBlob"}
    assert report["methods"]["regulars"]["accuracy"] >= 0.8
    for found in report["methods"].values():
        assert 0 <= found["calibration_error"] <= 1
        assert found["ms_a_text"] > 0


def test_wrong_labels_make_it_wrong(tmp_path: Path) -> None:
    """The figures follow the labels: with all of them turned round, what was right is wrong."""
    two = [(text, label) for text, label in TEXTS if label != "neutral"]
    turned = [(text, "positive" if label == "negative" else "negative") for text, label in two]
    right, wrong = (
        run(
            "evaluate-sentiment",
            write(tmp_path / f"{name}.csv", rows),
            "--text",
            "body",
            "--label",
            "mark",
            "--no-peers",
        )
        for name, rows in (("a", two), ("b", turned))
    )
    assert right["classes"] == 2
    assert list(right["methods"]) == ["regulars"]
    assert right["methods"]["regulars"]["accuracy"] == 1.0
    assert wrong["methods"]["regulars"]["accuracy"] == 0.0


def test_rows_without_text_or_label_are_counted(tmp_path: Path) -> None:
    rows = [*TEXTS, ("", "positive"), ("Nobody said", ""), (" ", "negative")]
    report = run(
        "evaluate-sentiment", write(tmp_path / "a.csv", rows), "--text", "body", "--label", "mark", "--no-peers"
    )
    assert report["left_out"] == {"without text or label": 3}


def test_a_limit_draws_the_same_texts_each_time_and_says_how_many_it_left_out(tmp_path: Path) -> None:
    order = ["evaluate-sentiment", write(tmp_path / "a.csv", TEXTS), "--text", "body", "--label", "mark", "--no-peers"]
    some, again, all_ = run(*order, "--limit", "3"), run(*order, "--limit", "3"), run(*order, "--limit", "9")
    assert (some["n"], some["left_out"], some["labels"]) == (3, {"not drawn": 2}, again["labels"])
    assert (all_["n"], all_["left_out"]) == (5, {})


def test_three_stars_are_left_out_or_neutral(tmp_path: Path) -> None:
    rows = [("Lovely", "5"), ("Fine coat, odd smell", "3"), ("Awful", "1"), ("Good", "4"), ("Bad", "2")]
    order = ["evaluate-sentiment", write(tmp_path / "a.csv", rows), "--text", "body", "--label", "mark", "--no-peers"]
    left, neutral = run(*order), run(*order, "--three-stars-neutral")
    assert left["labels"] == {"negative": 2, "positive": 2}
    assert left["left_out"] == {"label 3": 1}
    assert neutral["labels"] == {"negative": 2, "neutral": 1, "positive": 2}


def test_what_is_not_understood_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [("Lovely", "joy"), ("Awful", "anger")])
    with pytest.raises(NotPossibleError, match="'anger', 'joy'"):
        run("evaluate-sentiment", path, "--text", "body", "--label", "mark")
    with pytest.raises(SourceError, match="no column 'words'; it has body, mark"):
        run("evaluate-sentiment", path, "--text", "words", "--label", "mark")
    meanings = ["--map", "joy=positive", "--map", "anger=negative"]
    assert run("evaluate-sentiment", path, "--text", "body", "--label", "mark", *meanings)["n"] == 2


def test_texts_in_another_language_are_counted_and_reported_apart(tmp_path: Path) -> None:
    rows = [*TEXTS[:4], ("Die Farbe ist schön, aber leider ist der Reissverschluss sofort kaputt gegangen", "negative")]
    path = write(tmp_path / "a.csv", rows)
    order = ["evaluate-sentiment", path, "--text", "body", "--label", "mark"]
    report = run(*order)
    assert (report["n"], report["languages"]) == (5, {"en": 4, "de": 1})
    assert report["another_language"]["n"] == 1
    assert set(report["another_language"]["methods"]) == set(report["methods"])
    whole, apart = (each["methods"]["regulars"]["accuracy"] for each in (report, report["another_language"]))
    assert whole == (4 + apart) / 5
    assert "1 seem to be in a language" in " ".join(CliRunner().invoke(cli.app, order).stdout.split())
    english = run("evaluate-sentiment", write(tmp_path / "b.csv", TEXTS[:4]), *order[2:])
    assert english["another_language"] is None


def test_a_person_sees_a_table(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", TEXTS)
    shown = CliRunner().invoke(cli.app, ["evaluate-sentiment", path, "--text", "body", "--label", "mark"]).stdout
    assert "regulars" in shown
    assert "VADER" in shown


class Deployed:
    def __init__(self, models: ModelStore) -> None:
        self.sentiment_models = models


@pytest.fixture
def shelf(table: Table, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    assert keys
    models = ModelStore(table, clients.s3(), BUCKET, SENTIMENT)
    monkeypatch.setattr(cards, "find", lambda *_: Deployed(models))
    return models


def test_the_carried_model_is_published_like_any_other(shelf: ModelStore, carried: Path) -> None:
    published = run("models", "publish-sentiment")["model_id"]
    card = SentimentCard.model_validate_json((carried / CARD).read_bytes())
    assert published == card.model_id == shelf.champion()
    assert set(shelf.files(published)) == {*card.files, CARD}
    assert run("models", "publish-sentiment")["model_id"] == published


def test_a_model_of_ones_own_speaks_once_it_is_published(shelf: ModelStore, carried: Path, tmp_path: Path) -> None:
    encoder = tiny.folder(tmp_path / "encoder", tiny.vocabulary())
    train(tiny.texts(), encoder, encoders.published(), languages=("en", "de"), least_texts=2).write(
        tmp_path / "own", whole=True
    )
    own = run("models", "publish-sentiment", str(tmp_path / "own"))["model_id"]
    assert load(carried, shelf).model_id == own
    assert load(carried, shelf).card.languages == ("en", "de")
    back = run("models", "publish-sentiment")["model_id"]
    assert load(carried, shelf).model_id == back != own


def test_a_damaged_model_is_not_published(shelf: ModelStore, carried: Path, tmp_path: Path) -> None:
    shutil.copytree(carried, tmp_path / "damaged")
    (tmp_path / "damaged" / ENCODER).write_bytes(b"no graph")
    with pytest.raises(DamagedModelError, match=ENCODER):
        run("models", "publish-sentiment", str(tmp_path / "damaged"))
    assert shelf.champion() is None


def test_models_of_other_kinds_stay_what_they_are(shelf: ModelStore, table: Table) -> None:
    ranking = ModelStore(table, clients.s3(), BUCKET)
    ranking.publish("m1", {"card.json": b"{}"}, "")
    ranking.promote("m1", None)
    run("models", "publish-sentiment")
    assert ranking.champion() == "m1"
    assert [each.model_id for each in ranking.versions()] == ["m1"]
    assert len(list(shelf.versions())) == 1


def test_a_text_is_read_and_refused_as_the_api_does() -> None:
    told = run("sentiment", "<p>aw<b>ful</b> lamp</p>", "\u200b", "Lovely lamp.")
    assert [(each["index"], each["label"]) for each in told["results"]] == [(0, "negative"), (2, "positive")]
    assert told["results"][0]["text"] == "awful lamp"
    assert told["rejected"] == [{"index": 1, "field": "texts", "message": "has nothing to read in it"}]
