"""The few customers of the demo: chosen from the whole range, from those who shop daily to those who hardly do."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from shared.domain.events import Event
from shared.domain.items import Item

RANGE = (0.97, 0.85, 0.70, 0.55, 0.40, 0.25)
FILE = "households.json"
_LIST = TypeAdapter(list["Household"])


class Household(BaseModel):
    """A customer with a line on what they buy, and an item of theirs to start from."""

    customer_id: str
    note: str
    item_id: str


def choose(events: Iterable[Event], items: Mapping[str, Item]) -> list[Household]:
    """One customer at each quantile of `RANGE` by number of orders."""
    orders: dict[str, int] = Counter()
    bought: dict[str, Counter[str]] = defaultdict(Counter)
    for event in events:
        orders[event.customer.id] += 1
        bought[event.customer.id].update(event.items)
    ranked = sorted(orders, key=lambda customer: (orders[customer], customer))
    chosen = dict.fromkeys(ranked[int(quantile * (len(ranked) - 1))] for quantile in RANGE)
    return [_describe(customer, orders[customer], bought[customer], items) for customer in chosen]


def _describe(customer: str, orders: int, bought: Counter[str], items: Mapping[str, Item]) -> Household:
    now = datetime.now(UTC)
    known = [item_id for item_id, _ in bought.most_common() if item_id in items and items[item_id].is_available(now)]
    categories = Counter(items[item_id].category for item_id in bought.elements() if item_id in items)
    favourites = [name.lower() for name, _ in categories.most_common(3) if name]
    note = f"{orders} orders, mostly {', '.join(favourites)}"
    return Household(customer_id=customer, note=note, item_id=known[0] if known else next(iter(bought)))


def save(households: list[Household], state: Path) -> None:
    """Keep them for the next run, which does not read the history again."""
    (state / FILE).write_bytes(_LIST.dump_json(households))


def load(state: Path) -> list[Household]:
    """The households that the first run chose."""
    return _LIST.validate_json((state / FILE).read_bytes())
