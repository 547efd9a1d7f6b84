"""The files of the encoder, made from the package that carries the published one."""

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from shared.inference.sentiment.card import ENCODER, PIECES, Published
from training.sentiment import graph, weights
from training.sentiment.branch import Branch

LICENCE = "Apache-2.0"
TOKENS = 64


def published() -> Published:
    """What the package carries."""
    content = (weights.published() / "model.safetensors").read_bytes()
    return Published(
        package=weights.PACKAGE,
        version=version(weights.PACKAGE),
        licence=LICENCE,
        sha256=sha256(content).hexdigest(),
    )


def made(folder: Path, tokens: int = TOKENS, branch: Branch | None = None, fork: int | None = None) -> dict[str, bytes]:
    """The files of card.MADE from a published encoder. The same encoder and branch give the same bytes."""
    encoder = weights.read(folder)
    pieces = "".join(f"{piece}\n" for piece in encoder.vocabulary)
    return {ENCODER: graph.write(encoder, "int8", tokens, branch, fork), PIECES: pieces.encode()}
