"""The use case of competitors' prices: the good rows of a feed are kept, each bad one is named."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, SkipValidation, ValidationError

from shared.domain.competitors import MOST_COMPETITORS, CompetitorPrice, fault
from shared.domain.errors import FieldError
from shared.domain.items import Item
from shared.stores.competitors import CompetitorStore
from shared.stores.items import ItemStore

MOST_PRICES = 1_000


class CompetitorBatch(BaseModel, defer_build=True):
    """Prices to keep; each is checked by itself, so that a bad one never costs the good ones."""

    prices: list[SkipValidation[CompetitorPrice]] = Field(min_length=1, max_length=MOST_PRICES)


class RejectedPrice(BaseModel, defer_build=True):
    """A bad row of a batch: where it stood, which field is wrong and why."""

    index: int
    item_id: str | None
    field: str
    message: str


class CompetitorReport(BaseModel, defer_build=True):
    """How many rows were taken in, and what was wrong with each of the others."""

    accepted: int
    rejected: list[RejectedPrice]


def put(records: Sequence[Any], items: ItemStore, store: CompetitorStore, now: datetime) -> CompetitorReport:
    """Take in the good rows; of each competitor and item the latest counts. Raises `StoreUnavailableError`."""
    read = dict(enumerate(map(_read, records)))
    known = items.get(each.item_id for each in read.values() if isinstance(each, CompetitorPrice))
    faults = {index: _fault(each, known, now) for index, each in read.items()}
    good = {
        index: each.model_copy(update={"seen": each.seen or now})
        for index, each in read.items()
        if isinstance(each, CompetitorPrice) and faults[index] is None
    }
    crowded = store.put(good.values(), now)
    faults |= {index: CROWDED for index, each in good.items() if each.item_id in crowded}
    rejected = [_rejected(index, records[index], wrong) for index, wrong in faults.items() if wrong]
    return CompetitorReport(accepted=len(records) - len(rejected), rejected=rejected)


CROWDED = FieldError("competitor", f"is one too many for the item: {MOST_COMPETITORS} are kept")


def _read(record: Any) -> CompetitorPrice | FieldError:
    try:
        return CompetitorPrice.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return FieldError(".".join(map(str, first["loc"])), first["msg"])


def _fault(read: CompetitorPrice | FieldError, items: Mapping[str, Item], now: datetime) -> FieldError | None:
    return fault(read, items.get(read.item_id), now) if isinstance(read, CompetitorPrice) else read


def _rejected(index: int, record: Any, wrong: FieldError) -> RejectedPrice:
    item_id = record.get("item_id") if isinstance(record, dict) else None
    named = item_id if isinstance(item_id, str) else None
    return RejectedPrice(index=index, item_id=named, field=wrong.field, message=wrong.message)
