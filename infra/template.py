"""template.yaml as data, for the tests that guard the house and for whatever is generated from it."""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self

import yaml

PATH = Path(__file__).parent.parent / "template.yaml"
FUNCTION = "AWS::Serverless::Function"


class Route(NamedTuple):
    """A route as the gateway knows it; `$default` has no method."""

    method: str
    path: str


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms, `!Ref X` as `{"Ref": "X"}` and `!Sub x` as `{"Fn::Sub": "x"}`."""


def _short_form(loader: yaml.Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    match node:
        case yaml.ScalarNode():
            return {name: loader.construct_scalar(node)}
        case yaml.SequenceNode():
            return {name: loader.construct_sequence(node, deep=True)}
        case yaml.MappingNode():
            return {name: loader.construct_mapping(node, deep=True)}
    raise TypeError(f"{node} is no YAML node")


_Loader.add_multi_constructor("!", _short_form)


class Template:
    """The resources of the template by their logical ids."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    @classmethod
    @cache
    def load(cls, path: Path = PATH) -> Self:
        return cls(yaml.load(path.read_text(), _Loader))  # noqa: S506 - a subclass of the safe loader

    def properties(self, logical_id: str) -> dict[str, Any]:
        properties: dict[str, Any] = self.document["Resources"][logical_id]["Properties"]
        return properties

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of each resource of a type, by logical id."""
        return {
            logical_id: resource.get("Properties", {})
            for logical_id, resource in self.document["Resources"].items()
            if resource["Type"] == kind
        }

    def functions(self) -> dict[str, dict[str, Any]]:
        """Each function's properties by its name, which is its folder's: `IngestFunction` is `ingest`."""
        return {
            logical_id.removesuffix("Function").lower(): resource["Properties"]
            for logical_id, resource in self.document["Resources"].items()
            if resource["Type"] == FUNCTION
        }

    def routes(self, function: str) -> set[Route]:
        """The function's routes."""
        events = self.functions()[function].get("Events", {}).values()
        properties = [event["Properties"] for event in events if event["Type"] == "HttpApi"]
        return {Route(each.get("Method", ""), each.get("Path", "$default")) for each in properties}

    def environment(self, function: str) -> set[str]:
        """The names of the function's environment variables."""
        return set(self.functions()[function].get("Environment", {}).get("Variables", {}))
