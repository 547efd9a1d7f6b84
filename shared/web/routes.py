"""What routes are told of a request beside its body, and how they answer with a version."""

import re
from http import HTTPStatus
from typing import Annotated, Protocol

from aws_lambda_powertools.event_handler import Depends, Request, Response
from aws_lambda_powertools.event_handler.openapi.params import Header

from shared.domain.errors import FieldError, InvalidInputError
from shared.web.auth import Caller, require_secret


def any_caller(request: Request) -> Caller:
    """The caller, whichever kind of key it holds."""
    caller: Caller = request.context["caller"]
    return caller


def secret_caller(request: Request) -> Caller:
    """The caller, who must hold a secret key."""
    caller = any_caller(request)
    require_secret(caller)
    return caller


def objects(request: Request) -> bool:
    """Whether the browser objects for its user: `Sec-GPC: 1`, Global Privacy Control."""
    return request.headers.get("sec-gpc") == "1"


def repeats(request: Request) -> bool:
    """Whether a library of Segment's sends this again, as it says itself."""
    return request.headers.get("x-retry-count", "0") not in {"", "0"}


AnyCaller = Annotated[Caller, Depends(any_caller)]
SecretCaller = Annotated[Caller, Depends(secret_caller)]
Objected = Annotated[bool, Depends(objects)]
Repeated = Annotated[bool, Depends(repeats)]
IfMatch = Annotated[str | None, Header(alias="if-match", description='The version that it must have, as in "3".')]


def version_in(if_match: str | None, otherwise: int | None = None) -> int | None:
    """The version that an If-Match header names, or `otherwise` where there is none. Raises `InvalidInputError`."""
    if if_match is None:
        return otherwise
    if found := re.fullmatch(r'(?:W/)?"?(\d{1,18})"?', if_match.strip(), re.ASCII):
        return int(found[1])
    raise InvalidInputError("If-Match names no version.", [FieldError("If-Match", 'must be a version, as in "3"')])


class Versioned(Protocol):
    """What rises by one with each change."""

    @property
    def version(self) -> int | None: ...


def tagged[T: Versioned](body: T) -> Response[T]:
    """The body, with its version as ETag where it has one."""
    headers: dict[str, str | list[str]] = {} if body.version is None else {"ETag": f'"{body.version}"'}
    return Response(HTTPStatus.OK, "application/json", body, headers=headers)
