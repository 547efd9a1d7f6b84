"""Templates as the emulator needs them: with the parameters' values as their defaults.

Its SAM transform knows the defaults only, so a value given at the deployment would not reach what SAM resolves itself
(CORS, routes, schedules, event sources).
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from infra.local.errors import DeployFailedError


@contextmanager
def with_values(template: Path, parameters: Mapping[str, str], name: str) -> Iterator[Path]:
    """Write a copy of the template, for as long as the block runs; beside it, since artefacts are named relatively."""
    copy = template.with_name(f".{template.stem}-{name}.json")
    copy.write_text(json.dumps(_set_defaults(read(template), parameters), default=str))
    try:
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def read(template: Path) -> dict[str, Any]:
    """Read a template in YAML or JSON, with `!Ref` and its kin spelled out."""
    content: dict[str, Any] = yaml.load(template.read_text(), Loader=_Loader)  # noqa: S506 - a safe loader with tags
    return content


def _set_defaults(content: dict[str, Any], parameters: Mapping[str, str]) -> dict[str, Any]:
    declared = content.get("Parameters", {})
    unknown = sorted(parameters.keys() - declared.keys())
    if unknown:
        raise DeployFailedError(f"The template has no parameter {', '.join(unknown)}; it has {', '.join(declared)}.")
    for name, value in parameters.items():
        declared[name]["Default"] = value
    return content


class _Loader(yaml.SafeLoader):
    """A safe loader that reads the short forms of CloudFormation's functions."""


def _spell_out(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)  # noqa: S101 - there are three kinds
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _spell_out)
