"""Who may import whom: walks every syntax tree of the house."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("functions", "shared", "training", "infra")
PURE = {"pydantic", *sys.stdlib_module_names}
NO_IO = {"os", "io", "socket", "subprocess", "urllib", "http", "pathlib", "tempfile", "sqlite3", "shutil"}


def modules() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def allowed(importer: Path, imported: str) -> bool:  # noqa: PLR0911 - one line a rule
    room, *rest = importer.relative_to(ROOT).parts
    top, *below = imported.split(".")
    if top == "infra":
        return room == "infra"
    match room, top:
        case "infra", _:
            return True
        case "functions", "functions":
            return below[0] == rest[0]
        case "functions", "training":
            return False
        case "training", "functions":
            return False
        case "shared", "functions" | "training":
            return False
        case "shared", "shared" if rest[0] in {"domain", "telemetry"}:
            return below[0] == rest[0]
        case "shared", "shared":
            return below[0] in {rest[0], "domain", "telemetry"}
        case "shared", _ if rest[0] == "domain":
            return top in PURE and top not in NO_IO
    return True


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_rules(path: Path) -> None:
    assert [imported for imported in imports(path) if not allowed(path, imported)] == []


@pytest.mark.parametrize(
    ("package", "room"),
    [("botocore", "shared/stores"), ("onnxruntime", "shared/inference")],
)
def test_one_room_talks_to_one_outside(package: str, room: str) -> None:
    """`infra` is what runs around the house, so it may."""
    users = {
        path.relative_to(ROOT).parent for path in modules() for name in imports(path) if name.split(".")[0] == package
    }
    assert {str(user) for user in users if user.parts[0] != "infra"} == {room}


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("functions/ingest/app.py", "functions.catalogue.app"),
        ("functions/ingest/app.py", "training.train"),
        ("shared/stores/events.py", "functions.ingest"),
        ("shared/web/edge.py", "shared.stores.keys"),
        ("shared/domain/events.py", "shared.telemetry.log"),
        ("shared/telemetry/log.py", "shared.stores.keys"),
        ("shared/domain/events.py", "boto3"),
        ("shared/domain/events.py", "os"),
        ("training/app.py", "infra.build"),
    ],
)
def test_the_rules_bite(importer: str, imported: str) -> None:
    assert not allowed(ROOT / importer, imported)


def test_packages_load_nothing_by_themselves() -> None:
    assert [path for path in modules() if path.name == "__init__.py" and path.read_text().strip()] == []
