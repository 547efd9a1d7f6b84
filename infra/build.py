"""Builds one function's artefact: its locked dependencies and its own code, stripped and precompiled.

`sam build` calls it through the Makefile, once for each function.
"""

import compileall
import os
import py_compile
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from infra import carried, deferred, descriptions, sentiment
from infra.local.tools import uv

ROOT = Path(__file__).parent.parent
CARRIED = ROOT / ".aws-sam/carried"
SENTIMENT = {"feedback", "reviews"}
"""They carry the sentiment model, in the folder `sentiment`."""
HEAVY = {"recommend", "training"} | SENTIMENT
"""They load onnxruntime, and so are x86_64; see infra/decisions.md."""
IN_TRAINING = {"training", "value", "pricing"}
"""Their code lies in `training`."""
PLATFORMS = {"x86_64": "x86_64-manylinux_2_28", "arm64": "aarch64-manylinux_2_28"}
MACHINES = {"x86_64": 62, "arm64": 183}
"""In the header of a library (System V ABI, ELF)."""
SERVING = SENTIMENT | {"recommend"}
UNUSED_AT_SERVING = ["flatbuffers*", "google", "protobuf*", "packaging*", "numpy/f2py"]
"""Declared by onnxruntime for its tools: an inference session imports none of them. scipy imports numpy.f2py."""
UNUSED_PATHS = [
    "**/*.pyi",
    "**/py.typed",
    "**/tests",
    ".lock",
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
    target.parent.mkdir(parents=True, exist_ok=True)
    locked = target.with_name(f"{target.name}-requirements.txt")
    _uv(
        "export",
        "--frozen",
        "--no-header",
        "--no-annotate",
        "--only-group",
        function.name,
        "--output-file",
        str(locked),
    )
    name, made_of = _carried(function, locked.read_text())
    carried.copy(CARRIED, name, made_of, lambda tree: _carry(function, locked, tree), target)
    locked.unlink()
    _copy_code(function, target)
    if function.name in SENTIMENT:
        sentiment.copy(target / "sentiment")
    _check_machine(function, target)
    _precompile(target, [target / folder for folder in ("shared", function.folder.partition("/")[0])])


def _carried(function: Function, locked: str) -> tuple[str, str]:
    """A name for what the function carries, which others may carry too; and what it is made of, beside what is locked.

    That is the builder, and our own code too, since what is carried may be cut to what the code calls.
    """
    same = f"{function.architecture} {function.name in SERVING} {locked}"
    sources = [path for room in ("functions", "shared", "training") for path in sorted((ROOT / room).rglob("*.py"))]
    content = b"".join(path.read_bytes() for path in [*sorted((ROOT / "infra").glob("*.py")), *sources])
    return sha256(same.encode()).hexdigest()[:16], sha256(content).hexdigest()


def _carry(function: Function, locked: Path, tree: Path) -> None:
    tree.mkdir(parents=True)
    _install(function, locked, tree)
    _strip(function, tree)
    _precompile(tree, [tree])


def _install(function: Function, locked: Path, target: Path) -> None:
    """Exactly what the lock file says for the function's group, as wheels for its architecture."""
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


def _uv(*arguments: str) -> None:
    subprocess.run([str(uv()), "--quiet", *arguments], cwd=ROOT, check=True)


def _strip(function: Function, target: Path) -> None:
    for pattern in UNUSED_PATHS + (UNUSED_AT_SERVING if function.name in SERVING else []):
        for path in sorted(target.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    if (botocore := target / "botocore").is_dir():
        descriptions.without_manual(botocore / "docs")
        descriptions.trim(botocore / "data", descriptions.words(_sources()))
    deferred.defer(target)


def _sources() -> list[Path]:
    return [path for room in ("functions", "shared", "training") for path in (ROOT / room).rglob("*.py")]


def _copy_code(function: Function, target: Path) -> None:
    """The function's own folder and `shared`; nothing of another function's, nor what makes the sentiment model."""
    for folder in ("shared", function.folder):
        skip = shutil.ignore_patterns("__pycache__", *(["sentiment"] if folder == "training" else []))
        shutil.copytree(ROOT / folder, target / folder, ignore=skip)
    (target / function.folder.partition("/")[0] / "__init__.py").write_text(START.format(waits=START_OBJECTS))


def _check_machine(function: Function, target: Path) -> None:
    """Raises `RuntimeError` for a library of another processor: Lambda would find out when it is imported."""
    for path in target.rglob("*.so*"):
        with path.open("rb") as library:
            head = library.read(20)
        if head[:4] == b"\x7fELF" and int.from_bytes(head[18:20], "little") != MACHINES[function.architecture]:
            raise RuntimeError(f"{path.relative_to(target)} is not for {function.architecture}")


def _precompile(root: Path, folders: list[Path]) -> None:
    """Bytecode beside the source, taken without a look at the source's date: a cold start takes half the time."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    for folder in folders:
        if not compileall.compile_dir(folder, quiet=1, invalidation_mode=mode, stripdir=str(root)):
            raise RuntimeError(f"a source under {folder} does not compile")


def main(
    name: Annotated[str, typer.Argument(help="The function: ingest, catalogue, ..., training, value or pricing.")],
    target: Annotated[Path, typer.Argument(help="Where the artefact goes.")],
) -> None:
    """Build one function's artefact."""
    folder = "training" if name in IN_TRAINING else f"functions/{name}"
    build(Function(name, folder), target)


if __name__ == "__main__":
    typer.run(main)
