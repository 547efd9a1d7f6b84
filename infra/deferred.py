"""Packages of an artefact that import all they have, be it one name that is asked for: theirs come when they are.

Powertools' `event_handler` loads resolvers for AppSync, Bedrock and VPC Lattice, and with them asyncio; its event
classes, two dozen of them, for the two that an HTTP API needs. Such an `__init__` is written anew with the
`__getattr__` of PEP 562 in place of its imports, so that `from package import Name` means what it meant before.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PACKAGES = (
    "aws_lambda_powertools",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.event_handler.openapi",
    "aws_lambda_powertools.metrics",
    "aws_lambda_powertools.tracing",
    "aws_lambda_powertools.utilities.data_classes",
)
GETATTR = """

_DEFERRED = {deferred!r}


def __getattr__(name):
    if name not in _DEFERRED:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
    import importlib

    module, attribute = _DEFERRED[name]
    globals()[name] = value = getattr(importlib.import_module(module), attribute)
    return value
"""


class Import(NamedTuple):
    """What a name of a package stands for."""

    name: str
    module: str
    attribute: str


def defer(target: Path) -> None:
    """Rewrite those of `PACKAGES` that the artefact has. Raises `ValueError` where one has nothing to defer."""
    for package in PACKAGES:
        path = target.joinpath(*package.split("."), "__init__.py")
        if path.exists():
            path.write_text(rewritten(path.read_text(), package))


def rewritten(source: str, package: str) -> str:
    """The source of a package's `__init__` with its imports deferred, except of what it uses itself."""
    tree = ast.parse(source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    deferred: list[Import] = []
    kept: list[ast.stmt] = []
    for node in tree.body:
        imports = list(_imports(node, package))
        if imports and all(_can_wait(each, used) for each in imports):
            deferred += imports
        else:
            kept.append(node)
    if not deferred:
        raise ValueError(f"{package} imports nothing that could wait")
    table = {each.name: (each.module, each.attribute) for each in deferred}
    return ast.unparse(ast.Module(kept, [])) + GETATTR.format(deferred=table)


def _imports(node: ast.stmt, package: str) -> Iterator[Import]:
    """What a statement imports from inside of the package's own distribution."""
    if not isinstance(node, ast.ImportFrom):
        return
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    module = ".".join([*above, *([node.module] if node.module else [])])
    if module.partition(".")[0] == package.partition(".")[0]:
        yield from (Import(alias.asname or alias.name, module, alias.name) for alias in node.names)


def _can_wait(each: Import, used: set[str]) -> bool:
    """A name that is also its module's would be that module as soon as anybody had imported it."""
    return each.name not in used and each.name != each.module.rpartition(".")[2] and each.attribute != "*"
