"""botocore's descriptions of AWS in an artefact: of the services that functions call, without what only people read.

They are most of its size, and to read them is most of what a client costs a cold start: botocore looks at the folder of
every service there is, reads the endpoints of all, and unzips each description with its manual.
"""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

SERVICES = ("apigatewayv2", "cloudwatch", "dynamodb", "s3", "scheduler", "sns", "sqs", "ssm")
"""What `shared/stores/clients.py` makes clients of."""
FOR_PEOPLE = "documentation"
UNUSED_FILES = ("examples-1.json*", "waiters-2.json*")


def trim(data: Path) -> None:
    """Leave in `botocore/data` what clients of `SERVICES` read, as JSON that is quick to read."""
    for service in [path for path in data.iterdir() if path.is_dir()]:
        if service.name in SERVICES:
            _trim_service(service)
        else:
            shutil.rmtree(service)
    endpoints = json.loads((data / "endpoints.json").read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: each for name, each in partition["services"].items() if name in SERVICES}
    _write(data / "endpoints.json", endpoints)


def _trim_service(service: Path) -> None:
    *older, _ = sorted(service.iterdir())
    for version in older:
        shutil.rmtree(version)
    for pattern in UNUSED_FILES:
        for path in service.glob(f"*/{pattern}"):
            path.unlink()
    for path in service.glob("*/*.json.gz"):
        _write(path.with_suffix(""), _for_machines(json.loads(gzip.decompress(path.read_bytes()))))
        path.unlink()


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
