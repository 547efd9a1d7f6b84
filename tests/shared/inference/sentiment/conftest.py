"""The sentiment model as every artefact carries it, made once."""

from pathlib import Path

import pytest

from shared.inference.sentiment.model import SentimentModel
from training.sentiment.build import build


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("sentiment") / "model"
    build(target)
    return target


@pytest.fixture(scope="session")
def model(folder: Path) -> SentimentModel:
    return SentimentModel.load(folder)


@pytest.fixture(scope="session")
def fast(folder: Path) -> SentimentModel:
    return SentimentModel.load(folder, encoder=False)
