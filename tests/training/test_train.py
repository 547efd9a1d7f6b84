"""Training end to end on small shops."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.domain.events import Event
from shared.domain.filters import parse
from shared.domain.items import Item
from shared.domain.money import Money
from shared.domain.vocabulary import EventName
from shared.inference.card import (
    BUY_AGAIN,
    CARD,
    FACETS,
    FOR_YOU,
    SURFACES,
    VOCABULARY,
    Card,
    MatrixRecipe,
    QueryPolicy,
    Recipe,
)
from shared.inference.facets import Facets
from shared.inference.scorer import Scorer
from tests.training.shops import catalogue, order, shuffled, two_tastes
from training.errors import NotEnoughData
from training.train import Artefact, train

CREATED = datetime(2026, 6, 1, tzinfo=UTC)


def trained(
    events: list[Event],
    champion: Card | None = None,
    created: datetime = CREATED,
    champion_problem: str | None = None,
) -> Artefact:
    return train(
        events, catalogue(events), champion, lambda _: None, created=created, champion_problem=champion_problem
    )


def due(artefact: Artefact) -> Card:
    """The card of a champion whose recipe is to be searched again."""
    return artefact.card.model_copy(update={"searched": None})


@pytest.fixture(scope="module")
def artefact() -> Artefact:
    return trained(two_tastes())


def test_a_model_that_learns_the_tastes_serves(artefact: Artefact) -> None:
    surface = artefact.card.surfaces[FOR_YOU]
    assert surface.serve == "model"
    assert surface.metrics["model"].ndcg_at_10 > 1.3 * surface.metrics["popularity in hindsight"].ndcg_at_10


def test_what_cannot_be_tested_serves_popularity(artefact: Artefact) -> None:
    again = artefact.card.surfaces[BUY_AGAIN]
    assert (again.serve, again.tested) == ("popularity", 0)
    assert "could be tested on 0 customers" in again.reason


def test_the_artefact_loads_and_recommends_within_a_taste(artefact: Artefact) -> None:
    found = Scorer.load(artefact.files).score([("red-00", 0.5), ("red-01", 0.5)], ["red-00", "red-01"], 5)
    assert len(found) == 5
    assert all(scored.item_id.startswith("red") for scored in found)


def test_the_card_among_the_files_is_the_artefacts_own(artefact: Artefact) -> None:
    assert Card.model_validate_json(artefact.files[CARD]) == artefact.card
    assert artefact.model_id == artefact.card.model_id
    assert artefact.card.window.customers == 80
    assert {"collect", "final: fit", "verify"} <= set(artefact.card.phases)


def test_order_repetition_and_the_clock_do_not_change_the_model(artefact: Artefact) -> None:
    again = trained(shuffled(two_tastes() * 2), created=CREATED + timedelta(days=1))
    assert again.model_id == artefact.model_id
    assert {name: again.files[name] for name in artefact.card.files} == {
        name: artefact.files[name] for name in artefact.card.files
    }


def test_the_facets_are_of_all_items_the_most_popular_first_and_do_not_name_the_model() -> None:
    events = two_tastes()
    items = [*catalogue(events), Item(item_id="unsold", title="Unsold", category="new")]
    dearer = [each.model_copy(update={"price": Money(amount=Decimal(9), currency="EUR")}) for each in items]
    found = train(events, dearer, None, lambda _: None, created=CREATED)
    facets, vocabulary = Facets.load(found.files[FACETS]), json.loads(found.files[VOCABULARY])
    liked = max(zip(vocabulary["priors"][FOR_YOU], vocabulary["items"], strict=True), key=lambda pair: pair[0])[1]
    assert facets.passing(parse("price = 9"), "price")[0] == liked
    assert facets.passing(parse('category = "new"'), "category") == ["unsold"]
    assert found.card.files[FACETS].bytes == len(found.files[FACETS])
    assert found.model_id == train(events, items, None, lambda _: None, created=CREATED).model_id


def test_of_too_many_items_there_are_no_facets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.artefact.MOST_FACETS", 2)
    few = [order("user:a", n, n, f"item-{n}") for n in range(2)]
    assert FACETS in trained(few).files
    assert FACETS not in trained([*few, order("user:a", 3, 3, "item-3")]).files


def test_the_card_says_whose_data_it_is_and_under_which_licences_it_was_made(artefact: Artefact) -> None:
    assert "own events" in artefact.card.licences["data"]
    assert set(artefact.card.licences) - {"data"} == set(artefact.card.versions) - {"python"}
    assert artefact.card.licences["onnxruntime"].startswith("MIT")
    assert "BSD" in artefact.card.licences["numpy"]


def test_other_data_make_another_model(artefact: Artefact) -> None:
    assert trained(two_tastes(seed=8)).model_id != artefact.model_id


def test_items_that_the_catalogue_hides_are_not_tested_on() -> None:
    events = two_tastes()
    hidden = [item.model_copy(update={"stock": 0}) for item in catalogue(events)]
    found = train(events, hidden, None, lambda _: None, created=CREATED)
    assert {surface.serve for surface in found.card.surfaces.values()} == {"popularity"}


def test_the_champions_recipe_is_kept_where_the_challenger_is_shown_worse(
    artefact: Artefact, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor = Recipe(query=QueryPolicy(prior=50.0), matrix=MatrixRecipe(ridge=1e9))
    monkeypatch.setattr("training.contest.tune", lambda *_: poor)
    found = trained(two_tastes(), champion=due(artefact))
    assert found.card.recipe.query == artefact.card.recipe.query
    assert found.card.recipe.matrix == artefact.card.recipe.matrix
    assert (found.card.recipe_from, found.card.champion) == ("champion", artefact.model_id)
    assert found.card.surfaces[FOR_YOU].serve == "model"
    interval = found.card.surfaces[FOR_YOU].ratio_to_champion
    assert interval is not None
    assert interval.high < 0.98


def test_a_champion_that_cannot_be_fitted_any_more_is_no_rival_and_the_card_says_so(
    artefact: Artefact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.gate.MOST_DENSE", 79)
    dense = artefact.card.recipe.model_copy(update={"matrix": MatrixRecipe(dense=True)})
    champion = due(artefact).model_copy(update={"recipe": dense})
    found = trained(two_tastes(), champion=champion).card
    assert "80 now" in str(found.champion_problem)
    assert found.surfaces[FOR_YOU].ratio_to_champion is None
    assert (found.champion, found.recipe_from) == (artefact.model_id, "challenger")
    monkeypatch.setattr("training.gate.MOST_DENSE", 80)
    found = trained(two_tastes(), champion=champion).card
    assert found.champion_problem is None
    assert found.surfaces[FOR_YOU].ratio_to_champion is not None


def test_an_equal_challenger_takes_over(artefact: Artefact) -> None:
    found = trained(two_tastes(), champion=due(artefact))
    assert found.card.recipe_from == "challenger"
    assert found.card.surfaces[FOR_YOU].ratio_to_champion is not None


@pytest.mark.parametrize("days", [1, 12])
def test_a_tiny_shop_gets_a_model_that_serves_popularity(days: int) -> None:
    events = [order(f"user:{n % 9}", n, n * days / 120, f"item-{n % 5}", f"item-{n % 3}") for n in range(120)]
    found = trained(events)
    assert {surface.serve for surface in found.card.surfaces.values()} == {"popularity"}
    assert all(found.card.surfaces[surface].reason for surface in SURFACES)
    assert Scorer.load(found.files).popular(3) == ["item-0", "item-1", "item-2"]


def test_one_event_is_enough_for_an_artefact() -> None:
    scorer = Scorer.load(trained([order("user:a", 1, 1, "x")]).files)
    assert scorer.popular(5) == ["x"]


@pytest.mark.parametrize("events", [[], [order("user:a", 1, 1)], [order("user:a", 1, 1, "x", name="Song Played")]])
def test_nothing_to_learn_from_is_said(events: list[Event]) -> None:
    with pytest.raises(NotEnoughData, match="nothing to learn from"):
        trained(events)


def test_a_shop_without_orders_learns_from_views() -> None:
    views = [event.model_copy(update={"name": EventName.PRODUCT_VIEWED}) for event in two_tastes()]
    assert trained(views).card.surfaces[FOR_YOU].serve == "model"


def test_what_is_reported_names_every_surface() -> None:
    said: list[str] = []
    train(two_tastes(customers=20), [], None, said.append, created=CREATED)
    assert all(any(line.startswith(surface) for line in said) for surface in SURFACES)


def test_the_vocabulary_is_in_row_order_with_a_prior_for_each_item(artefact: Artefact) -> None:
    vocabulary = json.loads(artefact.files[VOCABULARY])
    assert vocabulary["items"] == sorted(vocabulary["items"])
    assert {len(prior) for prior in vocabulary["priors"].values()} == {len(vocabulary["items"])}
