"""Signatures of webhooks, and two secrets at once."""

from shared.domain.signatures import is_signed, rotated, secrets_in, sign

FOX = b"The quick brown fox jumps over the lazy dog"
KNOWN = "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg="
"""Its HMAC-SHA-256 under `key`, a widely published value, in base64."""


def test_the_signature_is_base64_of_hmac_sha256() -> None:
    assert sign(FOX, "key") == KNOWN


def test_any_valid_secret_will_do_and_no_other() -> None:
    assert is_signed(FOX, KNOWN, ["new", "key"])
    assert not is_signed(FOX, KNOWN, ["new"])
    assert not is_signed(FOX, KNOWN, [])
    assert not is_signed(FOX + b"\n", KNOWN, ["key"])
    for other in ("", KNOWN[:-1], KNOWN + "=", f" {KNOWN}", KNOWN.lower(), "\ud800"):
        assert not is_signed(FOX, other, ["key"])


def test_the_secret_before_stays_until_the_next() -> None:
    kept = rotated(rotated(rotated(None, "a"), "b"), "c")
    assert secrets_in(kept) == ["c", "b"]
    assert secrets_in(rotated(kept, "c")) == ["c", "b"]
    assert secrets_in(rotated(kept, "d", at_once=True)) == ["d"]
    assert secrets_in(None) == secrets_in("\n\n") == []
