"""Imports that wait: a name of a package means what it meant, and nothing is loaded for those that nobody asks for."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra.deferred import PACKAGES, defer, rewritten

EAGER = """'''A package.'''

from os import path
from shop.lamp import Lamp, Bulb as Light
from .shade import Shade
from shop.used import register
from shop.sofa import sofa

__all__ = ["Lamp", "Light", "Shade"]
register()
"""
LAMP = "class Lamp: ...\nclass Bulb: ...\n"
FILES = {"__init__": EAGER, "lamp": LAMP, "shade": "class Shade: ...\n", "sofa": "sofa = 1\n"}


def shop(folder: Path, init: str) -> Path:
    (folder / "shop").mkdir()
    for name, text in (FILES | {"__init__": init, "used": "def register(): ...\n"}).items():
        (folder / "shop" / f"{name}.py").write_text(text)
    return folder


def run(folder: Path, script: str) -> str:
    """What a script prints that has this folder first on its path."""
    whole = f"import sys; sys.path.insert(0, {str(folder)!r})\n{script}"
    done = subprocess.run([sys.executable, "-I", "-c", whole], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_name_is_imported_when_it_is_asked_for(tmp_path: Path) -> None:
    folder = shop(tmp_path, rewritten(EAGER, "shop"))
    loaded = "print(sorted(name for name in sys.modules if name.startswith('shop')))"
    assert run(folder, f"import shop\n{loaded}") == "['shop', 'shop.sofa', 'shop.used']"
    script = f"from shop import Light, Shade\nprint(Light.__name__, Shade.__module__)\n{loaded}"
    assert run(folder, script).splitlines() == [
        "Bulb shop.shade",
        "['shop', 'shop.lamp', 'shop.shade', 'shop.sofa', 'shop.used']",
    ]


def test_what_is_not_there_is_said_as_ever(tmp_path: Path) -> None:
    folder = shop(tmp_path, rewritten(EAGER, "shop"))
    told = run(folder, "import shop\ntry: shop.table\nexcept AttributeError as error: print(error)")
    assert told == "module 'shop' has no attribute 'table'"


def test_a_name_that_is_also_its_modules_does_not_wait() -> None:
    """Whoever imports the module first would find the module under the name."""
    text = rewritten(EAGER, "shop")
    assert "from shop.sofa import sofa" in text
    assert "from os import path" in text


def test_a_package_that_has_nothing_to_defer_is_an_error() -> None:
    with pytest.raises(ValueError, match="shop imports nothing that could wait"):
        rewritten("from os import path\n", "shop")


@pytest.fixture(scope="module")
def powertools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Powertools as installed, but for the packages that are rewritten."""
    folder = tmp_path_factory.mktemp("deferred")
    (installed,) = importlib.import_module("aws_lambda_powertools").__path__
    for path in Path(installed).rglob("*.py"):
        copy = folder / "aws_lambda_powertools" / path.relative_to(installed)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.symlink_to(path) if path.name != "__init__.py" else copy.write_text(path.read_text())
    defer(folder)
    return folder


@pytest.mark.parametrize("package", PACKAGES)
def test_each_name_of_powertools_is_what_it_was(powertools: Path, package: str) -> None:
    eager = importlib.import_module(package)
    script = (
        f"import json, {package} as package\n"
        "named = {name: getattr(package, name) for name in package.__all__}\n"
        "print(json.dumps({name: f'{each.__module__}.{each.__qualname__}' for name, each in named.items()}))\n"
    )
    found = json.loads(run(powertools, script))
    named = {name: getattr(eager, name) for name in eager.__all__}
    assert found == {name: f"{each.__module__}.{each.__qualname__}" for name, each in named.items()}
    assert len(found) > 1


def test_the_resolver_of_an_http_api_loads_no_other(powertools: Path) -> None:
    script = (
        "from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response\n"
        "unneeded = ('asyncio', 'aws_lambda_powertools.event_handler.appsync', "
        "'aws_lambda_powertools.event_handler.bedrock_agent')\n"
        "print([name for name in unneeded if name in sys.modules])"
    )
    assert run(powertools, script) == "[]"
