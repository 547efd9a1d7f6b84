"""Drift: what is planted is found and told by name, and a shop that is as it was raises no alarm."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from shared.domain.events import CustomerRef, Event
from shared.inference.card import CARD, Card, Drift, Profile
from tests.functions.recommend.artefact import artefact
from tests.training.shops import OPENED, order, two_tastes
from tests.training.test_train import trained
from training.artefact import Artefact
from training.drift import Z_ABOVE, chi_squared, drift
from training.interactions import Interactions, collect
from training.profile import BASKETS, Lists, profile, shares, weeks

DAYS = 70
LAST_WEEK = OPENED + timedelta(days=DAYS - 7)
LISTS = Lists(np.linspace(0.5, 2.0, 300), 60, 300)


def steady(customers: int = 300, items: int = 80, seed: int = 3) -> list[Event]:
    """A shop where nothing changes: customers come and go by chance, some items are liked far more than others."""
    draw = np.random.default_rng(seed)
    liked = 1 / np.arange(1, items + 1)
    events = []
    for customer in range(customers):
        arrives, number = draw.uniform(-30, DAYS), 0
        for day in np.cumsum(draw.exponential(5, 25)) + arrives:
            if 0 <= day < DAYS:
                basket = draw.choice(items, 1 + draw.poisson(1.5), replace=False, p=liked / liked.sum())
                events.append(order(f"user:{customer}", number, float(day), *(f"item-{item:02}" for item in basket)))
                number += 1
    return events


def card_of(view: Interactions, days_old: float = 0.1, found: Lists = LISTS) -> Card:
    """The card of a model made of these data."""
    end = float(view.event_time.max()) + 1
    blank = Card.model_validate_json(artefact(["a"], {})[CARD])
    last = OPENED + timedelta(seconds=end - OPENED.timestamp())
    window = blank.window.model_copy(update={"last": last})
    made = {"window": window, "created": last + timedelta(days=days_old), "recommendable": 80}
    return blank.model_copy(update={**made, "profile": profile(view, weeks(view, end), found, 80)})


def compared(
    events: list[Event],
    changed: list[Event],
    found: Lists = LISTS,
    days_old: float = 0.1,
    before: Lists = LISTS,
) -> Drift:
    """The drift of changed events, and the lists made of them, against a champion made of `events`."""
    view = collect(changed)
    end = float(view.event_time.max()) + 1
    champion = card_of(collect(events), found=before)
    return drift(card_of(view, days_old), champion, view, weeks(view, end), found)


def names(found: Drift) -> set[str]:
    return {measure.name for measure in found.found}


@pytest.fixture(scope="module")
def shop() -> list[Event]:
    return steady()


def last_week(events: list[Event], change: Callable[[Event, int], Event | None]) -> list[Event]:
    """The events with those of the last week changed, or left out."""
    changed = (change(event, n) if event.time >= LAST_WEEK else event for n, event in enumerate(events))
    return [event for event in changed if event is not None]


def fewer(event: Event, n: int) -> Event | None:
    return event if n % 3 == 0 else None


def renamed(event: Event, _: int) -> Event:
    """A catalogue that got new ids: nothing is what it was."""
    return event.model_copy(update={"items": tuple(f"sku-{item}" for item in event.items)})


def hyped(event: Event, _: int) -> Event:
    """Something that hardly anybody took is in every basket."""
    return event.model_copy(update={"items": ("item-79", *(item for item in event.items[1:] if item != "item-79"))})


def strangers(event: Event, n: int) -> Event:
    """Customers who lost their names: a broken sign-in."""
    return event.model_copy(update={"customer": CustomerRef(kind="anonymous", id=f"lost-{n}")}) if n % 2 else event


def single(event: Event, _: int) -> Event:
    return event.model_copy(update={"items": event.items[:1]})


def on_two_days(event: Event, n: int) -> Event:
    return event.model_copy(update={"time": LAST_WEEK + timedelta(days=6 - n % 2, hours=12)})


def as_views(event: Event, n: int) -> Event:
    """Orders that are told of as views: a changed snippet."""
    return event.model_copy(update={"name": "Product Viewed"}) if n % 4 else event


@pytest.mark.parametrize(
    ("change", "drifted"),
    [
        (fewer, {"events: Order Completed"}),
        (renamed, {"popular items", "new items"}),
        (hyped, {"popular items"}),
        (strangers, {"new customers"}),
        (single, {"basket sizes"}),
        (on_two_days, {"silent days"}),
        (as_views, {"events: Order Completed", "events: Product Viewed"}),
    ],
)
def test_planted_drift_is_found_by_its_name(
    shop: list[Event], change: Callable[[Event, int], Event | None], drifted: set[str]
) -> None:
    found = compared(shop, last_week(shop, change))
    assert names(found) == drifted
    assert found.reason.startswith(f"{len(drifted)} of ")
    assert names(compared(shop, shop)) == set()


@pytest.mark.parametrize(
    ("found", "drifted"),
    [
        (LISTS._replace(best=LISTS.best * 0.6), {"best scores"}),
        (LISTS._replace(best=LISTS.best[:200]), {"customers with a list", "best scores"}),
        (LISTS._replace(shown=20), {"coverage"}),
        (LISTS._replace(best=np.zeros(0)), {"customers with a list"}),
        (LISTS._replace(best=LISTS.best * 1.05, shown=50), set()),
    ],
)
def test_lists_that_are_not_what_they_were_are_found(shop: list[Event], found: Lists, drifted: set[str]) -> None:
    assert names(compared(shop, shop, found)) == drifted


def test_scores_of_another_recipe_are_compared_by_their_spread_alone(shop: list[Event]) -> None:
    view, champion = collect(shop), card_of(collect(shop))
    recipe = champion.recipe.model_copy(update={"popular_days": {"for-you": 7.0}})
    card = champion.model_copy(update={"recipe": recipe})
    recent = weeks(view, float(view.event_time.max()) + 1)
    assert names(drift(card, champion, view, recent, LISTS._replace(best=LISTS.best * 5))) == set()
    flat = LISTS._replace(best=np.full(300, 3.0))
    assert names(drift(card, champion, view, recent, flat)) == {"best scores"}


def test_events_that_stopped_coming_are_found_though_the_data_are_the_same(shop: list[Event]) -> None:
    assert names(compared(shop, shop, days_old=2.0)) == set()
    assert names(compared(shop, shop, days_old=4.0)) == {"age of the last event"}


def test_a_sentence_says_what_was_seen(shop: list[Event]) -> None:
    (measure,) = compared(shop, last_week(shop, hyped)).found
    assert "most moved: item-79" in measure.text
    assert "at most" in measure.text
    assert measure.distance > measure.limit


def halves(events: list[Event], seed: int) -> tuple[list[Event], list[Event]]:
    """The customers in two equal parts, drawn."""
    who = sorted({str(event.customer) for event in events})
    chosen = set(np.random.default_rng(seed).permutation(who)[: len(who) // 2].tolist())
    return [e for e in events if str(e.customer) in chosen], [e for e in events if str(e.customer) not in chosen]


def test_equal_halves_of_a_shop_raise_hardly_an_alarm(shop: list[Event]) -> None:
    """Of 40 draws, at some ten measures each. The bench draws more."""
    found = [compared(*halves(shop, seed)) for seed in range(40)]
    assert all(len(each.measures) >= 9 for each in found)
    assert sum(bool(each.found) for each in found) <= 2


def test_without_anything_to_compare_with_it_says_so(shop: list[Event]) -> None:
    view = collect(shop)
    card = card_of(view)
    recent = weeks(view, float(view.event_time.max()) + 1)
    assert drift(card, None, view, recent, LISTS).reason == "No comparison: there was no champion."
    old = card.model_copy(update={"profile": None})
    assert "no profile" in drift(card, old, view, recent, LISTS).reason
    young = collect([event for event in shop if event.time < OPENED + timedelta(days=13)])
    assert weeks(young, float(young.event_time.max()) + 1) == []
    assert "less than two whole weeks" in drift(card, card, young, [], LISTS).reason


def test_weeks_count_by_hand() -> None:
    events = [order("user:a", 1, 0.0, "x"), order("user:a", 2, 8.0, "x", "y"), order("user:b", 1, 8.5, "x")]
    events += [order("user:a", 3, 14.9, "x", name="Product Viewed")]
    view = collect(events)
    (week,) = weeks(view, OPENED.timestamp() + 15 * 86_400)
    assert week.events == {"Order Completed": 2, "Product Viewed": 1}
    assert (week.customers, week.new_customers, week.items, week.new_items) == (2, 1, 2, 1)
    assert (week.taken.tolist(), sorted(week.sizes.tolist()), week.silent_days) == ([2, 1], [1, 2], 5)


def test_a_size_is_counted_in_the_bin_that_begins_with_it() -> None:
    assert shares(np.array([1, 2, 3, 4, 5, 6, 9, 10, 99, 1]), BASKETS) == (0.2, 0.1, 0.1, 0.2, 0.2, 0.2)


@pytest.mark.parametrize(("freedom", "quantile"), [(5, 20.515), (8, 26.124), (20, 45.315)])
def test_chi_squared_is_that_of_the_tables(freedom: int, quantile: float) -> None:
    assert chi_squared(freedom, Z_ABOVE) == pytest.approx(quantile, rel=0.015)


def test_the_card_of_a_training_has_its_profile_and_its_drift_and_stays_small() -> None:
    first = trained(two_tastes())
    assert isinstance(first.card.profile, Profile)
    assert first.card.drift == Drift(against=None, reason="No comparison: there was no champion.")
    assert len(first.card.profile.model_dump_json()) < 1500
    same: Artefact = trained(two_tastes(), champion=first.card)
    assert same.card.drift is not None
    assert same.card.drift.found == []
    cut = OPENED + timedelta(days=93)
    silent = [event for event in two_tastes() if event.time < cut or int(event.customer.id) < 20]
    drifted = trained(silent, champion=first.card).card.drift
    assert drifted is not None
    assert "events: Order Completed" not in names(drifted), "less than a hundred events a week decide nothing"
    assert Card.model_validate_json(same.files[CARD]).drift == same.card.drift
