"""A shop's data as a training run holds it: the interactions, what may be shown, and the windows in time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from shared.domain.items import Item
from shared.inference.card import DataWindow
from training.errors import NotEnoughData
from training.interactions import Interactions, Mask
from training.sparse import weights_of
from training.split import Windows, windows


@dataclass(frozen=True)
class Shop:
    """All of a shop's data: `showable` [items], `times` None where the history is too short to test on.

    `view` is what speaks for items, and all that is fitted; `asked`, over the same vocabularies, what customers ask
    with: what they gave back, too.
    """

    view: Interactions
    showable: Mask
    times: Windows | None
    asked: Interactions

    @property
    def end(self) -> float:
        """Just after the last event, in seconds since 1970: the moment that a model of all data is made for."""
        return float(self.view.event_time.max()) + 1.0

    def window(self) -> DataWindow:
        """What the card says of the data."""
        return DataWindow(
            first=_utc(float(self.view.event_time.min())),
            last=_utc(float(self.view.event_time.max())),
            test_from=_utc(self.times.test_from) if self.times else None,
            events=len(self.view.event_time),
            customers=len(np.unique(self.view.event_customer)),
            items=len(np.unique(self.view.item)),
            interactions=len(self.view.item),
        )


def read(asked: Interactions, items: Iterable[Item], now: datetime) -> Shop:
    """The data of a training run; raises `NotEnoughData` when no event says anything of an item."""
    speaks = weights_of(asked) > 0
    view = asked if speaks.all() else asked.where(speaks)
    if not len(view.item):
        raise NotEnoughData("no order, cart or view names an item yet, so there is nothing to learn from")
    return Shop(view, showable(view, items, now), windows(view), asked)


def showable(view: Interactions, items: Iterable[Item], now: datetime) -> Mask:
    """Which items of the vocabulary the catalogue lets be shown, [items]; all of them where there is no catalogue."""
    available = {item.item_id: item.is_available(now) for item in items}
    if not available:
        return np.ones(len(view.items), dtype=np.bool_)
    return np.array([available.get(item, False) for item in view.items], dtype=np.bool_)


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
