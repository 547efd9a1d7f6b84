"""The committed description is a valid OpenAPI 3.1 document, and says of every operation what a client must know."""

import json
import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from infra import openapi

DOCUMENT: dict[str, Any] = json.loads(openapi.PATH.read_text())
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def references(node: Any) -> set[str]:
    match node:
        case {"$ref": str(reference), **rest}:
            return {reference} | references(rest)
        case dict():
            return set().union(*map(references, node.values()))
        case list():
            return set().union(*map(references, node))
    return set()


def test_the_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert [str(error) for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_the_validator_bites() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT | {"info": {"title": "no version"}}).iter_errors())


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    named = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert references(DOCUMENT) == named


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_says_what_it_does_and_how_it_fails(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert {"200", "202"} & set(operation["responses"])
    problem = {"$ref": "#/components/schemas/Problem"}
    for status in ("400", "401", "403", "404", "413", "503"):
        assert operation["responses"][status]["content"]["application/problem+json"]["schema"] == problem


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", list(DOCUMENT["paths"]))
def test_paths_and_parameters_are_as_the_conventions_have_them(path: str) -> None:
    assert re.fullmatch(r"/v1(/[a-z_.-]+|/{[a-z_]+})+", path)
    for operation in DOCUMENT["paths"][path].values():
        declared = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path))
