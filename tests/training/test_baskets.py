"""Bought together: from orders alone, with a table, a prior and a gate of its own."""

import numpy as np
import pytest

from shared.domain.events import Event
from shared.domain.vocabulary import EventName
from shared.inference.card import (
    BASKETS,
    BOUGHT_TOGETHER,
    CARD,
    CART,
    SIMILAR,
    SURFACES,
    Card,
    CartPolicy,
    MatrixRecipe,
    Recipe,
    SurfaceCard,
)
from shared.inference.scorer import BadArtefact, Scorer
from tests.training.shops import OPENED, kits, order, two_tastes
from tests.training.test_train import trained
from training.baskets import RARITY, basket_weights
from training.contest import Outcome
from training.evaluate import Bench
from training.interactions import collect
from training.matrix import BASKETS as BASKET_TABLE
from training.matrix import TOGETHER, Draft, blend, fit_parts, width_of
from training.orders import half_carts
from training.split import SECONDS_A_DAY, split, windows
from training.train import Artefact


def test_pairs_of_one_order_count_and_those_of_small_orders_most() -> None:
    events = [
        order("user:a", 1, 1, "x", "y"),
        order("user:a", 2, 2, "x", "y", "z"),
        order("user:a", 3, 2.1, "v", "w", name=EventName.PRODUCT_VIEWED),
        order("user:a", 4, 3, "v"),
    ]
    view = collect(events)
    found = basket_weights(view, np.arange(len(view.items), dtype=np.int32)).toarray()
    v, w, x, y, z = range(5)
    assert not found[[v, w]].any()
    assert not found[:, [v, w]].any()
    two, three = 2**-0.5, 3**-0.5
    counts = {x: 2**-0.25 + 3**-0.25, y: 2**-0.25 + 3**-0.25, z: 3**-0.25}
    assert found[x, y] == pytest.approx((two + three) / (counts[x] ** (1 - RARITY) * counts[y] ** RARITY), rel=1e-5)
    assert found[x, z] == pytest.approx(three / (counts[x] ** (1 - RARITY) * counts[z] ** RARITY), rel=1e-5)
    assert found[x, y] > found[x, z]


@pytest.fixture(scope="module")
def artefact() -> Artefact:
    return trained(kits())


def shown(scorer: Scorer, surface: str) -> list[str]:
    return [one.item_id for one in scorer.score([("camera-03", 1.0)], ["camera-03"], 3, surface)]


def test_beside_a_camera_stand_others_and_with_it_goes_its_card(artefact: Artefact) -> None:
    scorer = Scorer.load(artefact.files)
    assert {item[:7] for item in shown(scorer, BOUGHT_TOGETHER)} == {"card-03"}
    assert {item[:6] for item in shown(scorer, SIMILAR)} == {"camera"}


def test_the_gate_judges_it_on_its_own(artefact: Artefact) -> None:
    card = artefact.card.surfaces[BOUGHT_TOGETHER]
    assert (card.serve, card.tested > 20) == ("model", True)
    assert card.metrics["model"].ndcg_at_10 > 1.1 * card.metrics["by similar"].ndcg_at_10
    assert card.metrics["model"] != artefact.card.surfaces[SIMILAR].metrics["model"]


def test_without_its_table_the_same_question_is_answered_worse() -> None:
    """The component broken: what goes together in all events, in place of what goes together in orders."""
    view = collect(kits())
    times = windows(view)
    assert times is not None
    cut = split(view, times.test_from, times.end, np.ones(len(view.items), dtype=np.bool_))
    bench = Bench(cut, len(view.items))
    draft = Draft(fit_parts(cut.past, cut.cut, MatrixRecipe()), 0.0)
    own, other = (bench.bought_together(draft, 0.0, table).score for table in (BASKET_TABLE, TOGETHER))
    assert own > 1.1 * other
    kept = Draft(fit_parts(cut.past, cut.cut, MatrixRecipe()), 0.0)
    kept._tables[BASKET_TABLE] = kept._tables[TOGETHER]
    assert bench.bought_together(kept, 0.0).score == other


def alone(events: list[Event]) -> list[Event]:
    """The same shop where every order is of one item."""
    return [event.model_copy(update={"items": event.items[:1]}) for event in events]


def test_a_shop_of_single_items_has_no_table_and_says_so() -> None:
    found = trained(alone(two_tastes()))
    assert BASKETS not in found.files
    for surface in (BOUGHT_TOGETHER, CART):
        decision = found.card.surfaces[surface]
        assert (decision.serve, "has two items" in decision.reason) == ("popularity", True)
    scorer = Scorer.load(found.files)
    assert scorer.score([("red-00", 1.0)], [], 3, SIMILAR)


def test_a_shop_of_views_alone_has_no_table() -> None:
    views = [event.model_copy(update={"name": EventName.PRODUCT_VIEWED}) for event in two_tastes(customers=40)]
    assert BASKETS not in trained(views).files


def test_half_of_an_order_is_asked_with_and_the_rest_is_wanted() -> None:
    events = [
        order("user:a", 1, 11, *"abcdefg"),
        order("user:a", 2, 12, *"abc"),
        order("user:b", 3, 13, "a", "b"),
        order("user:b", 4, 14, *"abc", "fuel"),
    ]
    view = collect(events)
    day_10 = OPENED.timestamp() + 10 * SECONDS_A_DAY
    carts = half_carts(split(view, day_10, day_10 + 30 * SECONDS_A_DAY, ~np.isin(view.items, ["fuel"])))
    assert carts.asked.sum(axis=1).ravel().tolist() == [[3, 2, 2]]
    assert carts.targets.sum(axis=1).ravel().tolist() == [[4, 1, 1]]
    assert carts.asked.multiply(carts.targets).nnz == 0
    assert carts.targets.toarray()[:, view.items.index("fuel")].sum() == 0
    assert carts.skipped == 1


def test_three_tables_fit_into_the_file_of_a_large_shop() -> None:
    items, recipe = 86_000, MatrixRecipe()
    weights = items * (2 * width_of(recipe, items) + 16) * 5
    assert weights + 3 * items * 4 < 45e6


def with_card(artefact: Artefact, **changes: object) -> dict[str, bytes]:
    return artefact.files | {CARD: artefact.card.model_copy(update=changes).model_dump_json().encode()}


def test_a_card_that_promises_a_table_which_is_not_there_is_refused(artefact: Artefact) -> None:
    files = {name: data for name, data in artefact.card.files.items() if name != BASKETS}
    with pytest.raises(BadArtefact, match="promises a table for bought-together"):
        Scorer.load(with_card(artefact, files=files))
    with pytest.raises(BadArtefact, match=BASKETS):
        Scorer.load({name: data for name, data in artefact.files.items() if name != BASKETS})
    with pytest.raises(BadArtefact, match=BASKETS):
        Scorer.load(artefact.files | {BASKETS: artefact.files[BASKETS][:-1] + b"?"})


def test_a_model_from_before_there_were_baskets_loads_and_serves(artefact: Artefact) -> None:
    old = {"for-you", "buy-again", "similar"}
    surfaces = {name: each for name, each in artefact.card.surfaces.items() if name in old}
    files = {name: each for name, each in artefact.card.files.items() if name != BASKETS}
    scorer = Scorer.load(with_card(artefact, files=files, surfaces=surfaces))
    assert scorer.score([("camera-03", 1.0)], [], 5, SIMILAR) == Scorer.load(artefact.files).score(
        [("camera-03", 1.0)], [], 5, SIMILAR
    )


def test_a_champion_from_before_there_were_baskets_can_be_challenged(artefact: Artefact) -> None:
    content = artefact.card.model_dump(mode="json")
    for part in ("bought_together", "cart"):
        del content["recipe"][part]
    content["surfaces"] = {on: each for on, each in content["surfaces"].items() if on == SIMILAR}
    content["recipe"]["popular_days"] = dict.fromkeys(SURFACES[:3], 30.0)
    found = trained(kits(), champion=Card.model_validate(content))
    assert found.card.surfaces[BOUGHT_TOGETHER].ratio_to_champion is not None
    assert (found.card.recipe_from, found.card.champion) == ("challenger", artefact.model_id)


def test_the_cart_is_asked_of_the_table_that_the_recipe_names(artefact: Artefact) -> None:
    def served(table: str) -> list[str]:
        policy = CartPolicy.model_validate({"table": table, "prior": 0.0})
        recipe = artefact.card.recipe.model_copy(update={"cart": policy})
        scorer = Scorer.load(with_card(artefact, recipe=recipe))
        return [one.item_id for one in scorer.score([("camera-03", 1.0)], ["camera-03"], 5, CART)]

    assert served(BOUGHT_TOGETHER) != served(SIMILAR)
    assert served(BOUGHT_TOGETHER)[0].startswith("card-03")


def test_the_final_matrix_keeps_only_the_promises_that_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that was judged, and that the final fit has nothing for, is not promised."""
    monkeypatch.setattr("training.matrix._baskets", lambda _: None)
    monkeypatch.setattr(
        "training.train.hold",
        lambda *_: Outcome(
            Recipe(), False, dict.fromkeys(SURFACES, SurfaceCard(serve="model", reason="It was better."))
        ),
    )
    found = trained(two_tastes(customers=20))
    serves = {surface: decision.serve for surface, decision in found.card.surfaces.items()}
    assert (serves[BOUGHT_TOGETHER], serves[CART], serves[SIMILAR]) == ("popularity", "popularity", "model")
    Scorer.load(found.files)


def test_int8_keeps_what_was_fitted() -> None:
    view = collect(kits())
    parts = fit_parts(view, float(view.event_time.max()) + 1, MatrixRecipe())
    served, fitted = blend(parts, MatrixRecipe()).sparse(BASKET_TABLE).toarray(), parts.baskets.toarray()
    np.testing.assert_allclose(served, fitted, atol=fitted.max() / 127)
