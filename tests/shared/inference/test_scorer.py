"""The scorer on a real, small artefact."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.inference.card import (
    BOUGHT_TOGETHER,
    CARD,
    CART,
    FOR_YOU,
    GRAPH,
    SIMILAR,
    VOCABULARY,
    Card,
    FileInfo,
)
from shared.inference.scorer import BadArtefact, Scorer
from tests.functions.recommend.artefact import artefact
from tests.training.shops import two_tastes
from tests.training.test_train import trained

QUERY = [("red-00", 0.6), ("red-01", 0.4)]


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return trained(two_tastes()).files


@pytest.fixture(scope="module")
def scorer(files: dict[str, bytes]) -> Scorer:
    return Scorer.load(files)


@pytest.mark.parametrize("surface", [FOR_YOU, SIMILAR, BOUGHT_TOGETHER, CART])
def test_a_score_is_its_prior_and_its_contributions(scorer: Scorer, surface: str) -> None:
    found = scorer.score(QUERY, [], 20, surface)
    assert found
    for scored in found:
        total = scored.prior + sum(value for _, value in scored.contributions)
        assert scored.score == pytest.approx(total, abs=1e-6)
        sizes = [abs(value) for _, value in scored.contributions]
        assert sizes == sorted(sizes, reverse=True)
        assert 0 not in sizes


def test_scores_fall_and_stay_above_zero(scorer: Scorer) -> None:
    scores = [scored.score for scored in scorer.score(QUERY, [], 100)]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0


def test_nothing_excluded_comes_back_and_more_is_the_same_list_longer(scorer: Scorer) -> None:
    exclude = ["red-00", "red-01", "no-such-item"]
    few, many = scorer.score(QUERY, exclude, 3), scorer.score(QUERY, exclude, 30)
    assert [scored.item_id for scored in many][:3] == [scored.item_id for scored in few]
    assert not {scored.item_id for scored in many} & set(exclude)


@pytest.mark.parametrize("k", [1, 14, 56, 127, 224, 400])
def test_of_equal_scores_more_is_the_same_list_longer_too(k: int) -> None:
    """A list is read in parts: an item must not be in two of them, nor in none."""
    items = [f"item-{n:03d}" for n in range(500)]
    scorer = Scorer.load(artefact(items, {items[0]: {each: 5 + n % 4 // 3 for n, each in enumerate(items[1:])}}))
    longest = [each.item_id for each in scorer.score([(items[0], 1.0)], items[:1], 499)]
    assert len(set(longest)) == 499
    assert [each.item_id for each in scorer.score([(items[0], 1.0)], items[:1], k)] == longest[:k]


def test_the_surfaces_ask_different_tables(scorer: Scorer) -> None:
    one = [("blue-03", 1.0)]
    taste, company, baskets = (
        {s.item_id: s.contributions for s in scorer.score(one, [], 40, on)}
        for on in (FOR_YOU, SIMILAR, BOUGHT_TOGETHER)
    )
    assert taste != company
    assert company != baskets
    assert taste != baskets


some_items = st.lists(st.sampled_from([*(f"{c}-{n:02}" for c in ("red", "blue") for n in range(40)), "unknown"]))


@given(
    query=st.lists(st.tuples(some_items.map(lambda items: (items or ["red-00"])[0]), st.floats(-0.3, 1.0)), max_size=5),
    exclude=some_items,
    only=some_items,
    k=st.integers(1, 90),
    surface=st.sampled_from([FOR_YOU, SIMILAR, BOUGHT_TOGETHER, CART]),
)
def test_only_some_is_all_of_them_in_the_ranking_of_everything(
    scorer: Scorer, query: list[tuple[str, float]], exclude: list[str], only: list[str], k: int, surface: str
) -> None:
    everything = scorer.score(query, exclude, 80, surface)
    expected = [each for each in everything if each.item_id in only]
    assert scorer.score(query, exclude, k, surface, only) == expected[:k]


def test_what_speaks_against_items_lowers_what_is_like_them(scorer: Scorer) -> None:
    def scores(query: list[tuple[str, float]]) -> dict[str, float]:
        return {each.item_id: each.score for each in scorer.score(query, [], 80)}

    both, without = scores([("red-00", 1.0), ("red-01", -0.5)]), scores([("red-00", 1.0)])
    near = [each.item_id for each in scorer.score([("red-01", 1.0)], ["red-00", "red-01"], 3)]
    assert all(both.get(item, 0.0) < without[item] for item in near)


def test_unknown_items_of_a_query_are_ignored(scorer: Scorer) -> None:
    assert scorer.score([("no-such-item", 5.0), *QUERY], [], 5) == scorer.score(QUERY, [], 5)


@pytest.mark.parametrize("query", [[], [("no-such-item", 1.0)]])
def test_a_query_of_nothing_known_gives_nothing(scorer: Scorer, query: list[tuple[str, float]]) -> None:
    assert scorer.score(query, [], 5) == []


def test_asking_for_none_or_for_more_than_there_is(scorer: Scorer) -> None:
    assert scorer.score(QUERY, [], 0) == []
    assert len(scorer.score(QUERY, [], 10_000)) <= 80


def test_popular_items_skip_the_excluded_and_keep_their_order(scorer: Scorer) -> None:
    first, *rest = scorer.popular(5)
    assert scorer.popular(4, [first]) == rest


def test_it_knows_its_items(scorer: Scorer) -> None:
    assert "red-00" in scorer
    assert "no-such-item" not in scorer


@pytest.mark.parametrize("name", [GRAPH, VOCABULARY])
def test_a_damaged_file_is_refused(files: dict[str, bytes], name: str) -> None:
    with pytest.raises(BadArtefact, match=name):
        Scorer.load(files | {name: files[name] + b" "})


@pytest.mark.parametrize("name", [GRAPH, VOCABULARY, CARD])
def test_a_missing_file_is_refused(files: dict[str, bytes], name: str) -> None:
    with pytest.raises(BadArtefact, match=name):
        Scorer.load({other: data for other, data in files.items() if other != name})


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff not json"])
@pytest.mark.parametrize("name", [GRAPH, VOCABULARY])
def test_a_file_that_is_no_model_is_refused_even_when_the_card_vouches_for_it(
    files: dict[str, bytes], name: str, data: bytes
) -> None:
    with pytest.raises(BadArtefact):
        Scorer.load(vouched(files, name, data))


def vouched(files: dict[str, bytes], name: str, data: bytes) -> dict[str, bytes]:
    """The files with another one, and a card that stands by it."""
    card = Card.model_validate_json(files[CARD])
    infos = card.files | {name: FileInfo(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())}
    return files | {name: data, CARD: card.model_copy(update={"files": infos}).model_dump_json().encode()}


def test_how_often_items_are_ordered_is_known_of_each_or_of_none(files: dict[str, bytes]) -> None:
    assert Scorer.load(files).staple("red-00") == 1.0
    content = json.loads(files[VOCABULARY])
    often = [2.5, *[0.5] * (len(content["items"]) - 1)]
    told = Scorer.load(vouched(files, VOCABULARY, json.dumps(content | {"staples": often}).encode()))
    assert [told.staple(item) for item in (*content["items"][:2], "no-such-item")] == [2.5, 0.5, 1.0]
    with pytest.raises(BadArtefact, match="how often"):
        Scorer.load(vouched(files, VOCABULARY, json.dumps(content | {"staples": often[1:]}).encode()))


def test_what_a_later_release_has_written_into_the_vocabulary_is_passed_over(files: dict[str, bytes]) -> None:
    later = json.dumps(json.loads(files[VOCABULARY]) | {"tomorrow": [1]}).encode()
    assert Scorer.load(vouched(files, VOCABULARY, later)).score(QUERY, [], 5) == Scorer.load(files).score(QUERY, [], 5)


def test_a_card_that_does_not_vouch_for_the_graph_is_refused(files: dict[str, bytes]) -> None:
    card = Card.model_validate_json(files[CARD]).model_copy(update={"files": {}})
    with pytest.raises(BadArtefact, match="graph"):
        Scorer.load(files | {CARD: card.model_dump_json().encode()})
