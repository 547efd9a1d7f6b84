"""Errors as RFC 9457 problem details: the one table from domain errors to statuses, and the reply's shape."""

import json
from collections.abc import Iterable
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from shared.domain.errors import (
    BadSignatureError,
    BodyTooLargeError,
    ConflictError,
    DomainError,
    FieldError,
    ForbiddenError,
    InvalidInputError,
    MissingKeyError,
    NotFoundError,
    RefusedError,
    StoreUnavailableError,
    TooManyError,
    UnknownKeyError,
)

CONTENT_TYPE = "application/problem+json"

STATUS: dict[type[DomainError], HTTPStatus] = {
    InvalidInputError: HTTPStatus.BAD_REQUEST,
    MissingKeyError: HTTPStatus.UNAUTHORIZED,
    UnknownKeyError: HTTPStatus.UNAUTHORIZED,
    BadSignatureError: HTTPStatus.UNAUTHORIZED,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    RefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    BodyTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooManyError: HTTPStatus.TOO_MANY_REQUESTS,
    StoreUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem(
    status: HTTPStatus,
    detail: str,
    request_id: str,
    errors: Iterable[FieldError] = (),
    headers: dict[str, str | list[str]] | None = None,
    **extensions: object,
) -> Response[str]:
    """A reply with this status in the problem shape; `instance` is the request's id, `extensions` further members."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": request_id,
        **extensions,
    }
    if named := [error._asdict() for error in errors]:
        body["errors"] = named
    return Response(status_code=status.value, content_type=CONTENT_TYPE, body=json.dumps(body), headers=headers or {})


def problem_of(error: DomainError, request_id: str) -> Response[str]:
    """The reply that tells of a domain error."""
    headers: dict[str, str | list[str]] = {}
    if isinstance(error, StoreUnavailableError | TooManyError):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, MissingKeyError | UnknownKeyError):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, BadSignatureError):
        headers["WWW-Authenticate"] = "HMAC-SHA256"
    errors = error.errors if isinstance(error, InvalidInputError | RefusedError) else ()
    told: dict[str, object] = {"reason": error.reason} if isinstance(error, RefusedError) and error.reason else {}
    return problem(STATUS[type(error)], error.detail, request_id, errors, headers, **told)
