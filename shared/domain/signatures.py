"""Signatures of webhooks: base64 of HMAC-SHA-256 (RFC 2104) over the body's bytes, as Shopify and WooCommerce sign.

Two secrets may be valid at once, so that a secret can be changed without losing a delivery: they are kept as two lines.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable


def sign(body: bytes, secret: str) -> str:
    """The signature of a body."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def is_signed(body: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """Whether one of these secrets made the signature, in a time that does not tell how much of it fits."""
    given = signature.encode(errors="replace")
    return any(hmac.compare_digest(sign(body, secret).encode(), given) for secret in secrets)


def secrets_in(kept: str | None) -> list[str]:
    """The secrets that are valid, the newest first."""
    return [line for line in (kept or "").splitlines() if line]


def rotated(kept: str | None, secret: str, *, at_once: bool = False) -> str:
    """What to keep when this becomes the secret: the one before stays valid until the next, or not, `at_once`."""
    before = [each for each in secrets_in(kept) if each != secret][:1]
    return "\n".join([secret] if at_once else [secret, *before])
