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


@pytest.mark.parametrize("function", FUNCTIONS)
def test_it_fits_into_lambda(function: str) -> None:
    assert sum(path.stat().st_size for path in artefact(function).rglob("*") if path.is_file()) < LIMIT


@pytest.mark.parametrize("function", FUNCTIONS)
def test_it_holds_its_own_code_only_and_bytecode_beside_it(function: str) -> None:
    folder = artefact(function)
    rooms = {path.parent.name for path in folder.glob("functions/*/app.py")}
    assert rooms == ({function} if function != "training" else set())
    assert not (folder / "boto3").exists()
    assert {path.name for path in (folder / "botocore/data").iterdir() if path.is_dir()} == set(SERVICES)
    assert list((folder / "shared/domain/__pycache__").glob("events.*.pyc"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_light_function_loads_no_numpy(function: str) -> None:
    """Imports the handler in a fresh interpreter that has the artefact first on its path."""
    module = Template.load().functions()[function]["Handler"].removesuffix(".handler")
    script = f"import sys, {module}; print(sorted({{'numpy', 'onnxruntime', 'scipy', 'onnx'}} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(artefact(function))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    heavy = {"recommend": ["numpy", "onnxruntime"], "training": ["numpy", "onnx", "onnxruntime", "scipy"]}
    assert done.stdout.strip() == str(heavy.get(function, []))


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
