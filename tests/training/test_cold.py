"""Cold items are ranked by what they are described as."""

from datetime import UTC, datetime

import pytest

from shared.domain.items import Item
from shared.inference.card import MatrixRecipe
from shared.inference.scorer import Scorer
from tests.training.shops import two_tastes
from training.cold import LIKENESS, kin, terms, with_cold
from training.interactions import collect
from training.matrix import TASTE, blend, fit_parts
from training.train import train

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NEW = [
    Item(item_id="new-red", title="A red thing", category="red"),
    Item(item_id="new-blue", title="A blue thing", category="blue"),
    Item(item_id="new-odd", title="Unheard of"),
    Item(item_id="new-gone", title="A red thing", category="red", stock=0),
]


def shop(new: list[Item]) -> list[Item]:
    names = sorted({item for event in two_tastes() for item in event.items})
    return [*(Item(item_id=name, title=name.replace("-", " "), category=name.split("-")[0]) for name in names), *new]


def test_a_cold_item_is_recommended_to_those_who_take_its_kin() -> None:
    found = Scorer.load(train(two_tastes(), shop(NEW), None, lambda _: None, created=NOW).files)
    liked = {scored.item_id: scored for scored in found.score([("red-00", 0.5), ("red-01", 0.5)], [], 82)}
    assert "new-red" in found
    assert "new-red" in liked
    assert "new-blue" not in liked or liked["new-blue"].score < 0.2 * liked["new-red"].score
    scored = liked["new-red"]
    assert scored.score == pytest.approx(scored.prior + sum(value for _, value in scored.contributions), abs=1e-6)


def test_what_is_like_nothing_or_out_of_stock_is_left_out() -> None:
    found = Scorer.load(train(two_tastes(), shop(NEW), None, lambda _: None, created=NOW).files)
    assert "new-odd" not in found
    assert "new-gone" not in found


def test_a_cold_column_is_its_kins_and_the_kin_itself_at_half_weight() -> None:
    view = collect(two_tastes())
    recipe = MatrixRecipe(covisits=0.0)
    parts = fit_parts(view, float(view.event_time.max()) + 1, recipe)
    twin = shop([])[0].model_copy(update={"item_id": "twin"})
    extended, grown = with_cold(view, parts, [shop([])[0], shop([])[50], twin], NOW)
    at = grown.rows.tolist().index(extended.items.index("twin"))
    kept = [row for row in range(len(grown.rows)) if row != at]
    same = parts.ridge.toarray()[:, 0]
    same[0] += LIKENESS
    assert grown.ridge.toarray()[kept, at] == pytest.approx(0.5 * same, abs=1e-6)
    assert grown.together.toarray()[kept, at] == pytest.approx(0.5 * parts.together.toarray()[:, 0], abs=1e-6)
    assert grown.ridge[at, at] == 0
    assert grown.ridge.toarray()[kept][:, kept] == pytest.approx(parts.ridge.toarray(), abs=1e-6)
    assert blend(grown, recipe).sparse(TASTE).shape == (81, 81)


def test_a_shop_where_all_is_warm_is_left_as_it_is() -> None:
    view = collect(two_tastes())
    parts = fit_parts(view, float(view.event_time.max()) + 1, MatrixRecipe())
    assert with_cold(view, parts, shop([]), NOW) == (view, parts)


def test_terms_that_everything_has_tell_nothing() -> None:
    described = [Item(item_id=str(n), title=f"fine {'mug' if n % 5 else 'lamp'}") for n in range(20)]
    matrix = terms(described)
    shares = kin(matrix[:1], matrix[1:]).toarray()[0]
    assert {n for n, share in enumerate(shares, 1) if share} == {5, 10, 15}
    assert shares.sum() == pytest.approx(1.0)


def test_whoever_has_the_kin_is_shown_the_cold_item_though_nobody_takes_both() -> None:
    """The regression has no weight of an item for itself, so without `LIKENESS` its twin would have none either."""
    twin = Item(item_id="twin", title="red-00", category="red", attributes={"print": "dragon"})
    items = [item.model_copy(update={"title": item.item_id}) for item in shop([])]
    at = next(n for n, item in enumerate(items) if item.item_id == "red-00")
    items[at] = items[at].model_copy(update={"attributes": {"print": "dragon"}})
    found = Scorer.load(train(two_tastes(), [*items, twin], None, lambda _: None, created=NOW).files)
    assert [one.item_id for one in found.score([("red-00", 1.0)], [], 1)] == ["twin"]


def test_the_nearest_kin_counts_most() -> None:
    described = [
        Item(item_id=str(n), title=title)
        for n, title in enumerate(["blue dragon mug", "blue dragon mug", "blue mug", "green lamp", "iron chair"])
    ]
    matrix = terms(described)
    shares = kin(matrix[:1], matrix[1:]).toarray()[0]
    likeness = (matrix[:1] @ matrix[1:].T).toarray()[0]
    assert shares[0] / shares[1] == pytest.approx((likeness[0] / likeness[1]) ** 4, rel=1e-4)
