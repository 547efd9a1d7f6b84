"""The template and the code say the same."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

from infra import openapi
from infra.template import Route, Template
from shared.domain import errors
from shared.domain.errors import DomainError
from shared.domain.settings import Settings
from shared.web.problems import STATUS

ROOT = Path(__file__).parents[2]
TEMPLATE = Template.load()
FUNCTIONS = sorted(TEMPLATE.functions())
WITHOUT_RESOURCES = {"cloudwatch:GetMetricStatistics"}
"""Actions for which AWS knows no resource but `*`."""


def folder(function: str) -> str:
    return "training" if function == "training" else f"functions/{function}"


def test_every_function_folder_is_in_the_template_and_the_reverse() -> None:
    folders = {path.parent.name for path in ROOT.glob("functions/*/app.py")}
    assert folders | {"training"} == set(FUNCTIONS)


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


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_may_do_everything(function: str) -> None:
    for policy in TEMPLATE.functions()[function].get("Policies", []):
        for statement in policy["Statement"]:
            actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
            assert [action for action in actions if "*" in action] == []
            assert statement["Resource"] != "*" or set(actions) <= WITHOUT_RESOURCES
