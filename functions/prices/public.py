"""The use cases of what is said in public of a price: the price itself, and whether a claim about it is true."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, NamedTuple, NoReturn

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.domain.errors import NotFoundError, RefusedError
from shared.domain.items import Item
from shared.domain.ledger import Entry, Head
from shared.domain.money import Money
from shared.domain.public_price import PublicPrice, WhyNot, public_price
from shared.stores.items import ItemStore
from shared.stores.ledger import LedgerStore

LATEST = 50
"""So many entries of a ledger nearly always reach 30 days back; one query, a few kilobytes."""
READS = 3
"""Item and ledger are read one after the other, so a change of price may come between them; a third is no chance."""


class Claim(BaseModel):
    """What a page says, or is to say: a price that is struck through, "-x%", or both."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    struck_through: Money | None = None
    percent: Annotated[Decimal | None, Field(gt=0, le=100, allow_inf_nan=False, max_digits=6)] = None
    price: Annotated[Money | None, Field(description="The price beside it, where the page may be behind.")] = None

    @model_validator(mode="after")
    def _says_something(self) -> "Claim":
        if self.struck_through is None and self.percent is None:
            raise ValueError("must have struck_through or percent")
        return self


class Supported(BaseModel, defer_build=True):
    """The ledger supports the claim, until `until` or until the price changes; `seq` and `hash` are its end now."""

    item_id: str
    price: Money
    was: Money
    most_percent: int
    until: AwareDatetime
    seq: int
    hash: str


class Known(NamedTuple):
    """An item, and its ledger or the latest entries of it, of one moment."""

    item: Item
    end: Head | None
    entries: list[Entry]


def price_of(item_id: str, items: ItemStore, ledger: LedgerStore, now: datetime, *, trusted: bool) -> PublicPrice:
    """What may be said of the item's price.

    Raises `NotFoundError`, for a browser also outside of the time in which the item is shown: prices to come are no
    shopper's business yet. What is out of stock has a price like any other, so that nobody learns of the stock.
    """
    known = _known(item_id, items, ledger)
    if not trusted and not known.item.model_copy(update={"stock": None}).is_available(now):
        raise _missing(item_id)
    return _judged(known, ledger, now)


def claim(item_id: str, said: Claim, items: ItemStore, ledger: LedgerStore, now: datetime) -> Supported:
    """The proof that what is said of the item's price is true. Raises `NotFoundError` and `RefusedError`."""
    known = _known(item_id, items, ledger)
    told = _judged(known, ledger, now)
    reduced = told.strike_through
    if told.price is None or reduced.was is None or reduced.most_percent is None or reduced.until is None:
        _refuse(reduced.why_not or WhyNot.UNPROVEN, reduced.text)
    if said.price and said.price != told.price:
        _refuse("other_price", f"The price is {_text(told.price)}, not {_text(said.price)}.")
    if said.struck_through:
        _check_struck(said.struck_through, told.price, reduced.was)
    if said.percent and said.percent > (most := 100 * (1 - told.price.amount / reduced.was.amount)):
        _refuse("too_much", f'{reduced.text} "-{int(most)}%" is the most that may be said.')
    end = known.end or _unproven()
    return Supported(
        item_id=item_id,
        price=told.price,
        was=reduced.was,
        most_percent=reduced.most_percent,
        until=reduced.until,
        seq=end.seq,
        hash=end.hash,
    )


def _check_struck(struck: Money, price: Money, was: Money) -> None:
    if struck.currency != price.currency:
        _refuse("other_currency", f"The price is in {price.currency}, what is struck through in {struck.currency}.")
    if struck.amount > was.amount:
        _refuse("too_high", f"{_text(was)} is the most that may be struck through: the lowest of the 30 days before.")
    if struck.amount <= price.amount:
        _refuse(WhyNot.NOT_LOWER, f"The price, {_text(price)}, is not below what is struck through.")


def _known(item_id: str, items: ItemStore, ledger: LedgerStore) -> Known:
    for _ in range(READS):
        item, end = items.with_end(item_id)
        entries = ledger.latest(item_id, LATEST)
        if (entries[-1].seq if entries else 0) == (end.seq if end else 0):
            break
    if item is None:
        raise _missing(item_id)
    return Known(item, end, entries)


def _judged(known: Known, ledger: LedgerStore, now: datetime) -> PublicPrice:
    item_id, price = known.item.item_id, known.item.price
    told = public_price(item_id, price, known.entries, known.end, now)
    if told.strike_through.why_not is WhyNot.TOO_NEW and known.entries[0].seq > 1:
        return public_price(item_id, price, ledger.read(item_id, consistent=True), known.end, now)
    return told


def _missing(item_id: str) -> NotFoundError:
    return NotFoundError(f"There is no item {item_id}.")


def _unproven() -> NoReturn:
    _refuse(WhyNot.UNPROVEN, "The price ledger is empty.")


def _refuse(reason: str, text: str) -> NoReturn:
    raise RefusedError(text, str(reason))


def _text(money: Money) -> str:
    return f"{money.amount:f} {money.currency}"
