"""The template and the code say the same."""

import ast
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from infra import build, openapi
from infra.template import Route, Template
from shared.domain import errors
from shared.domain.errors import DomainError
from shared.domain.settings import Settings
from shared.stores.models import ModelStore
from shared.stores.table import Table
from shared.web.problems import STATUS
from tests.house.rules import IN_TRAINING, actions_of, allowed

ROOT = Path(__file__).parents[2]
TEMPLATE = Template.load()
FUNCTIONS = sorted(TEMPLATE.functions())
WITHOUT_RESOURCES = {"cloudwatch:GetMetricStatistics"}
"""Actions for which AWS knows no resource but `*`."""


def folder(function: str) -> str:
    return IN_TRAINING.get(function, f"functions/{function}")


def test_every_function_folder_is_in_the_template_and_the_reverse() -> None:
    folders = {path.parent.name for path in ROOT.glob("functions/*/app.py")}
    assert folders | IN_TRAINING.keys() == set(FUNCTIONS)
    nightly = {str(path.parent.relative_to(ROOT)) for path in ROOT.glob("training/**/app.py")}
    assert nightly == set(IN_TRAINING.values())
    assert IN_TRAINING.keys() == build.IN_TRAINING


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_handler_is_the_folders_app(function: str) -> None:
    module = f"{folder(function).replace('/', '.')}.app"
    assert TEMPLATE.functions()[function]["Handler"] == f"{module}.handler"
    assert callable(importlib.import_module(module).handler)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_settings_are_the_environment(function: str) -> None:
    module = importlib.import_module(f"{folder(function).replace('/', '.')}.settings")
    (model,) = (
        each
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, Settings) and each.__module__ == module.__name__
    )
    assert {name.upper() for name in model.model_fields} == TEMPLATE.environment(function)


@pytest.mark.parametrize("function", sorted(openapi.apps()))
def test_routes_in_code_are_the_routes_in_the_template(function: str) -> None:
    app = openapi.apps()[function]
    in_code = {
        Route(method, re.sub(r"<(\w+)>", r"{\1}", route.path))
        for route in app._static_routes + app._dynamic_routes
        for method in [route.method]
    }
    assert in_code == {route for route in TEMPLATE.routes(function) if route.path != "$default"}


def test_one_function_answers_what_no_route_does() -> None:
    assert [name for name in FUNCTIONS if Route("", "$default") in TEMPLATE.routes(name)] == ["catalogue"]


def test_every_domain_error_has_a_status() -> None:
    domain = {each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, DomainError)}
    assert set(STATUS) == domain - {DomainError}


def test_the_committed_openapi_is_the_generated_one() -> None:
    assert openapi.PATH.read_text() == openapi.text(), "run `python -m infra.openapi`"


@pytest.mark.parametrize("path", [*ROOT.glob("functions/**/*.py"), *ROOT.glob("training/**/*.py")], ids=str)
def test_nothing_but_the_settings_reads_the_environment(path: Path) -> None:
    """So that the settings, which are the template's variables, are all that the code wants to be told."""
    tree = ast.parse(path.read_text())
    reads = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is(node.func, "read")]
    handed_on = {id(each) for node in reads for each in node.args}
    found = [node for node in ast.walk(tree) if _is(node, "environ") or _is(node, "getenv")]
    assert {id(node) for node in found} <= handed_on


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name


class Kept:
    """In place of S3: what is asked of it."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def put_object(self, **call: Any) -> None:
        self.calls.append(call)


def test_models_are_written_once_by_the_store_and_by_order_of_the_bucket(table: Table) -> None:
    """What stands in for versions: see infra/decisions.md."""
    kept: Any = Kept()
    ModelStore(table, kept, "bucket").publish("m1", {"a": b"", "b": b""}, "")
    assert [(call["Key"], call["IfNoneMatch"]) for call in kept.calls] == [("models/m1/a", "*"), ("models/m1/b", "*")]
    statements = TEMPLATE.properties("BucketPolicy")["PolicyDocument"]["Statement"]
    (once,) = (each for each in statements if each["Action"] == "s3:PutObject")
    assert (once["Effect"], once["Principal"]) == ("Deny", "*")
    # The parts of an upload in parts carry no condition; what makes the object of them does.
    of_objects = {"Bool": {"s3:ObjectCreationOperation": "true"}}
    assert once["Condition"] == {"Null": {"s3:if-none-match": "true"}} | of_objects
    assert once["Resource"] == {"Fn::Sub": "${Bucket.Arn}/models/*"}


def test_no_function_may_delete_a_model_but_pricing_its_own_and_no_rule_expires_one() -> None:
    for function, statement in allowed(TEMPLATE):
        if "s3:DeleteObject" in actions_of(statement):
            own = r"|models/demand-\*$" if function == "pricing" else ""
            assert all(re.match(rf"\$\{{Bucket.Arn\}}/((?!models)\w+/{own})", each) for each in resources(statement))
    for rule in TEMPLATE.properties("Bucket")["LifecycleConfiguration"]["Rules"]:
        assert "ExpirationInDays" not in rule or rule["Prefix"] == "exports/"
    assert "VersioningConfiguration" not in TEMPLATE.properties("Bucket"), "the archive must be erasable"


def resources(statement: dict[str, Any]) -> list[str]:
    found = statement["Resource"]
    return [each["Fn::Sub"] for each in (found if isinstance(found, list) else [found])]
