"""Reviews that nobody wrote: for the demo, since no package carries a grocer's reviews that may be passed on.

Sentences are drawn from `reviews.json` by what a shopper may say of an item's taste, price, delivery and so on, well or
badly, with ratings, typing errors, emoji and other languages among them. The same seed gives the same reviews. Whoever
shows them calls them synthetic.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from shared.domain.items import Item

COUNT = 2_000
DAYS = 182
SEED = 22
MOST_ITEMS = 60
LEAKY = "MILK BY-PRODUCTS"
"""The category of the item whose lid begins to leak."""
BURST = 9
BURST_DAYS = 4
DELIVERY_BETTER_DAYS = 60
"""Since then deliveries are on time more often."""
SOURCES = {"review": 72, "survey": 14, "support": 8, "social": 6}
RATED = {"review", "survey"}
NAMED = 0.7
"""The share of those who say who they are."""
AGREEING = {
    "it": {"The": "This", "this": "this", "they": "it", "They": "It", "them": "it", "be": "is", "was": "was",
           "tastes": "tastes", "lasts": "lasts"},
    "they": {"The": "These", "this": "these", "they": "they", "They": "They", "them": "them", "be": "are",
             "was": "were", "tastes": "taste", "lasts": "last"},
}  # fmt: skip
"""Words that go with the item's noun."""
SLOT = re.compile(r"\{(\w+)(!c)?\}")


class Product(NamedTuple):
    """An item as shoppers speak of it: its name, `it` or `they`, and what kind of thing it is."""

    item_id: str
    noun: str
    pronoun: str
    kind: str


class Mood(NamedTuple):
    """What one says of one aspect."""

    aspect: str
    good: bool


@cache
def _texts() -> Any:
    return json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))


def products(items: Sequence[Item]) -> list[Product]:
    """The first `MOST_ITEMS` of these that shoppers here have something to say of."""
    return [found for item in items if (found := _product(item))][:MOST_ITEMS]


def _product(item: Item) -> Product | None:
    noun, pronoun, kind, *named = _texts()["nouns"].get(item.category, ("", "", "", ""))
    known = noun and all(word in item.title.lower() for word in named)
    return Product(item.item_id, noun, pronoun, kind) if known else None


def leaky(items: Sequence[Item]) -> Product:
    """The item of the burst."""
    return products([item for item in items if item.category == LEAKY])[0]


class Shop(NamedTuple):
    """What reviews are drawn from; `luck` is how much better or worse than others each item is spoken of."""

    stocked: Sequence[Product]
    luck: Mapping[str, float]
    customers: Sequence[str]
    now: datetime


def reviews(
    items: Sequence[Item], customers: Sequence[str], now: datetime, count: int = COUNT, seed: int = SEED
) -> list[dict[str, Any]]:
    """What was said in half a year up to now, as `POST /v1/feedback` takes it, in order of time."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    stocked = products(items)
    shop = Shop(stocked, {each.item_id: chance.gauss(0, 0.12) for each in stocked}, customers, now)
    times = sorted(now - timedelta(days=DAYS * chance.random()) for _ in range(count))
    return [_review(n, time, shop, chance) for n, time in enumerate(times)]


def burst(items: Sequence[Item], customers: Sequence[str], now: datetime, seed: int = SEED) -> list[dict[str, Any]]:
    """What several shoppers say of one item within a few days: its lid leaks."""
    chance = random.Random(f"{seed} burst")  # noqa: S311 - no secret
    product = leaky(items)
    texts = chance.sample(_texts()["burst"], BURST)
    times = sorted(now - timedelta(days=BURST_DAYS * chance.random()) for _ in texts)
    who = chance.sample(list(customers), BURST)
    return [
        {
            "feedback_id": f"demo-lid-{n}",
            "source": "review",
            "time": time.isoformat(),
            "text": text.replace("{noun}", product.noun),
            "rating": chance.choice([1, 1, 2]),
            "item_id": product.item_id,
            "customer_id": customer,
        }
        for n, (time, text, customer) in enumerate(zip(times, texts, who, strict=True))
    ]


def _review(number: int, time: datetime, shop: Shop, chance: random.Random) -> dict[str, Any]:
    stocked = shop.stocked
    product = stocked[min(int(chance.expovariate(3.5) * len(stocked)), len(stocked) - 1)]
    source = chance.choices([*SOURCES], [*SOURCES.values()])[0]
    moods = list(_moods(product, shop.luck[product.item_id], (shop.now - time).days, chance))
    record = {
        "feedback_id": f"demo-{number:05d}",
        "source": source,
        "time": time.isoformat(),
        "text": _text(product, moods, chance),
        "item_id": product.item_id,
        "customer_id": chance.choice(shop.customers) if chance.random() < NAMED else None,
        "rating": _rating(moods, chance) if source in RATED else None,
    }
    return {name: value for name, value in record.items() if value is not None}


def _moods(product: Product, luck: float, age_days: int, chance: random.Random) -> Iterator[Mood]:
    """One to three aspects, of which some are spoken well of and others are not."""
    aspects = {name: each for name, each in _texts()["aspects"].items() if product.kind in each["kinds"]}
    shares = {name: each["share"] for name, each in aspects.items()}
    for _ in range(chance.choices([1, 2, 3], [5, 4, 2])[0]):
        aspect = chance.choices([*shares], [*shares.values()])[0]
        del shares[aspect]
        better = 0.35 if aspect == "delivery" and age_days < DELIVERY_BETTER_DAYS else 0.0
        yield Mood(aspect, chance.random() < aspects[aspect]["positive"] + better + luck)


def _rating(moods: Sequence[Mood], chance: random.Random) -> int:
    share = sum(mood.good for mood in moods) / len(moods)
    return max(1, min(5, round(1.6 + 3.1 * share + chance.gauss(0, 0.6))))


def _text(product: Product, moods: Sequence[Mood], chance: random.Random) -> str:
    texts = _texts()
    kind = "good" if all(mood.good for mood in moods) else "mixed" if any(mood.good for mood in moods) else "bad"
    if kind != "mixed" and chance.random() < 0.015:
        return str(chance.choice(texts["foreign"][kind]))
    said = [_filled(chance.choice(texts["aspects"][mood.aspect][_side(mood)]), product, chance) for mood in moods]
    text = _joined(said, moods, chance)
    if chance.random() < 0.4:
        text = f"{chance.choice(texts['openings'][kind])} {text}"
    if chance.random() < 0.01:
        text += " " + _personal(chance.choice(texts["personal"]), chance)
    return _typed(text, kind, chance)


def _side(mood: Mood) -> str:
    return "good" if mood.good else "bad"


def _joined(said: Sequence[str], moods: Sequence[Mood], chance: random.Random) -> str:
    """One sentence after the other; where the mood turns, sometimes with a word that says so."""
    text = said[0]
    for before, mood, sentence in zip(moods, moods[1:], said[1:], strict=False):
        turns = before.good != mood.good and chance.random() < 0.5
        join = chance.choice(_texts()["joins"]) if turns else " "
        text += join + (sentence[0].lower() + sentence[1:] if turns and not join.endswith(": ") else sentence)
    return text


def _filled(template: str, product: Product, chance: random.Random) -> str:
    """The sentence with its slots drawn; nouns and verbs agree with the item."""
    words = AGREEING[product.pronoun] | {"noun": product.noun}

    def drawn(match: re.Match[str]) -> str:
        word = words.get(match[1]) or str(chance.choice(_texts()["words"][match[1]]))
        return word[0].upper() + word[1:] if match[2] else word

    return SLOT.sub(drawn, template)


def _personal(template: str, chance: random.Random) -> str:
    """What people write and should not: made-up addresses of domains and numbers that belong to nobody."""
    return template.format(name=chance.choice(["jo", "sam", "kim"]), number=chance.randrange(100, 199))


def _typed(text: str, kind: str, chance: random.Random) -> str:
    """As people type: small letters, slips, shouting, emoji."""
    if chance.random() < 0.12:
        text = text.lower()
    if chance.random() < 0.15:
        text = _slipped(text, chance)
    if chance.random() < 0.08:
        text = text.rstrip(".") + "!" * chance.randint(1, 3)
    if kind != "mixed" and chance.random() < 0.12:
        text += " " + str(chance.choice(_texts()["emoji"][kind]))
    return text


def _slipped(text: str, chance: random.Random) -> str:
    """One letter too few, or two in the wrong order."""
    at = chance.choice([n for n in range(1, len(text) - 2) if text[n].isalpha() and text[n + 1].isalpha()] or [0])
    return text[:at] + text[at + 1 :] if chance.random() < 0.5 else text[:at] + text[at + 1] + text[at] + text[at + 2 :]
