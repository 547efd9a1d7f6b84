"""A quote as a signed token that needs no store: a JSON Web Token (RFC 7519) under HMAC-SHA-256 (RFC 7515)."""

import hashlib
import hmac
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import jwt

from shared.domain.errors import FieldError, InvalidInputError
from shared.domain.money import Money
from shared.domain.quotes import PriceQuote, QuotedOffer, QuoteLine, discounted, priced

TYPE = "quote+jwt"
"""In the header, so that no other token under a key of ours is taken for a quote."""
ALGORITHM = "HS256"
REQUIRED = ("jti", "iat", "exp", "cur", "lines")


def key_from(pepper: str, purpose: str) -> bytes:
    """A key of its own for each purpose, from the deployment's one secret (as HKDF's expand step, RFC 5869)."""
    return hmac.new(pepper.encode(), f"regulars {purpose} 1".encode(), hashlib.sha256).digest()


def sign(quote: PriceQuote, key: bytes) -> str:
    """The token of a quote. It holds no more than the quote itself says."""
    claims = {
        "jti": quote.quote_id,
        "iat": int(quote.quoted_at.timestamp()),
        "exp": int(quote.expires_at.timestamp()),
        "cur": quote.total.currency,
        "lines": [[line.item_id, line.quantity, str(line.unit_price.amount)] for line in quote.lines],
        **_coded(quote),
    }
    return jwt.encode(claims, key, ALGORITHM, headers={"typ": TYPE})


def read(token: str, key: bytes) -> PriceQuote:
    """The quote of a token that this key signed, also an expired one. Raises `InvalidInputError`."""
    try:
        claims = _claims(token, key)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        wrong = "is not a quote of this shop, or was altered"
        raise InvalidInputError("The token is refused.", [FieldError("token", wrong)]) from error
    wanted = [QuoteLine(item_id=item, quantity=quantity) for item, quantity, _ in claims["lines"]]
    prices = {item: Money(amount=amount, currency=claims["cur"]) for item, _, amount in claims["lines"]}
    lines, total = priced(wanted, prices)
    quoted, expires = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
    given = PriceQuote(quote_id=claims["jti"], lines=lines, total=total, quoted_at=quoted, expires_at=expires)
    return _less(given, claims) if "offer" in claims else given


def _coded(quote: PriceQuote) -> dict[str, Any]:
    """The offer of a quote with a code, and what that takes off each line."""
    if quote.offer is None:
        return {}
    offs = [str(line.discount.amount if line.discount else 0) for line in quote.lines]
    return {"offer": quote.offer.model_dump(mode="json", exclude_none=True), "off": offs}


def _less(given: PriceQuote, claims: dict[str, Any]) -> PriceQuote:
    lines, discount, total = discounted(given.lines, [Decimal(each) for each in claims["off"]])
    offer = QuotedOffer.model_validate(claims["offer"])
    return given.model_copy(update={"lines": lines, "discount": discount, "total": total, "offer": offer})


def _claims(token: str, key: bytes) -> dict[str, Any]:
    """What was signed. The times are the caller's business: it has a clock, and may want an expired quote too."""
    if jwt.get_unverified_header(token).get("typ") != TYPE:
        raise ValueError("another kind of token")
    options: Any = {"require": REQUIRED, "verify_exp": False, "verify_iat": False}
    return jwt.decode(token, key, [ALGORITHM], options=options)
