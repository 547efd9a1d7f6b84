"""Shops that nobody planned for: whatever they are like, training gives a sound model or says why there is none."""

import time
from datetime import timedelta

from shared.domain.events import Event
from shared.domain.items import Item
from shared.inference.card import FOR_YOU, SURFACES
from shared.inference.scorer import Scorer
from tests.training.shops import OPENED, catalogue, order, two_tastes
from tests.training.test_train import CREATED, trained
from training.artefact import Artefact
from training.train import train

RED = [f"red-{number:02}" for number in range(40)]


def sound(artefact: Artefact) -> Scorer:
    """The artefact in use: it loads, every surface has its reasons, and nothing is drifted without a comparison."""
    card = artefact.card
    assert set(card.surfaces) >= set(SURFACES)
    assert all(decision.reason and decision.recipe_reason for decision in card.surfaces.values())
    assert card.drift is not None
    assert card.drift.reason
    return Scorer.load(artefact.files)


def test_ten_orders_make_a_model_that_shows_what_was_bought() -> None:
    events = [order(f"user:{n % 4}", n, n * 2.0, f"item-{n % 3}", f"item-{(n + 1) % 3}") for n in range(10)]
    scorer = sound(trained(events))
    assert set(scorer.popular(5)) == {"item-0", "item-1", "item-2"}


def test_one_customer_who_bought_everything_says_little_about_taste() -> None:
    """Their history is capped and holds both tastes; the others' lists stay within their own."""
    everything = [f"{colour}-{number:02}" for colour in ("red", "blue") for number in range(40)]
    hoarder = [order("user:hoarder", n, 5.0 + n / 100, item) for n, item in enumerate(everything * 3)]
    artefact = trained([*two_tastes(), *hoarder])
    assert artefact.card.surfaces[FOR_YOU].serve == "model"
    found = sound(artefact).score([("red-00", 0.5), ("red-01", 0.5)], ["red-00", "red-01"], 5)
    assert all(scored.item_id in RED for scored in found)
    assert sound(artefact).score([(item, 0.01) for item in everything], everything, 10) == []


def test_one_item_that_everyone_bought_is_popular_and_does_not_crowd_out_taste() -> None:
    events = [
        event.model_copy(update={"items": (*event.items, "bag")} if event.message_id.endswith("-0") else {})
        for event in two_tastes()
    ]
    artefact = trained(events)
    scorer = sound(artefact)
    assert artefact.card.surfaces[FOR_YOU].serve == "model"
    found = scorer.score([("red-00", 0.5), ("red-01", 0.5)], ["red-00", "red-01", "bag"], 5)
    assert len(found) == 5
    assert all(scored.item_id in RED for scored in found)


def test_an_item_that_is_in_every_order_leaves_the_rest_in_order() -> None:
    """Every customer owns it, so its first-time rate and its row of the regression have nothing to divide by."""
    events = [event.model_copy(update={"items": (*event.items, "bag")}) for event in two_tastes()]
    scorer = sound(trained(events))
    assert scorer.popular(1) == ["bag"]
    assert all(each.item_id in RED for each in scorer.score([("red-00", 1.0)], ["red-00", "bag"], 5))


def test_all_events_at_one_moment_make_a_model_that_was_not_tested() -> None:
    events = [event.model_copy(update={"time": OPENED}) for event in two_tastes()]
    artefact = trained(events)
    assert {decision.serve for decision in artefact.card.surfaces.values()} == {"popularity"}
    assert all("too short" in decision.reason for decision in artefact.card.surfaces.values())
    assert artefact.card.window.first == artefact.card.window.last == OPENED
    found = sound(artefact).score([("red-00", 1.0)], ["red-00"], 5)
    assert all(scored.item_id in RED for scored in found)
    again = trained(events, champion=artefact.card, created=CREATED + timedelta(days=1))
    assert "less than two whole weeks" in str(again.card.drift)


def test_a_hundred_thousand_items_with_twenty_events() -> None:
    """What nobody touched costs no more than being read: within some seconds, and in a file that fits its bound."""
    items = [
        Item(item_id=f"item-{n:06}", title=f"Lamp {n % 97} of brass {n % 89}", category="lamps") for n in range(100_000)
    ]
    events = [order(f"user:{n % 6}", n, 3.0 * n, f"item-{n % 7:06}", f"item-{n % 5:06}") for n in range(20)]
    started = time.process_time()
    artefact = train(events, items, None, lambda _: None, created=CREATED)
    assert time.process_time() - started < 60
    assert sum(map(len, artefact.files.values())) < 50_000_000
    scorer = sound(artefact)
    assert set(scorer.popular(10)) == {f"item-{n:06}" for n in range(7)}
    assert {decision.serve for decision in artefact.card.surfaces.values()} == {"popularity"}


def test_a_shop_whose_items_are_all_gone_from_the_catalogue() -> None:
    """Everything that was bought is not sold any more: a model is made, and no surface could be tested."""
    events = two_tastes(customers=20)
    gone = [Item(item_id="only-this", title="Only this")]
    artefact = train(events, gone, None, lambda _: None, created=CREATED)
    assert {decision.serve for decision in artefact.card.surfaces.values()} == {"popularity"}
    sound(artefact)


def test_two_trainings_of_one_moment_are_one_model() -> None:
    events: list[Event] = two_tastes(customers=20)
    first, second = (train(events, catalogue(events), None, lambda _: None, created=CREATED) for _ in range(2))
    assert first.model_id == second.model_id
    assert {name: body for name, body in first.files.items() if name != "card.json"} == {
        name: body for name, body in second.files.items() if name != "card.json"
    }
