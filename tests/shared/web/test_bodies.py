"""A body as text: bounded as it was sent, and again while it is decompressed."""

import base64
import gzip
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import BodyTooLargeError, InvalidInputError
from shared.web.bodies import check_size, with_text

MOST = 1_000


def sent(data: bytes, encoding: str | None = "gzip") -> dict[str, Any]:
    headers = {"content-encoding": encoding} if encoding else {}
    return {"headers": headers, "body": base64.b64encode(data).decode(), "isBase64Encoded": True}


@given(st.text(max_size=MOST // 4))
def test_gzip_is_unpacked(text: str) -> None:
    read = with_text(sent(gzip.compress(text.encode())), MOST)
    assert (read["body"], read["isBase64Encoded"]) == (text, False)
    assert read["headers"] == {"content-type": "application/json"}


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", " x-gzip "])
def test_the_encodings_name_is_read_as_http_has_it(encoding: str) -> None:
    assert with_text(sent(gzip.compress(b"{}"), encoding), MOST)["body"] == "{}"


def test_the_limit_is_that_of_what_is_unpacked() -> None:
    assert len(with_text(sent(gzip.compress(b"x" * MOST)), MOST)["body"]) == MOST
    with pytest.raises(BodyTooLargeError):
        with_text(sent(gzip.compress(b"x" * (MOST + 1))), MOST)


def test_a_bomb_is_never_unpacked() -> None:
    bomb = sent(gzip.compress(bytes(200_000_000), 9))
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLargeError):
            with_text(bomb, MOST)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "event",
    [
        sent(b"{}"),
        sent(zlib.compress(b"{}")),
        sent(gzip.compress(b"{}")[:-1]),
        sent(gzip.compress(b"{}") * 2),
        sent(b""),
        sent(gzip.compress(b"\xff")),
        sent(gzip.compress(b"{}"), "br"),
        sent(gzip.compress(b"{}"), "gzip, gzip"),
        {"headers": {"content-encoding": "gzip"}, "body": "{}", "isBase64Encoded": False},
    ],
)
def test_what_is_not_as_it_is_said_to_be_is_bad_input(event: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        with_text(event, MOST)


def test_a_compressed_body_has_the_limit_of_any_other_before_it_is_unpacked() -> None:
    check_size(sent(b"x" * MOST), MOST)
    with pytest.raises(BodyTooLargeError):
        check_size(sent(b"x" * (MOST + 10)), MOST)
