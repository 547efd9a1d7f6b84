"""A model for one kind of question: tuned on questions of that kind, also by customers whom its past does not know."""

from datetime import UTC, datetime

import numpy as np
import pytest

from shared.domain.events import Event
from shared.domain.vocabulary import EventName
from shared.inference.card import MatrixRecipe, QueryPolicy, Recipe, RepeatPolicy
from shared.inference.scorer import Scorer
from tests.training.shops import OPENED, order, two_tastes
from training import fit as fitting
from training.fit import Practice, choose, fit
from training.habits import SESSION
from training.interactions import Interactions, collect
from training.matrix import blend, fit_parts
from training.sparse import pairs
from training.split import SECONDS_A_DAY, minus

CUT = OPENED.timestamp() + 80 * SECONDS_A_DAY
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def practice_of(view: Interactions, strangers: bool) -> Practice:
    """What was taken after the cut, asked with what was before; by customers left out of the past, if `strangers`."""
    before, after = view.between(-np.inf, CUT), view.between(CUT, np.inf)
    late = before.event_customer < 20
    past, asked = (before.where(~late), before.where(late)) if strangers else (before, before)
    later = after.where(after.event_customer < 20) if strangers else after
    return Practice(past, asked, minus(pairs(later), pairs(asked)), CUT)


@pytest.mark.parametrize("strangers", [False, True])
def test_what_was_chosen_and_fitted_tells_two_tastes_apart(strangers: bool) -> None:
    view = collect(two_tastes())
    practice = practice_of(view, strangers)
    artefact = fit(practice.past, CUT, choose(practice), lambda _: None, created=NOW)
    shown = Scorer.load(artefact.files).score([("red-01", 0.5), ("red-02", 0.5)], set(), 10)
    assert {one.item_id[:3] for one in shown} == {"red"}
    assert {surface.serve for surface in artefact.card.surfaces.values()} == {"model"}
    assert {surface.reason for surface in artefact.card.surfaces.values()} == {
        "Fitted for one kind of question, not gated."
    }


def test_the_targets_decide_what_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that is handed other answers takes another recipe: here, the worst one."""
    practice = practice_of(collect(two_tastes()), strangers=False)
    asked: list[float] = []

    def search(bench: fitting._Bench, _: object, start: MatrixRecipe) -> Recipe:
        asked.append(bench.split.new.nnz)
        everybody = np.arange(len(practice.asked.customers), dtype=np.int32)
        assert np.array_equal(bench.hidden(everybody).indptr, pairs(practice.asked).indptr)
        assert bench.who(bench.split.new)[0].tolist() == np.flatnonzero(np.diff(practice.targets.indptr)).tolist()
        return Recipe(matrix=start, query=QueryPolicy(decay=0.5))

    monkeypatch.setattr(fitting, "tune", search)
    assert choose(practice).query.decay == 0.5
    assert asked == [practice.targets.nnz]


def test_a_live_session_of_views_gets_a_decay_of_its_own() -> None:
    """The newest view leads to the next item of a ring; those before it are drawn: only a fading query knows."""
    draw = np.random.default_rng(6)
    events: list[Event] = []
    late: list[Event] = []
    for number in range(200):
        start, day = int(draw.integers(60)), float(draw.uniform(0, 90))
        for step in range(5):
            item = int(draw.integers(60)) if step < 3 else (start + step) % 60
            seen = order(f"user:{number:03}", step, day + step / 10_000, f"i{item:02}")
            (late if number < 40 and step == 4 else events).append(
                seen.model_copy(update={"name": EventName.PRODUCT_VIEWED})
            )
    whole = collect([*events, *late])
    known = whole.event_customer >= 40
    last = np.append(whole.event_customer[1:] != whole.event_customer[:-1], True)
    asked, wanted = whole.where(~known & ~last), whole.where(~known & last)
    end = float(whole.event_time.max())
    practice = Practice(whole.where(known), asked, pairs(wanted), end, live=True)
    recipe = choose(practice)
    bench = fitting._bench(practice)
    parts = fit_parts(practice.past, end, MatrixRecipe())
    matrix = blend(parts, recipe.matrix)
    scores = {
        decay: bench.as_it_happens(matrix, recipe.query.model_copy(update={"session_decay": decay})).score
        for decay in SESSION["session_decay"]
    }
    assert scores[recipe.query.session_decay] == max(scores.values())
    assert min(scores.values()) < max(scores.values())


def test_a_model_knows_what_is_ordered_often_where_its_recipe_heeds_that() -> None:
    events = [order(f"user:{who}", day, day, "milk", f"lamp-{day}") for who in range(12) for day in range(8)]
    view = collect(events)
    told, untold = (
        Scorer.load(fit(view, 1e10, Recipe(repeat=policy), lambda _: None, created=NOW).files)
        for policy in (RepeatPolicy(staple=0.5), RepeatPolicy())
    )
    # 192 orders of 108 pairs; of milk 96 by 12, of a lamp 12 by 12, beside five that are as usual.
    assert told.staple("milk") == pytest.approx((96 / (192 / 108) + 5) / 17, abs=1e-3)
    assert told.staple("lamp-3") == pytest.approx((12 / (192 / 108) + 5) / 17, abs=1e-3)
    assert untold.staple("milk") == untold.staple("lamp-3") == 1.0
