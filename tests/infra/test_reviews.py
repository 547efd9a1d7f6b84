"""The demo's reviews: the same ones for the same seed, about the shop's own items, and a lid that leaks."""

import re
from datetime import UTC, datetime, timedelta

from infra.datasets import reviews
from infra.datasets.reviews import BURST, BURST_DAYS, COUNT, DAYS, LEAKY, RATED, burst, leaky, products
from shared.domain.feedback import Source
from shared.domain.items import Item

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CUSTOMERS = [str(n) for n in range(300)]
ITEMS = [
    Item(item_id=f"i{n}-{m}", title=f"{' '.join(named) or noun} {m}", category=category)
    for m in range(3)
    for n, (category, (noun, _, _, *named)) in enumerate(reviews._texts()["nouns"].items())
]
ROWS = reviews.reviews(ITEMS, CUSTOMERS, NOW)


def test_the_same_seed_says_the_same() -> None:
    assert reviews.reviews(ITEMS, CUSTOMERS, NOW, 50) == reviews.reviews(ITEMS, CUSTOMERS, NOW, 50)
    assert reviews.reviews(ITEMS, CUSTOMERS, NOW, 50) != reviews.reviews(ITEMS, CUSTOMERS, NOW, 50, seed=1)


def test_they_are_of_half_a_year_in_its_order_each_with_its_own_id() -> None:
    times = [datetime.fromisoformat(row["time"]) for row in ROWS]
    assert times == sorted(times)
    assert NOW - timedelta(days=DAYS) <= times[0] < times[-1] <= NOW
    assert len({row["feedback_id"] for row in ROWS}) == len(ROWS) == COUNT


def test_they_differ_and_have_no_slot_left_open() -> None:
    assert len({row["text"] for row in ROWS}) > 0.9 * COUNT
    assert not [row["text"] for row in ROWS if re.search(r"[{}]|\bNone\b|  ", row["text"])]


def test_ratings_go_with_what_is_said() -> None:
    rated = [(row["rating"], row["text"]) for row in ROWS if "rating" in row]
    assert {row["source"] for row in ROWS} < set(Source)
    assert {row["source"] for row in ROWS if "rating" in row} == RATED
    good, bad = (
        [rating for rating, text in rated if word in text.lower()] for word in ("would buy again", "never again")
    )
    assert sum(good) / len(good) > 3.5
    assert sum(bad) / len(bad) < 2.5


def test_most_name_a_customer_and_some_do_not_all_name_an_item() -> None:
    named = [row["customer_id"] for row in ROWS if "customer_id" in row]
    assert 0.6 < len(named) / COUNT < 0.8
    assert {row["item_id"] for row in ROWS} <= {product.item_id for product in products(ITEMS)}


def test_some_write_what_has_to_be_redacted() -> None:
    assert [row["text"] for row in ROWS if "@example.com" in row["text"]]
    assert [row["text"] for row in ROWS if "555" in row["text"]]


def test_the_lid_leaks_for_several_customers_within_days_and_for_nobody_before() -> None:
    rows = burst(ITEMS, CUSTOMERS, NOW)
    assert len({row["customer_id"] for row in rows}) == len({row["text"] for row in rows}) == len(rows) == BURST
    assert {row["item_id"] for row in rows} == {leaky(ITEMS).item_id}
    assert min(row["time"] for row in rows) >= (NOW - timedelta(days=BURST_DAYS)).isoformat()
    assert all(re.search("lid", row["text"], re.IGNORECASE) for row in rows)
    assert not [row["text"] for row in ROWS if re.search(r"\b(lid|leak)", row["text"], re.IGNORECASE)]


def test_an_item_is_known_by_its_category_and_where_that_is_broad_by_its_title_too() -> None:
    cottage = Item(item_id="a", title="Cottage cheese", category=LEAKY)
    sour = Item(item_id="b", title="Sour creams, 16 oz", category=LEAKY)
    assert [product.item_id for product in products([cottage, Item(item_id="c", title="X"), sour])] == ["b"]
    assert leaky([cottage, sour]).noun == "sour cream"
