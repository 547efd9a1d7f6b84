"""botocore in an artefact: of its descriptions of AWS what functions call, and nothing that only people read.

They are most of its size, and to read them is most of what a client costs a cold start: botocore looks at the folder of
every service there is, reads the endpoints of all, unzips each description with its manual, and makes a method of every
operation. Beside that it imports what writes its own manual, at a prompt or as a book.
"""

import gzip
import json
import re
import shutil
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Any

from botocore import xform_name

SERVICES = ("apigatewayv2", "cloudwatch", "dynamodb", "s3", "scheduler", "sns", "sqs", "ssm")
"""What `shared/stores/clients.py` makes clients of."""
FOR_PEOPLE = "documentation"
UNUSED_FILES = ("examples-1.json*", "waiters-2.json*")
CALLED_BY_BOTOCORE = {"head_bucket"}
"""To learn of a bucket's region, where that is another."""
NO_MANUAL = '''"""In place of what writes the manual of a client, a method or a paginator: none is written."""


class _None(str):
    def __new__(cls, *_, **__):
        return super().__new__(cls)

    def __init__(self, *_, **__):
        pass


ClientMethodDocstring = PaginatorDocstring = WaiterDocstring = _None
'''


def words(sources: Iterable[Path]) -> set[str]:
    """Every word of these sources: among them is every operation that they call, by whatever way."""
    return {word for path in sources for word in re.findall(r"\w+", path.read_text())}


def without_manual(docs: Path) -> None:
    """Leave in `botocore/docs` what a client imports; its `utils` has to do with parameters."""
    for path in docs.iterdir():
        if path.name != "utils.py":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (docs / "__init__.py").touch()
    (docs / "docstring.py").write_text(NO_MANUAL)


def trim(data: Path, called: Container[str]) -> None:
    """Leave in `botocore/data` what clients of `SERVICES` read, as JSON that is quick to read.

    Of their operations those stay whose method is in `called`.
    """
    for service in [path for path in data.iterdir() if path.is_dir()]:
        if service.name in SERVICES:
            _trim_service(service, called)
        else:
            shutil.rmtree(service)
    endpoints = json.loads((data / "endpoints.json").read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: each for name, each in partition["services"].items() if name in SERVICES}
    _write(data / "endpoints.json", endpoints)


def _trim_service(service: Path, called: Container[str]) -> None:
    *older, _ = sorted(service.iterdir())
    for version in older:
        shutil.rmtree(version)
    for pattern in UNUSED_FILES:
        for path in service.glob(f"*/{pattern}"):
            path.unlink()
    for path in service.glob("*/*.json.gz"):
        _write(path.with_suffix(""), _for_machines(json.loads(gzip.decompress(path.read_bytes()))))
        path.unlink()
    for path in service.glob("*/service-2.json"):
        _write(path, _called(json.loads(path.read_bytes()), called))


def _called(description: dict[str, Any], called: Container[str]) -> dict[str, Any]:
    """The description with these operations, and what they are made of."""
    operations = {
        name: each
        for name, each in description["operations"].items()
        if (method := xform_name(name)) in called or method in CALLED_BY_BOTOCORE
    }
    shapes, left = {}, list(_shapes(operations))
    while left:
        if (name := left.pop()) not in shapes:
            shapes[name] = description["shapes"][name]
            left += _shapes(shapes[name])
    return description | {"operations": operations, "shapes": dict(sorted(shapes.items()))}


def _shapes(value: Any) -> Iterator[str]:
    """The names of the shapes that a part of a description refers to."""
    match value:
        case dict():
            if isinstance(name := value.get("shape"), str):
                yield name
            for each in value.values():
                yield from _shapes(each)
        case list():
            for each in value:
                yield from _shapes(each)


def _for_machines(value: Any) -> Any:
    """The same with an empty manual."""
    match value:
        case dict():
            return {name: _said(name, each) for name, each in value.items()}
        case list():
            return [_for_machines(each) for each in value]
    return value


def _said(name: str, value: Any) -> Any:
    """A member of a shape may itself be called `documentation`: that is no text."""
    return "" if name == FOR_PEOPLE and isinstance(value, str) else _for_machines(value)


def _write(path: Path, value: Any) -> None:
    """As a new file: the old one may be a link to what others have installed, too."""
    path.unlink(missing_ok=True)
    path.write_text(json.dumps(value, separators=(",", ":")))
