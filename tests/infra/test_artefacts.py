"""The artefacts as they are built: for the right machine, small enough, and complete."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from infra import build
from infra.cli.local import BUILT
from infra.descriptions import SERVICES
from infra.template import Template

LIMIT = 250_000_000
X86_64, ARM64 = 62, 183
"""Machine numbers of the ELF header (System V ABI)."""

RESOLVER = "aws_lambda_powertools.event_handler"
HEAVY = {
    "recommend": {"numpy", "onnxruntime"},
    "pricing": {"numpy", "scipy"},
    "themes": {"numpy", "scipy"},
    "training": {"numpy", "onnx", "onnxruntime", "scipy"},
    "value": {"numpy", "scipy"},
}
UNWANTED = {
    *("numpy", "onnxruntime", "scipy", "onnx", "boto3", "s3transfer", "asyncio", "html.parser", "botocore.docs.method"),
    "aws_lambda_powertools.utilities.idempotency",
    *(f"{RESOLVER}.{name}" for name in ("appsync", "bedrock_agent", "http_resolver", "vpc_lattice", "openapi.merge")),
    *(f"aws_lambda_powertools.utilities.{name}" for name in ("parser", "data_classes.s3_event")),
}
"""What costs a cold start and is not needed there; the heavy ones by those that compute with them."""

pytestmark = pytest.mark.local

FUNCTIONS = sorted(Template.load().functions())


def artefact(function: str) -> Path:
    folder = BUILT.parent / f"{function.capitalize()}Function"
    assert folder.is_dir(), "nothing is built: make build LIGHT_ARCHITECTURE=x86_64"
    return folder


def machines(folder: Path) -> set[int]:
    """The machines that the shared objects below a folder are for."""
    found = set()
    for path in folder.rglob("*.so*"):
        head = path.read_bytes()[:20]
        assert head[:4] == b"\x7fELF", path
        found.add(struct.unpack_from("<H", head, 18)[0])
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_library_is_for_this_machine(function: str) -> None:
    assert machines(artefact(function)) == {X86_64}


def test_a_light_function_can_be_built_for_arm64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHT_ARCHITECTURE", "arm64")
    build.build(build.Function("archive", "functions/archive"), tmp_path / "artefact")
    assert machines(tmp_path / "artefact") == {ARM64}


def test_a_library_for_another_machine_ends_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHT_ARCHITECTURE", "x86_64")
    monkeypatch.setitem(build.MACHINES, "x86_64", ARM64)
    with pytest.raises(RuntimeError, match=r"\.so is not for x86_64"):
        build.build(build.Function("archive", "functions/archive"), tmp_path / "artefact")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_it_fits_into_lambda(function: str) -> None:
    assert sum(path.stat().st_size for path in artefact(function).rglob("*") if path.is_file()) < LIMIT


@pytest.mark.parametrize("function", FUNCTIONS)
def test_it_holds_its_own_code_only_and_bytecode_beside_it(function: str) -> None:
    folder = artefact(function)
    rooms = {path.parent.name for path in folder.glob("functions/*/app.py")}
    assert rooms == ({function} - build.IN_TRAINING)
    assert not (folder / "boto3").exists()
    assert {path.name for path in (folder / "botocore/data").iterdir() if path.is_dir()} == set(SERVICES)
    assert list((folder / "shared/domain/__pycache__").glob("events.*.pyc"))


def imported(function: str, print_what: str) -> str:
    """What a fresh interpreter prints that has imported the handler of an artefact, with nothing beside it."""
    module = Template.load().functions()[function]["Handler"].removesuffix(".handler")
    script = (
        f"import sys; sys.path.insert(0, {str(artefact(function))!r})\n"
        f"import gc, {module.partition('.')[0]}\n"
        f"before = gc.get_stats()\nimport {module}\nprint({print_what})"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_it_loads_no_more_libraries_than_it_needs(function: str) -> None:
    """Each of these costs a cold start some hundredths of a second."""
    unwanted = UNWANTED if Template.load().routes(function) else UNWANTED | {RESOLVER}
    found = imported(function, f"*sys.modules.keys() & set({sorted(unwanted)})")
    assert set(found.split()) == HEAVY.get(function, set())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_collector_does_not_run_while_it_is_imported(function: str) -> None:
    assert imported(function, "gc.get_stats() == before") == "True"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_client_can_be_made_of_what_it_holds(function: str) -> None:
    """In a fresh interpreter that has nothing but the artefact: no AWS client of this environment's helps out."""
    script = (
        f"import sys; sys.path.insert(0, {str(artefact(function))!r})\n"
        "from shared.stores import clients\n"
        "print(*(make().meta.service_model.service_name for make in "
        "(clients.dynamodb, clients.s3, clients.sqs, clients.ssm)))\n"
        "print(clients.dynamodb().get_paginator('query'), clients.s3().get_paginator('list_objects_v2'))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        env={"AWS_DEFAULT_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "dynamodb s3 sqs ssm"
