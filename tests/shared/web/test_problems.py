"""Every error as an RFC 9457 problem."""

import json

import pytest

from shared.domain.errors import (
    BadSignatureError,
    DomainError,
    FieldError,
    InvalidInputError,
    MissingKeyError,
    StoreUnavailableError,
    TooManyError,
    UnknownKeyError,
)
from shared.web.problems import STATUS, problem_of


@pytest.mark.parametrize("kind", list(STATUS))
def test_every_error_has_the_shape_of_a_problem(kind: type[DomainError]) -> None:
    reply = problem_of(kind("What is wrong."), "request-1")
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.status_code == STATUS[kind]
    assert json.loads(str(reply.body)) == {
        "type": "about:blank",
        "title": STATUS[kind].phrase,
        "status": STATUS[kind].value,
        "detail": "What is wrong.",
        "instance": "request-1",
    }


def test_the_callers_faults_are_below_500_and_ours_are_not() -> None:
    ours = {kind for kind, status in STATUS.items() if status >= 500}
    assert ours == {StoreUnavailableError}
    assert all(status >= 400 for status in STATUS.values())


def test_bad_fields_are_named() -> None:
    reply = problem_of(InvalidInputError("No.", [FieldError("items.0.title", "is missing")]), "r")
    assert json.loads(str(reply.body))["errors"] == [{"field": "items.0.title", "message": "is missing"}]


@pytest.mark.parametrize("kind", [MissingKeyError, UnknownKeyError])
def test_a_401_says_how_to_authenticate(kind: type[DomainError]) -> None:
    assert problem_of(kind(""), "r").headers["WWW-Authenticate"] == "Bearer"


def test_a_401_for_a_signature_does_not_ask_for_a_key() -> None:
    assert problem_of(BadSignatureError(""), "r").headers["WWW-Authenticate"] == "HMAC-SHA256"


@pytest.mark.parametrize("kind", [StoreUnavailableError, TooManyError])
def test_what_passes_says_when_to_come_back(kind: type[StoreUnavailableError | TooManyError]) -> None:
    assert problem_of(kind("", retry_after_seconds=7), "r").headers["Retry-After"] == "7"
