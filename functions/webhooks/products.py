"""Carrying out what changed of a product: its items become what it says, and never go back in time."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from functions.webhooks import fitting
from functions.webhooks.news import AHEAD, ItemNews, ProductGone, ProductNews, UnmappedError
from shared.domain.errors import ConflictError, StoreUnavailableError
from shared.domain.items import Item
from shared.stores.items import Edit, ItemStore
from shared.stores.lease import LeaseStore
from shared.stores.products import MOST_BYTES, Known, ProductStore

PATIENCE_SECONDS = 3.0
LEASE_SECONDS = 30.0
"""Longer than the function may run: who died with a lease cannot come back and write."""


class Changed(NamedTuple):
    """How many items are as the product says now; how many it named that cannot be kept; whether it was old news."""

    items: int = 0
    bad: int = 0
    is_stale: bool = False


class Catalogue(NamedTuple):
    """Where products go, and who may change which."""

    items: ItemStore
    products: ProductStore
    leases: LeaseStore


def carry_out(source: str, news: ProductNews | ProductGone, into: Catalogue, now: datetime) -> Changed:
    """Make the product's items what it says, unless it has said something newer. May be repeated, after a failure at
    any step too. Raises `StoreUnavailableError`."""
    if isinstance(news, ProductNews) and news.updated_at > now + AHEAD:
        # Else nothing would be newer until then.
        news = news._replace(updated_at=now)
    if _is_stale(news, into.products.get(source, news.product_id)):
        return Changed(is_stale=True)
    try:
        with into.leases.hold(f"product:{source}:{news.product_id}", PATIENCE_SECONDS):
            return _change(source, news, into, now)
    except ConflictError as error:
        raise StoreUnavailableError("Another delivery about this product is being carried out.") from error


def _change(source: str, news: ProductNews | ProductGone, into: Catalogue, now: datetime) -> Changed:
    before = into.products.get(source, news.product_id)
    if _is_stale(news, before):
        return Changed(is_stale=True)
    items = news.items if isinstance(news, ProductNews) else {}
    after = _after(news, before, now)
    if after.size > MOST_BYTES:
        raise UnmappedError("the product has too many variants")
    # The items of both: if this ends half way, none of them is lost sight of.
    into.products.put(source, news.product_id, before._replace(items={**before.items, **after.items}), now)
    bad: set[str] = set()
    named = {each.item_id: each for each in items.values()}
    gone = set(before.items.values()) - set(after.items.values()) - set(named)
    done = into.items.edit(_edits(named, bad, gone), now)
    into.products.put(source, news.product_id, after, now)
    return Changed(len(done) - len(bad), len(bad) + (news.bad if isinstance(news, ProductNews) else 0))


def _after(news: ProductNews | ProductGone, before: Known, now: datetime) -> Known:
    """A deletion has no time of its own: what was sent before now must not bring the product back."""
    if isinstance(news, ProductGone):
        return Known(max(now, before.updated_at or now), {})
    kept = {id_: item_id for id_, item_id in before.items.items() if id_ in news.untold}
    return Known(news.updated_at, kept | {id_: each.item_id for id_, each in news.items.items()})


def _is_stale(news: ProductNews | ProductGone, known: Known) -> bool:
    if isinstance(news, ProductGone) or known.updated_at is None:
        return False
    return news.updated_at < known.updated_at


def _edits(named: dict[str, ItemNews], bad: set[str], gone: Iterable[str]) -> dict[str, Edit]:
    return {item_id: _edit(each, bad) for item_id, each in named.items()} | dict.fromkeys(gone, _deleted)


def _edit(news: ItemNews, bad: set[str]) -> Edit:
    def edit(current: Item | None) -> Item | None:
        item = fitting.applied(current, news)
        (bad.discard if item else bad.add)(news.item_id)
        return item or current

    return edit


def _deleted(_: Item | None) -> None:
    return None
