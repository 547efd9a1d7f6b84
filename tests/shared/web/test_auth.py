"""Who is calling: keys in headers, what is remembered of them and for how long, and customer tokens."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.errors import ForbiddenError, MissingKeyError, UnknownKeyError
from shared.domain.keys import KeyKind, KeyRecord, hash_key, new_key, sign_customer
from shared.web.auth import KNOWN_SECONDS, UNKNOWN_SECONDS, Authenticator, Caller, key_of, may_read, require_secret

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PEPPER = "pepper"
SERVER, BROWSER = Caller(KeyKind.SECRET), Caller(KeyKind.PUBLISHABLE)


class Shop:
    """Keys in memory, a clock that is moved by hand, and a count of the reads."""

    def __init__(self) -> None:
        self.records: dict[str, KeyRecord] = {}
        self.reads: list[str] = []
        self.seconds = 0.0
        self.authenticator = Authenticator(self.find, lambda: PEPPER, self.now, lambda: self.seconds)

    def find(self, key_hash: str) -> KeyRecord | None:
        self.reads.append(key_hash)
        return self.records.get(key_hash)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def create(self, kind: KeyKind, expires_at: datetime | None = None) -> str:
        key = new_key(kind)
        key_hash = hash_key(key, PEPPER)
        self.records[key_hash] = KeyRecord(
            key_hash=key_hash, kind=kind, label="", created_at=NOW, expires_at=expires_at
        )
        return key

    def caller(self, key: str) -> Caller:
        return self.authenticator.caller(key)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_key_names_its_caller_and_is_read_once(shop: Shop, kind: KeyKind) -> None:
    key = shop.create(kind)
    assert [shop.caller(key).kind for _ in range(3)] == [kind] * 3
    assert shop.reads == [hash_key(key, PEPPER)]


@pytest.mark.parametrize(
    "header", ["Bearer KEY", "bearer KEY", "  Bearer   KEY ", basic("KEY:"), basic("KEY"), basic("KEY:ignored")]
)
def test_a_key_comes_as_bearer_or_as_segments_libraries_send_it(header: str) -> None:
    assert key_of(header) == "KEY"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic", "Digest KEY", "KEY"])
def test_no_key_is_said(header: str) -> None:
    with pytest.raises(MissingKeyError):
        key_of(header)


@pytest.mark.parametrize("header", ["Basic ü", "Basic !", "Basic KEY", "Basic " + base64.b64encode(b"\xff").decode()])
def test_credentials_that_are_not_base64_are_malformed(header: str) -> None:
    with pytest.raises(UnknownKeyError):
        key_of(header)


def test_a_malformed_key_costs_no_read(shop: Shop) -> None:
    key = shop.create(KeyKind.SECRET)
    for malformed in (key[:-1], key + "0", key.swapcase(), "pk" + key[2:], "x", "ü" * len(key)):
        with pytest.raises(UnknownKeyError, match="malformed"):
            shop.caller(malformed)
    assert shop.reads == []


def test_an_unknown_key_is_not_read_again_for_ten_seconds(shop: Shop) -> None:
    key = new_key(KeyKind.SECRET)
    for shop.seconds in (0, 1, UNKNOWN_SECONDS - 1):
        with pytest.raises(UnknownKeyError, match="unknown"):
            shop.caller(key)
    assert len(shop.reads) == 1
    shop.seconds = UNKNOWN_SECONDS
    with pytest.raises(UnknownKeyError):
        shop.caller(key)
    assert len(shop.reads) == 2


def test_a_new_key_is_taken_within_ten_seconds_of_its_first_try(shop: Shop) -> None:
    key = shop.create(KeyKind.SECRET)
    created = shop.records.copy()
    shop.records.clear()
    with pytest.raises(UnknownKeyError):
        shop.caller(key)
    shop.records = created
    shop.seconds = UNKNOWN_SECONDS
    assert shop.caller(key) == SERVER


def test_a_revoked_key_is_refused_within_a_minute(shop: Shop) -> None:
    key = shop.create(KeyKind.SECRET)
    shop.caller(key)
    shop.records.clear()
    shop.seconds = KNOWN_SECONDS - 1
    assert shop.caller(key) == SERVER
    shop.seconds = KNOWN_SECONDS
    with pytest.raises(UnknownKeyError):
        shop.caller(key)


def test_an_expiry_holds_at_once_even_for_a_key_that_is_remembered(shop: Shop) -> None:
    key = shop.create(KeyKind.SECRET, expires_at=NOW + timedelta(seconds=5))
    assert shop.caller(key) == SERVER
    shop.seconds = 5
    with pytest.raises(UnknownKeyError, match="expired"):
        shop.caller(key)


def test_a_publishable_key_is_not_a_secret_one() -> None:
    require_secret(SERVER)
    with pytest.raises(ForbiddenError):
        require_secret(BROWSER)


def test_a_history_opens_to_the_server_or_with_the_customers_token() -> None:
    token = sign_customer("ann", NOW + timedelta(hours=1), "secret")
    assert may_read(SERVER, "ann", None, lambda: "secret", NOW)
    assert may_read(BROWSER, "ann", token, lambda: "secret", NOW)
    assert not may_read(BROWSER, "ann", None, lambda: "secret", NOW)


@pytest.mark.parametrize(("customer", "hours"), [("bob", 1), ("ann", -1), ("ann", 0)])
def test_a_token_that_does_not_hold_is_refused_and_not_passed_over(customer: str, hours: int) -> None:
    token = sign_customer(customer, NOW + timedelta(hours=hours), "secret")
    with pytest.raises(ForbiddenError):
        may_read(BROWSER, "ann", token, lambda: "secret", NOW)


def test_the_token_secret_is_not_read_where_it_is_not_needed() -> None:
    def unread() -> str:
        raise AssertionError("the secret was read")

    assert may_read(SERVER, "ann", "any", unread, NOW)
    assert not may_read(BROWSER, "ann", None, unread, NOW)
