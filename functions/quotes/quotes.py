"""The use cases of quotes: give one, verify one as often as wanted, redeem one once."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from functions.quotes import tokens
from shared.domain.errors import FieldError, InvalidInputError
from shared.domain.events import Id, OrderId
from shared.domain.quotes import PriceQuote, QuoteLine, priced, unit_prices
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

    @field_validator("lines")
    @classmethod
    def _each_once(cls, lines: list[QuoteLine]) -> list[QuoteLine]:
        if len({line.item_id for line in lines}) < len(lines):
            raise ValueError("must name each item once, with its quantity")
        return lines


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


def quote(asked: Asked, items: ItemStore, quotes: QuoteStore, key: bytes, lifetime: timedelta, now: datetime) -> Quoted:
    """A signed quote at the public prices, or at lower ones that the session was told before.

    Raises `InvalidInputError` with the lines that cannot be quoted, and `StoreUnavailableError`.
    """
    now = now.replace(microsecond=0)
    prices = unit_prices(asked.lines, items.get(line.item_id for line in asked.lines), now)
    if asked.session_id:
        prices = quotes.hold(_digest(asked.session_id, key), prices, now + SESSION, now)
    lines, total = priced(asked.lines, prices)
    given = PriceQuote(
        quote_id="q_" + secrets.token_hex(16), lines=lines, total=total, quoted_at=now, expires_at=now + lifetime
    )
    return Quoted(**given.model_dump(), token=tokens.sign(given, key))


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


def redeem(redeeming: Redeeming, quotes: QuoteStore, key: bytes, now: datetime) -> RedeemedQuote:
    """Give the quote to the order, once. The same order may repeat it, even after the quote's end.

    Raises `InvalidInputError` for a token that is altered or expired, `ConflictError` where another order has it.
    """
    given, order = tokens.read(redeeming.token, key), _digest(redeeming.order_id, key)
    if quotes.redeemed_by(given.quote_id) != order:
        verify(redeeming, key, now)
        quotes.redeem(given.quote_id, order, given.expires_at)
    return RedeemedQuote(**given.model_dump(), order_id=redeeming.order_id)
