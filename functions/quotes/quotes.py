"""The use cases of quotes: give one, verify one as often as wanted, redeem one once."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator

from functions.quotes import tokens
from functions.quotes.coupons import Coupons, taken_off
from shared.domain.errors import FieldError, InvalidInputError
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef, Id, OrderId
from shared.domain.items import Item
from shared.domain.offers import Code
from shared.domain.quotes import PriceQuote, QuoteLine, discounted, priced, unit_prices
from shared.stores.codes import Coded
from shared.stores.items import ItemStore
from shared.stores.quotes import QuoteStore

MOST_LINES = 100
MOST_TOKEN_CHARACTERS = 250_000
SESSION = timedelta(hours=24)
"""So long a session's prices do not rise."""

Token = Annotated[str, Field(min_length=1, max_length=MOST_TOKEN_CHARACTERS)]


class Asked(BaseModel):
    """What a quote is wanted for. With a `session_id`, prices do not rise between the quotes of a session."""

    model_config = ConfigDict(extra="forbid")

    lines: list[QuoteLine] = Field(min_length=1, max_length=MOST_LINES)
    session_id: Id | None = None
    code: Code | None = Field(default=None, description="Of an offer: a customer's own, or a public one.")
    customer_id: Id | None = Field(
        default=None, description="With a secret key: who is buying, so that another customer's code is refused."
    )
    anonymous_id: Id | None = Field(default=None, description="The same, of who is not signed in.")

    @field_validator("lines")
    @classmethod
    def _each_once(cls, lines: list[QuoteLine]) -> list[QuoteLine]:
        if len({line.item_id for line in lines}) < len(lines):
            raise ValueError("must name each item once, with its quantity")
        return lines

    @property
    def customers(self) -> list[CustomerRef]:
        """Who is buying, where that is said."""
        named = ((KNOWN, self.customer_id), (ANONYMOUS, self.anonymous_id))
        return [CustomerRef(kind=kind, id=each) for kind, each in named if each]


class Quoted(PriceQuote):
    """A quote, and the signed token by which checkout can tell that the shop gave it."""

    token: str


class Presented(BaseModel):
    """A token that is said to be a quote."""

    model_config = ConfigDict(extra="forbid")

    token: Token


class Redeeming(Presented):
    """The order that is placed at a quote's prices."""

    order_id: OrderId


class RedeemedQuote(PriceQuote):
    """A quote that is the order's now."""

    order_id: str


class Desk(NamedTuple):
    """What quotes are given with."""

    items: ItemStore
    quotes: QuoteStore
    coupons: Coupons
    key: bytes
    lifetime: timedelta


def quote(asked: Asked, desk: Desk, now: datetime) -> Quoted:
    """A signed quote at the public prices, or at lower ones that the session was told before, less what a code takes
    off. It ends no later than its code does.

    Raises `InvalidInputError` with the lines that cannot be quoted, `RefusedError` for a code that is not good for
    them, and `StoreUnavailableError`.
    """
    now = now.replace(microsecond=0)
    coded = desk.coupons.good(asked.code, asked.customers, now) if asked.code else None
    items = desk.items.get(line.item_id for line in asked.lines)
    prices = unit_prices(asked.lines, items, now)
    if asked.session_id:
        prices = desk.quotes.hold(_digest(asked.session_id, desk.key), prices, now + SESSION, now)
    lines, total = priced(asked.lines, prices)
    given = PriceQuote(
        quote_id="q_" + secrets.token_hex(16), lines=lines, total=total, quoted_at=now, expires_at=now + desk.lifetime
    )
    if coded:
        given = _less(given, coded, items, desk.coupons)
    return Quoted(**given.model_dump(), token=tokens.sign(given, desk.key))


def _less(given: PriceQuote, coded: Coded, items: Mapping[str, Item], coupons: Coupons) -> PriceQuote:
    """The quote with its code."""
    ends = min(given.expires_at, coded.until.replace(microsecond=0)) if coded.until else given.expires_at
    lines, discount, total = discounted(given.lines, taken_off(coded, given.lines, items))
    told = {"lines": lines, "discount": discount, "total": total, "expires_at": ends, "offer": coupons.offer(coded)}
    return given.model_copy(update=told)


def _digest(id_: str, key: bytes) -> str:
    """What stands for a session or an order where no erasure would find it: nobody can tell whose it is."""
    return hmac.new(key, id_.encode(), hashlib.sha256).hexdigest()


def verify(presented: Presented, key: bytes, now: datetime) -> PriceQuote:
    """The quote that a token holds, which must still be good. Writes nothing. Raises `InvalidInputError`."""
    given = tokens.read(presented.token, key)
    if given.expires_at <= now:
        expired = f"expired at {given.expires_at:%Y-%m-%dT%H:%M:%SZ}"
        raise InvalidInputError("The quote is not good any more.", [FieldError("token", expired)])
    return given


def redeem(redeeming: Redeeming, desk: Desk, now: datetime) -> RedeemedQuote:
    """Give the quote to the order, once, and with it the customer's own code, if it has one. The same order may repeat
    it, even after the quote's end.

    Raises `InvalidInputError` for a token that is altered or expired, `ConflictError` where another order has the quote
    or its code, and `RefusedError` where the code is gone.
    """
    given, order = tokens.read(redeeming.token, desk.key), _digest(redeeming.order_id, desk.key)
    if desk.quotes.redeemed_by(given.quote_id) != order:
        verify(redeeming, desk.key, now)
        if given.offer and given.offer.personalised:
            desk.coupons.redeem(given, redeeming.order_id, order, desk.quotes)
        else:
            desk.quotes.redeem(given.quote_id, order, given.expires_at)
    return RedeemedQuote(**given.model_dump(), order_id=redeeming.order_id)
