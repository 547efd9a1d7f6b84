"""Keys and customer tokens: what passes, and that nothing near it does."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.keys import (
    ALPHABET,
    KeyKind,
    KeyRecord,
    checksum,
    hash_key,
    is_customer_token,
    is_well_formed,
    new_key,
    sign_customer,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECRET = "the shop's token secret"
TOKEN = sign_customer("ann", NOW + timedelta(hours=1), SECRET)

kinds = st.sampled_from(KeyKind)
bodies = st.builds(lambda kind, rest: f"{kind}_{rest}", kinds, st.text(ALPHABET, min_size=32, max_size=32))
any_character = st.characters(codec="utf-8")


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_new_key_is_well_formed_and_like_no_other(kind: KeyKind) -> None:
    keys = {new_key(kind) for _ in range(50)}
    assert len(keys) == 50
    assert all(is_well_formed(key) and key.startswith(f"{kind}_") for key in keys)


@given(body=bodies, at=st.integers(0, 40), other=any_character)
def test_the_checksum_catches_every_change_of_one_character(body: str, at: int, other: str) -> None:
    key = body + checksum(body)
    changed = key[:at] + other + key[at + 1 :]
    assert is_well_formed(key)
    assert is_well_formed(changed) == (changed == key)


@given(body=bodies, at=st.integers(0, 40))
def test_a_key_cut_or_lengthened_is_malformed(body: str, at: int) -> None:
    key = body + checksum(body)
    assert not is_well_formed(key[:at] + key[at + 1 :])
    assert not is_well_formed(key[:at] + "0" + key[at:])


@given(st.text(max_size=60))
def test_any_text_may_be_asked_about(text: str) -> None:
    assert not is_well_formed(text)


def test_the_hash_needs_the_pepper() -> None:
    key = new_key(KeyKind.SECRET)
    assert hash_key(key, "salt") == hmac.new(b"salt", key.encode(), hashlib.sha256).hexdigest()
    assert hash_key(key, "salt") != hash_key(key, "pepper")


@pytest.mark.parametrize(("expires_at", "valid"), [(None, True), (NOW + timedelta(seconds=1), True), (NOW, False)])
def test_a_key_may_expire(expires_at: datetime | None, valid: bool) -> None:
    record = KeyRecord(key_hash="h", kind=KeyKind.SECRET, label="", created_at=NOW, expires_at=expires_at)
    assert record.is_valid_at(NOW) is valid


def test_a_token_opens_its_own_customer_until_it_expires() -> None:
    assert is_customer_token(TOKEN, "ann", SECRET, NOW)
    assert is_customer_token(TOKEN, "ann", SECRET, NOW + timedelta(seconds=3599))
    assert not is_customer_token(TOKEN, "ann", SECRET, NOW + timedelta(hours=1))
    assert not is_customer_token(TOKEN, "bob", SECRET, NOW)
    assert not is_customer_token(TOKEN, "ann", "another secret", NOW)


def test_the_token_is_what_the_documentation_says() -> None:
    expiry = int((NOW + timedelta(hours=1)).timestamp())
    mac = hmac.new(SECRET.encode(), f"{expiry}:ann".encode(), hashlib.sha256).hexdigest()
    assert f"{expiry}.{mac}" == TOKEN


def test_the_customers_id_cannot_move_into_the_expiry() -> None:
    """`12` + `:3:x` and `12:3` + `:x` would sign the same text if the expiry were not all digits."""
    token = sign_customer("3:x", NOW + timedelta(hours=1), SECRET)
    expiry, _, mac = token.partition(".")
    assert not is_customer_token(f"{expiry}:3.{mac}", "x", SECRET, NOW)


@given(at=st.integers(0, len(TOKEN) - 1), other=any_character)
def test_a_token_changed_in_one_character_is_refused(at: int, other: str) -> None:
    changed = TOKEN[:at] + other + TOKEN[at + 1 :]
    assert is_customer_token(changed, "ann", SECRET, NOW) == (changed == TOKEN)


@given(st.one_of(st.text(), st.from_regex(r"[0-9]{1,30}\.[0-9a-f]{64}", fullmatch=True), st.just("²." + "0" * 64)))
def test_garbage_is_no_token(garbage: str) -> None:
    assert not is_customer_token(garbage, "ann", SECRET, NOW)
