"""Builds one function's artefact: its locked dependencies and its own code, stripped and precompiled.

`sam build` calls it through the Makefile, once for each function.
"""

import compileall
import os
import py_compile
import shutil
import subprocess
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from infra import deferred, descriptions
from infra.local.tools import uv

ROOT = Path(__file__).parent.parent
HEAVY = {"recommend", "training"}
"""They load onnxruntime, and so are x86_64; see infra/decisions.md."""
PLATFORMS = {"x86_64": "x86_64-manylinux_2_28", "arm64": "aarch64-manylinux_2_28"}
UNUSED_BY_RECOMMEND = ["flatbuffers*", "google", "protobuf*", "packaging*", "numpy/f2py"]
"""Declared by onnxruntime for its tools: an inference session imports none of them. scipy imports numpy.f2py."""
UNUSED_PATHS = [
    "**/*.pyi",
    "**/py.typed",
    "**/tests",
    "bin",
    "numpy/_core/include",
    "numpy/_core/lib",
    "numpy/random/lib",
    "onnxruntime/backend",
    "onnxruntime/capi/libonnxruntime.so.*",
    "onnxruntime/datasets",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/transformers",
    "onnx/backend/test",
    "onnx/**/*.h",
    "onnx/**/*.cc",
    "onnx/**/*.proto*",
    "onnx/test",
]

START = '''"""The first of ours that is imported.

An import makes objects to stay. Python's collector of cycles would look through them again and again, dozens of times
in one start, so it waits until the first client of AWS is made (shared/stores/clients.py).
"""

import gc

gc.set_threshold({waits})
'''
START_OBJECTS = 300_000
"""Twice what the largest function makes. Not without end: a function that never makes a client must not fill up."""


class Function(NamedTuple):
    """A deployed function: its dependency group, and the folder of its code."""

    name: str
    folder: str

    @property
    def architecture(self) -> str:
        """Light functions follow LIGHT_ARCHITECTURE, as the template's parameter of that name does."""
        return "x86_64" if self.name in HEAVY else os.environ.get("LIGHT_ARCHITECTURE", "arm64")


def build(function: Function, target: Path) -> None:
    """Fill `target` with the artefact. Raises `subprocess.CalledProcessError` where uv fails."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    _install(function, target)
    _strip(function, target)
    _copy_code(function, target)
    _precompile(target)


def _install(function: Function, target: Path) -> None:
    """Exactly what the lock file says for the function's group, as wheels for its architecture."""
    locked = target.with_name(f"{target.name}-requirements.txt")
    _uv("export", "--frozen", "--only-group", function.name, "--output-file", str(locked))
    platform = PLATFORMS[function.architecture]
    wheels = ["--only-binary", ":all:", "--python-platform", platform, "--python-version", "3.13"]
    _uv(
        "pip",
        "install",
        "--no-deps",
        "--require-hashes",
        *wheels,
        # What is changed in an artefact must not be uv's own copy, which every environment here shares.
        *("--link-mode", "copy"),
        "--target",
        str(target),
        "--requirement",
        str(locked),
    )
    locked.unlink()


def _uv(*arguments: str) -> None:
    subprocess.run([str(uv()), "--quiet", *arguments], cwd=ROOT, check=True)


def _strip(function: Function, target: Path) -> None:
    for pattern in UNUSED_PATHS + (UNUSED_BY_RECOMMEND if function.name == "recommend" else []):
        for path in sorted(target.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    if (botocore := target / "botocore").is_dir():
        descriptions.without_manual(botocore / "docs")
        descriptions.trim(botocore / "data", descriptions.words(_sources()))
    deferred.defer(target)


def _sources() -> list[Path]:
    return [path for room in ("functions", "shared", "training") for path in (ROOT / room).rglob("*.py")]


def _copy_code(function: Function, target: Path) -> None:
    """The function's own folder and `shared`; nothing of another function's."""
    skip = shutil.ignore_patterns("__pycache__")
    for folder in ("shared", function.folder):
        shutil.copytree(ROOT / folder, target / folder, ignore=skip)
    (target / function.folder.partition("/")[0] / "__init__.py").write_text(START.format(waits=START_OBJECTS))


def _precompile(target: Path) -> None:
    """Bytecode beside the source, taken without a look at the source's date: a cold start takes half the time."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(target, quiet=1, invalidation_mode=mode, stripdir=str(target)):
        raise RuntimeError(f"a source under {target} does not compile")


def main(
    name: Annotated[str, typer.Argument(help="The function: ingest, catalogue, ..., or training.")],
    target: Annotated[Path, typer.Argument(help="Where the artefact goes.")],
) -> None:
    """Build one function's artefact."""
    folder = "training" if name == "training" else f"functions/{name}"
    build(Function(name, folder), target)


if __name__ == "__main__":
    typer.run(main)
