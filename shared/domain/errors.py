"""What can go wrong, in the domain's words. The HTTP statuses are `shared.web.problems`' business."""

from collections.abc import Sequence
from typing import NamedTuple


class FieldError(NamedTuple):
    """One bad field of an input: its path, as in `batch.3.timestamp`, and what is wrong with it."""

    field: str
    message: str


class DomainError(Exception):
    """Root of the errors that a caller can be told about."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidInputError(DomainError):
    """The caller sent something that can never be accepted as it is; `errors` names each field."""

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)


class BodyTooLargeError(DomainError):
    """The body is over its limit; it was not parsed."""


class MissingKeyError(DomainError):
    """No key came with the request."""


class UnknownKeyError(DomainError):
    """The key is malformed, unknown, expired or revoked."""


class BadSignatureError(DomainError):
    """The body is not signed by who may send it."""


class ForbiddenError(DomainError):
    """The key, or the customer token, does not open this."""


class NotFoundError(DomainError):
    """There is no such thing."""


class ConflictError(DomainError):
    """Somebody else changed it first."""


class RefusedError(DomainError):
    """What is asked is well formed, and may not be done; `reason` is the word for programs, `errors` name fields."""

    def __init__(self, detail: str, reason: str = "", errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.reason = reason
        self.errors = tuple(errors)


class StoreUnavailableError(DomainError):
    """A store did not take or give what it was asked for, after retries; the caller should repeat the call."""

    def __init__(self, detail: str, retry_after_seconds: int = 2) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class TooManyError(DomainError):
    """The caller sends more than there is room for; nothing of the call was done, and it may be repeated later."""

    def __init__(self, detail: str, retry_after_seconds: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class NotDoneError(Exception):
    """Of a delivery of the stream, all before the record `sequence` is done, and this one is not. No caller sees it."""

    def __init__(self, sequence: str) -> None:
        super().__init__(f"not done from {sequence} on")
        self.sequence = sequence
