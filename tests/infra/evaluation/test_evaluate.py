"""The whole evaluation, on a log with a known answer: what is measured is the exported model, and it is repeatable."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from typer.testing import CliRunner

from infra.cli import app as cli
from infra.evaluation import evaluate as evaluation
from infra.evaluation import measures
from infra.evaluation.evaluate import PEERS, Order, evaluate
from infra.evaluation.measures import Run, judged, run
from infra.evaluation.peers import Ease, Popularity, Vsknn, closed_form, gram, largest
from infra.evaluation.protocols import Cases, parse
from infra.evaluation.regulars import Regulars, Served
from infra.evaluation.report import Report
from infra.imports.files import SourceError
from shared.inference.scorer import BadArtefact
from tests.infra.evaluation.logs import DAY, cut, ring, view_of, written
from training.metrics import Ranking


def here(recommender: Any, cases: Cases, validation: Cases | None) -> Run:
    """The run in this process, so that a test need not start others."""
    return run(recommender, cases, validation)


def order(path: Path, protocol: str = "last-item", **options: Any) -> Order:
    repeat = options.get("repeat", False)
    return Order(path, parse(protocol, repeat), **options)


def quiet(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def ringed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ring(tmp_path_factory.mktemp("ring"))


@pytest.fixture(scope="module")
def report(ringed: Path) -> Report:
    return evaluate(order(ringed), quiet, here)


def test_what_follows_is_found_where_popularity_knows_nothing(report: Report) -> None:
    assert report.models["regulars"].ndcg_at_10 > 0.95
    assert report.models["popularity"].ndcg_at_10 < 0.1
    times = report.ratios["popularity"]
    assert times.ndcg is not None
    assert times.low is not None
    assert times.low <= times.ndcg
    assert times.low > 5


def test_a_model_whose_items_are_shuffled_is_seen_to_be_bad(ringed: Path) -> None:
    cases = cut(ringed, "last-item")
    served = Regulars().fit(cases, Regulars().choose(None))
    good = judged(served.rank(cases.who), cases).score
    order_of = np.random.default_rng(1).permutation(len(served._scorer._items))
    served._scorer._items = [served._scorer._items[place] for place in order_of]
    assert judged(served.rank(cases.who), cases).score < 0.1 * good


def test_a_graph_that_is_not_the_cards_is_not_evaluated(ringed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = Served.__init__

    def tampered(self: Served, files: dict[str, bytes], cases: Cases) -> None:
        loaded(self, files | {"graph.onnx": files["graph.onnx"][:-1] + b"?"}, cases)

    monkeypatch.setattr(Served, "__init__", tampered)
    with pytest.raises(BadArtefact, match=r"graph\.onnx is not the file"):
        Regulars().fit(cut(ringed, "last-item"), Regulars().choose(None))


def test_nothing_hidden_or_unknown_is_shown_and_nothing_twice(ringed: Path) -> None:
    cases = cut(ringed, "last-item")
    for recommender in (Regulars(), Popularity(), Ease(), Vsknn()):
        ranking = recommender.fit(cases, recommender.choose(None)).rank(cases.who)
        assert ranking.shape == (len(cases.who), measures.SHOWN)
        for customer, shown in zip(cases.who, ranking, strict=True):
            real = shown[shown >= 0]
            assert len(set(real.tolist())) == len(real)
            assert not set(real.tolist()) & set(cases.hidden[customer].indices.tolist())
            assert set(real.tolist()) <= set(cases.known.tolist())


@pytest.mark.parametrize("protocol", ["next-days:30", "sessions", "strong"])
def test_every_protocol_gives_a_report(tmp_path: Path, protocol: str) -> None:
    found = evaluate(order(ring(tmp_path, gap=5 * DAY), protocol), quiet, here)
    assert found.asked.counts["cases"] > 10
    assert found.asked.validation
    assert set(found.models) == {"regulars", "popularity", "ease"}


def test_the_next_item_of_a_session_is_found(ringed: Path) -> None:
    found = evaluate(order(ringed, "sessions"), quiet, here)
    assert found.models["regulars"].ndcg_at_10 > 0.9
    assert found.models["popularity"].ndcg_at_10 < 0.2


def test_a_session_of_views_is_scored_as_one(tmp_path: Path) -> None:
    lines = ring(tmp_path).read_text().splitlines()[1:]
    path = written(tmp_path, *(f"{line},view" for line in lines), header="customer,item,timestamp,event")
    assert evaluate(order(path, "sessions"), quiet, here).models["regulars"].ndcg_at_10 > 0.9


def test_with_repeat_what_is_taken_every_week_is_found_again(tmp_path: Path) -> None:
    draw = np.random.default_rng(2)
    tastes = [draw.choice(100, 4, replace=False) for _ in range(60)]
    lines = [
        f"c{customer},i{item},{week * 7 * 86_400}"
        for week in range(12)
        for customer, taste in enumerate(tastes)
        for item in taste
    ]
    path = written(tmp_path, *lines)
    found = evaluate(order(path, "next-days:7", repeat=True), quiet, here)
    assert found.repeat
    assert found.models["regulars"].ndcg_at_10 > 0.95
    assert found.models["popularity"].ndcg_at_10 < 0.5


def test_revenue_recall_is_the_share_of_the_money_that_the_lists_name(tmp_path: Path) -> None:
    lines = [line.split(",") for line in ring(tmp_path).read_text().splitlines()[1:]]
    priced = [",".join((*line, "90" if line[1] == "i7" else "10")) for line in lines]
    path = written(tmp_path, *priced, header="customer,item,timestamp,price")
    asked = cut(path, "last-item")
    dear = np.array([90.0 if item.endswith(":i7") else 10.0 for item in asked.train.items])
    wanted = asked.targets[asked.who].indices
    without = np.where(np.char.endswith(np.array(asked.train.items)[wanted], ":i7"), -1, wanted)[:, None]
    named = measures.revenue_recall(without, asked, dear)
    times = int((without < 0).sum())
    assert times
    assert named == pytest.approx(1 - 90 * times / (90 * times + 10 * (len(wanted) - times)), abs=1e-6)
    assert measures.revenue_recall(without, asked, np.full(len(dear), np.nan)) is None
    found = evaluate(order(path), quiet, here)
    assert all(model.revenue_recall_at_20 is not None for model in found.models.values())
    assert (found.models["regulars"].revenue_recall_at_20 or 0) > 0.95
    assert "revenue" in CliRunner().invoke(cli.app, ["evaluate", str(path), "--protocol", "last-item"]).stdout


def test_again_gives_the_same_but_for_the_timings(ringed: Path, report: Report) -> None:
    assert evaluate(order(ringed), quiet, here).stable() == report.stable()
    assert "cpu_seconds" not in json.dumps(report.stable())
    other = evaluate(order(ringed, seed=1), quiet, here)
    assert other.stable() != report.stable()


def test_of_equal_scores_the_first_is_taken() -> None:
    scores = np.array([[0, 2, 1, 1, 1, 1], [5, 5, 5, 5, 5, 5]], dtype=np.float32)
    assert largest(scores, 3).tolist() == [[1, 2, 3], [0, 1, 2]]
    assert largest(scores, 9).tolist() == [[1, 2, 3, 4, 5, 0], [0, 1, 2, 3, 4, 5]]


def test_parameters_are_chosen_on_validation_and_not_on_the_test(ringed: Path) -> None:
    protocol = parse("last-item", repeat=False)
    cases, validation = evaluation.cut(protocol, view_of(ringed, protocol), 0)
    assert validation is not None
    untold = replace(cases, targets=cases.targets[::-1])
    for recommender in (Popularity, Ease, Vsknn, Regulars):
        chosen = recommender().choose(validation)
        assert run(recommender(), untold, validation).chosen == chosen


def test_ease_is_the_closed_form() -> None:
    """Steck 2019, by a general inverse in double precision, on more items than are copied at once."""
    draw = np.random.default_rng(4)
    taken = sp.csr_matrix((draw.random((900, 1_100)) < 0.02).astype(np.float32))
    inverse = np.linalg.inv((taken.T @ taken).toarray().astype(np.float64) + 20.0 * np.eye(1_100))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0.0)
    assert np.allclose(closed_form(gram(taken), 20.0), expected, atol=1e-5)


def test_ease_of_a_large_catalogue_is_of_its_most_popular_part(ringed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.evaluation.peers.DENSE_UP_TO", 50)
    monkeypatch.setattr("infra.evaluation.peers.DENSE_HEAD", 40)
    cases = cut(ringed, "last-item")
    fitted = Ease().fit(cases, {"penalty": 100.0})
    counts = np.bincount(cases.train.item, minlength=len(cases.train.items))
    shown: Ranking = fitted.rank(cases.who)
    assert len(np.unique(shown[shown >= 0])) <= 40
    assert counts[np.unique(shown[shown >= 0])].min() >= np.sort(counts)[-40]
    assert fitted.note == "on the 40 most popular items"


def test_with_peers_all_of_them_know_the_ring(ringed: Path) -> None:
    found = evaluate(order(ringed, peers=True), quiet, here)
    assert set(found.models) == {"regulars", "popularity", "ease", *PEERS}
    least = 3 * found.models["popularity"].ndcg_at_10
    assert [name for name, model in found.models.items() if name != "popularity" and model.ndcg_at_10 < least] == []
    assert evaluate(order(ringed, peers=True), quiet, here).stable() == found.stable()
    assert "implicit" in found.versions


@pytest.mark.parametrize("protocol", ["strong", "sessions"])
def test_peers_answer_strangers(ringed: Path, protocol: str) -> None:
    found = evaluate(order(ringed, protocol, peers=True), quiet, here)
    assert all(model.ndcg_at_10 > 0 for model in found.models.values())


def test_without_the_extra_peers_are_refused_before_any_work(ringed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "find_spec", lambda _: None)
    with pytest.raises(SourceError, match="uv sync --extra peers"):
        evaluate(order(ringed, peers=True), quiet, here)


def test_the_command_prints_one_json_object_from_processes_of_their_own(ringed: Path) -> None:
    arguments = ["evaluate", str(ringed), "--protocol", "last-item", "--json"]
    found = CliRunner().invoke(cli.app, arguments)
    assert found.exit_code == 0, found.output
    told = Report.model_validate_json(found.stdout)
    assert told.asked.counts["cases"] == 400
    for model in told.models.values():
        assert model.peak_memory_mb > 30
        assert model.model_bytes > 0
        assert 0 < model.inference_ms.p50 <= model.inference_ms.p99
    assert told.models["regulars"].cpu_seconds.fit > 0
    table = CliRunner().invoke(cli.app, arguments[:-1])
    assert "regulars" in table.stdout
    assert "revenue" not in table.stdout


def test_the_catalogue_is_counted(ringed: Path, tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    items.write_text("item_id,title\ni1,One\ni2,Two\nother,Other\n")
    found = evaluate(order(ringed, items=items), quiet, here)
    assert (found.data.catalogue_items, found.data.catalogue_in_log) == (3, 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--protocol", "random"], "is no protocol"),
        (["--protocol", "strong", "--repeat"], "--repeat goes with next-days:N only"),
    ],
)
def test_the_command_says_what_is_wrong_with_its_options(ringed: Path, arguments: list[str], said: str) -> None:
    found = CliRunner().invoke(cli.app, ["evaluate", str(ringed), *arguments])
    assert found.exit_code == 2
    assert said in found.output.replace("\n", " ")


def test_the_command_says_in_a_line_what_is_wrong_with_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "ann,a,1", "bob,b,2")
    monkeypatch.setattr("sys.argv", ["regulars", "evaluate", str(path), "--protocol", "last-item"])
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    assert "nothing that this protocol could ask" in capsys.readouterr().err.replace("\n", " ")
