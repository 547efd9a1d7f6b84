"""A request's body as text: bounded before it is decoded, and while it is decompressed."""

import base64
import zlib
from typing import Any

from shared.domain.errors import BodyTooLargeError, InvalidInputError

GZIP = 16 + zlib.MAX_WBITS
"""What tells zlib that the data has gzip's header."""


def check_size(event: dict[str, Any], most_bytes: int) -> None:
    """Raises `BodyTooLargeError` where the body, as it was sent, is over its limit."""
    limit = most_bytes * 4 // 3 + 4 if event.get("isBase64Encoded") else most_bytes
    # A character is at least one byte: the cheap test first, the exact one for what passes it.
    body = event.get("body") or ""
    if len(body) > limit or len(body.encode()) > limit:
        raise _too_large(most_bytes)


def with_text(event: dict[str, Any], most_bytes: int) -> dict[str, Any]:
    """The event with its body as text, to be read as JSON whatever its content type: a browser's beacon says text."""
    body = event.get("body") or ""
    headers = dict(event.get("headers") or {})
    encoding = headers.pop("content-encoding", "identity").strip().lower()
    if event.get("isBase64Encoded") or encoding != "identity":
        body = _text(_decoded(_bytes(event, body), encoding, most_bytes))
    headers["content-type"] = "application/json"
    return {**event, "headers": headers, "body": body, "isBase64Encoded": False}


def raw(event: dict[str, Any]) -> bytes:
    """The body's bytes as they were sent, neither unpacked nor read as text: what a signature is over."""
    return _bytes(event, event.get("body") or "")


def with_bytes(event: dict[str, Any], body: bytes) -> dict[str, Any]:
    """The event with these bytes as its body's text; what is not UTF-8 is replaced, to be refused by who reads it."""
    return {**event, "body": body.decode(errors="replace"), "isBase64Encoded": False}


def _bytes(event: dict[str, Any], body: str) -> bytes:
    try:
        return base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except ValueError as error:
        raise InvalidInputError("The body is not what it is said to be.") from error


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except ValueError as error:
        raise InvalidInputError("The body is not text in UTF-8.") from error


def _decoded(data: bytes, encoding: str, most_bytes: int) -> bytes:
    match encoding:
        case "identity":
            return data
        case "gzip" | "x-gzip":
            return _unzipped(data, most_bytes)
    raise InvalidInputError("The body's Content-Encoding is not gzip.")


def _unzipped(data: bytes, most_bytes: int) -> bytes:
    """What was compressed; of a bomb no more than the limit is ever unpacked."""
    unzip = zlib.decompressobj(GZIP)
    try:
        text = unzip.decompress(data, most_bytes + 1)
    except zlib.error as error:
        raise InvalidInputError("The body is not gzip, though its Content-Encoding says so.") from error
    if len(text) > most_bytes:
        raise _too_large(most_bytes)
    if not unzip.eof or unzip.unused_data:
        raise InvalidInputError("The body is not one whole gzip member.")
    return text


def _too_large(most_bytes: int) -> BodyTooLargeError:
    return BodyTooLargeError(f"The body is over {most_bytes:,} bytes.")
