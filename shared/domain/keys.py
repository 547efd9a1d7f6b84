"""API keys and customer tokens: how they are made, checked and hashed. Nothing here reads a store."""

import hashlib
import hmac
import secrets
import string
import zlib
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

ALPHABET = string.digits + string.ascii_letters
SECRET_LENGTH = 32
CHECKSUM_LENGTH = 6


class KeyKind(StrEnum):
    """A publishable key may live in a browser; a secret key opens everything."""

    PUBLISHABLE = "pk"
    SECRET = "sk"  # noqa: S105 - the prefix of a key, not a key


class KeyRecord(BaseModel):
    """What is stored of a key: its keyed hash, never the key."""

    model_config = ConfigDict(frozen=True)

    key_hash: str
    kind: KeyKind
    label: str
    created_at: datetime
    expires_at: datetime | None = None

    def is_valid_at(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


def new_key(kind: KeyKind) -> str:
    """A fresh key: `pk_` or `sk_`, 190 random bits in base 62, and a checksum of what stands before it."""
    body = f"{kind}_" + "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))
    return body + checksum(body)


def checksum(body: str) -> str:
    """CRC-32 of `body` as six base 62 digits. It catches typing errors before any read; it protects nothing."""
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        value, digit = divmod(value, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def is_well_formed(key: str) -> bool:
    """Whether `key` has a key's prefix, length, alphabet and checksum."""
    if len(key) != len("pk_") + SECRET_LENGTH + CHECKSUM_LENGTH or not key.isascii():
        return False
    return key[:3] in {f"{kind}_" for kind in KeyKind} and checksum(key[:-CHECKSUM_LENGTH]) == key[-CHECKSUM_LENGTH:]


def hash_key(key: str, pepper: str) -> str:
    """HMAC-SHA-256 (RFC 2104) of the key under the deployment's pepper, in hexadecimal."""
    return hmac.new(pepper.encode(), key.encode(), hashlib.sha256).hexdigest()


def sign_customer(customer_id: str, expires_at: datetime, secret: str) -> str:
    """The `customer_token` that the shop's server makes: `EXPIRY.MAC`, expiry in Unix seconds.

    The MAC is HMAC-SHA-256 of `EXPIRY:customer_id` under the token secret, in hexadecimal.
    """
    expiry = int(expires_at.timestamp())
    return f"{expiry}.{_customer_mac(customer_id, expiry, secret)}"


def is_customer_token(token: str, customer_id: str, secret: str, now: datetime) -> bool:
    """Whether `token` was made for `customer_id` with `secret` and has not expired."""
    expiry, _, mac = token.partition(".")
    if not (expiry.isascii() and expiry.isdigit() and len(expiry) <= 12):
        return False
    expected = _customer_mac(customer_id, int(expiry), secret)
    return hmac.compare_digest(mac.encode(), expected.encode()) and now.timestamp() < int(expiry)


def _customer_mac(customer_id: str, expiry: int, secret: str) -> str:
    return hmac.new(secret.encode(), f"{expiry}:{customer_id}".encode(), hashlib.sha256).hexdigest()
