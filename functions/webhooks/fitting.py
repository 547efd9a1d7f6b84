"""An item's fields from a shop system, made to fit: it has other limits than we, and a long text is no reason to lose
an item."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from functions.webhooks.news import ItemNews
from shared.domain.items import MOST_BYTES, Item, content
from shared.domain.text import slug

MOST_TITLE = 512
MOST_TEXT = 20_000
MOST_NAME = 256
MOST_TAG = 64
MOST_LISTED = 32
_URL = re.compile(r"https?://.{1,2000}")


def tags(names: Iterable[str]) -> list[str]:
    """The tags, each once."""
    return [*dict.fromkeys(name.strip()[:MOST_TAG].strip() for name in names if name.strip())][:MOST_LISTED]


def attributes(values: Mapping[str, str]) -> dict[str, str]:
    """Attributes under names as ours are."""
    named = {slug(name): value.strip()[:MOST_NAME] for name, value in values.items() if value.strip()}
    return dict([*named.items()][:MOST_LISTED])


def url(text: str) -> str | None:
    return text if _URL.fullmatch(text) else None


def money(amount: str, currency: str) -> dict[str, str] | None:
    """A price; none where the sender leaves it empty."""
    return {"amount": amount, "currency": currency} if amount else None


def short(text: str, most: int) -> str | None:
    return text[:most].strip() or None


def applied(current: Item | None, news: ItemNews) -> Item | None:
    """The item with the sender's own fields; those that the shop set itself stay. None where it is no valid item."""
    fields: dict[str, Any] = json.loads(content(current)) if current else {"item_id": news.item_id}
    kept = dict(fields.get("attributes", {}))
    fields |= news.fields
    fields["attributes"] = dict([*(kept | dict(news.fields.get("attributes", {}))).items()][:MOST_LISTED])
    if news.may_be_uncounted and (current is None or current.stock is None):
        fields["stock"] = None
    try:
        return _shortened(Item.model_validate({name: value for name, value in fields.items() if value is not None}))
    except ValidationError:
        return None


def _shortened(item: Item) -> Item | None:
    """The item within its size: its text is what gives way. None where that is not enough."""
    over = len(content(item).encode()) - MOST_BYTES
    if over <= 0:
        return item
    # What JSON escapes takes more room there than here, so this may be more than is needed.
    left = (item.text or "").encode()[:-over].decode(errors="ignore")
    shorter = item.model_copy(update={"text": short(left, MOST_TEXT)})
    return shorter if len(content(shorter).encode()) <= MOST_BYTES else None
