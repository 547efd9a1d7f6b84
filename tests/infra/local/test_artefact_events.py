"""Every built function answers its events in AWS's Runtime Interface Emulator, with nothing but boto3 beside it."""

import json
import shutil
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest

from infra.cli.local import BUILT
from infra.local.runtime import Runtime
from infra.local.stack import LocalStack
from infra.template import Template
from tests.events import world
from tests.events.answers import ANSWERS, holds

FUNCTIONS = Template.load().functions()
BROKEN = "100000000000000000004"
"""The sequence number of the record that cannot be read."""

pytestmark = pytest.mark.local


class Shop(NamedTuple):
    """The events' shop, and what functions are told that work on it."""

    stack: LocalStack
    environment: Mapping[str, str]

    def runtime(self, artefact: Path, function: str, otherwise: Mapping[str, str] | None = None) -> Runtime:
        properties = FUNCTIONS[function]
        told = {**self.environment, **(otherwise or {})}
        return Runtime(artefact, properties["Handler"], told, properties["MemorySize"])

    def objects(self, prefix: str) -> list[str]:
        found = self.stack.client("s3").list_objects_v2(Bucket=world.BUCKET, Prefix=prefix)
        return [each["Key"] for each in found.get("Contents", [])]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with LocalStack(tmp_path_factory.mktemp("events")) as stack:
        yield Shop(stack, world.furnish(stack))


def artefact(function: str) -> Path:
    folder = BUILT.parent / f"{function.capitalize()}Function"
    assert folder.is_dir(), "nothing is built: make build LIGHT_ARCHITECTURE=x86_64"
    return folder


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_built_function_answers_its_events(shop: Shop, function: str) -> None:
    names = sorted((name for of, name in world.events() if of == function), reverse=True)
    for otherwise, some in groupby(names, key=lambda name: world.OTHERWISE.get((function, name))):
        with shop.runtime(artefact(function), function, otherwise) as runtime:
            for name in some:
                answer = runtime.invoke(world.event(function, name))
                wanted = ANSWERS[function, name]
                assert holds(answer, wanted), f"{name}: {json.dumps(answer)[:1000]}\nlog:\n{runtime.log()[-3000:]}"


@pytest.mark.parametrize("function", ["archive", "project"])
def test_what_cannot_be_read_is_set_aside(shop: Shop, function: str) -> None:
    with shop.runtime(artefact(function), function) as runtime:
        runtime.invoke(world.event(function, "failure-poison"))
    named = [key for key in shop.objects("poison/") if f"/{function}/" in key and key.endswith(f"-{BROKEN}.json")]
    assert len(named) == 1


def test_an_export_is_there_once_it_was_asked_for(shop: Shop) -> None:
    with shop.runtime(artefact("fulfil"), "fulfil") as runtime:
        assert runtime.invoke(world.event("fulfil", "smoke-export")) is None
    assert [key for key in shop.objects("exports/") if world.EXPORT_JOB in key]


def test_nothing_beside_an_artefact_helps_it_out(shop: Shop, tmp_path: Path) -> None:
    """Without one of its libraries, which this machine has, it does not start."""
    shutil.copytree(artefact("catalogue"), tmp_path / "artefact", ignore=shutil.ignore_patterns("cachetools"))
    with shop.runtime(tmp_path / "artefact", "catalogue") as runtime:
        answer = runtime.invoke(world.event("catalogue", "smoke-get"))
    assert answer["errorType"] == "Runtime.ImportModuleError"
    assert "No module named 'cachetools'" in answer["errorMessage"]


def test_an_artefact_whose_code_is_broken_answers_otherwise(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "artefact"
    shutil.copytree(artefact("archive"), folder)
    module = folder / "shared/stores/events.py"
    module.write_text(module.read_text().replace('record["items"]', 'record["things"]'))
    shutil.rmtree(module.parent / "__pycache__")
    with shop.runtime(folder, "archive") as runtime:
        assert runtime.invoke(world.event("archive", "smoke-stream")) == {"objects": 0, "batchItemFailures": []}
