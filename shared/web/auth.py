"""Who is calling: the key of a request, checked inside the function, and the customer token."""

import base64
import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from cachetools import TTLCache

from shared.domain.clock import SteadyClock
from shared.domain.errors import ForbiddenError, MissingKeyError, UnknownKeyError
from shared.domain.keys import KeyKind, KeyRecord, hash_key, is_customer_token, is_well_formed

FindKey = Callable[[str], KeyRecord | None]

KNOWN_SECONDS = 60
UNKNOWN_SECONDS = 10
MOST_CACHED = 1024
_WRITE_KEY = re.compile(r'"writeKey"\s{0,9}:\s{0,9}"([ps]k_[^"\\]{1,99})"')


class Caller(NamedTuple):
    """Whose key came with the request."""

    kind: KeyKind

    @property
    def is_trusted(self) -> bool:
        """Whether the shop's own server is calling, and not a browser."""
        return self.kind is KeyKind.SECRET


class Authenticator:
    """Finds the caller behind a request's key. Remembers keys for a minute, unknown ones for ten seconds."""

    def __init__(
        self,
        find_key: FindKey,
        pepper: Callable[[], str],
        now: Callable[[], datetime],
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._find_key = find_key
        self._pepper = pepper
        self._now = now
        clock = clock or SteadyClock()
        self._known: TTLCache[str, KeyRecord] = TTLCache(MOST_CACHED, KNOWN_SECONDS, clock)
        self._unknown: TTLCache[str, bool] = TTLCache(MOST_CACHED, UNKNOWN_SECONDS, clock)

    def caller(self, key: str) -> Caller:
        """Who holds this key. Raises `UnknownKeyError`."""
        if not is_well_formed(key):
            raise UnknownKeyError("The key is malformed: its checksum does not fit.")
        record = self._record(hash_key(key, self._pepper()))
        if record is None or not record.is_valid_at(self._now()):
            raise UnknownKeyError("The key is unknown, expired or revoked.")
        return Caller(record.kind)

    def _record(self, key_hash: str) -> KeyRecord | None:
        if known := self._known.get(key_hash):
            return known
        if key_hash in self._unknown:
            return None
        record = self._find_key(key_hash)
        if record is None:
            self._unknown[key_hash] = True
        else:
            self._known[key_hash] = record
        return record


def key_of(authorization: str) -> str:
    """The key in an Authorization header: `Bearer KEY`, or `Basic base64(KEY:)` as Segment's libraries send it."""
    scheme, _, value = authorization.strip().partition(" ")
    match scheme.lower():
        case "bearer" if value:
            return value.strip()
        case "basic" if value:
            try:
                return base64.b64decode(value, validate=True).decode().partition(":")[0]
            except ValueError as error:
                raise UnknownKeyError("The Basic credentials are not base64 of `KEY:`.") from error
    raise MissingKeyError("Send the key as `Authorization: Bearer KEY`.")


def key_in(body: str) -> str:
    """The key that a body carries as `writeKey`: a browser's beacon has no headers of its own.

    It is found without reading the JSON, so that nobody without a key makes us read any.
    """
    found = _WRITE_KEY.search(body)
    if found is None:
        raise MissingKeyError("Send the key as `Authorization: Bearer KEY`, or as `writeKey` in the body.")
    return found[1]


def require_secret(caller: Caller) -> None:
    """Raises `ForbiddenError` unless the caller holds a secret key."""
    if not caller.is_trusted:
        raise ForbiddenError("This needs a secret key (sk_...); a publishable key does not open it.")


def may_read(caller: Caller, customer_id: str, token: str | None, secret: Callable[[], str], now: datetime) -> bool:
    """Whether this caller may see a known customer's history.

    A secret key may. A publishable one needs the customer's token; a token that is wrong or expired raises
    `ForbiddenError`, so that a shop notices, while none at all only means an unpersonalised answer.
    """
    if caller.is_trusted:
        return True
    if token is None:
        return False
    if not is_customer_token(token, customer_id, secret(), now):
        raise ForbiddenError("The customer_token is not valid for this customer_id, or it has expired.")
    return True
