"""A whole model comes of the committed head and the package; what is not as described is refused."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra import sentiment
from shared.inference.sentiment.card import CARD, ENCODER, HEAD, MADE, PIECES, VOCABULARY, SentimentCard
from training.sentiment import branch, weights
from training.sentiment.build import COMMITTED, NotAsDescribedError, build
from training.sentiment.fair import words


def card() -> SentimentCard:
    return SentimentCard.model_validate_json((COMMITTED / CARD).read_bytes())


def test_the_committed_head_gives_a_whole_model(tmp_path: Path) -> None:
    assert build(tmp_path / "model") == card()
    assert {path.name for path in (tmp_path / "model").iterdir()} == {CARD, *HEAD, *MADE}
    assert set(card().files) == {*HEAD, *MADE}


@pytest.mark.parametrize("processor", ["Nehalem", "Haswell"])
def test_it_is_the_same_whatever_the_processor(tmp_path: Path, processor: str) -> None:
    """BLAS sums in another order on each: what it had a part in would not be as described on somebody's machine."""
    command = [sys.executable, "-m", "training.sentiment.build", str(tmp_path / "model")]
    subprocess.run(command, check=True, env=os.environ | {"OPENBLAS_CORETYPE": processor})


def test_it_fits_and_the_head_is_small() -> None:
    assert sum(path.stat().st_size for path in COMMITTED.iterdir()) < 5e6
    assert {path.name for path in COMMITTED.iterdir()} == {CARD, *HEAD, branch.FILE}


def test_without_its_branch_the_encoder_is_another(tmp_path: Path) -> None:
    shutil.copytree(COMMITTED, tmp_path / "head")
    (tmp_path / "head" / branch.FILE).unlink()
    with pytest.raises(NotAsDescribedError, match=ENCODER):
        build(tmp_path / "model", tmp_path / "head")


@pytest.mark.parametrize("name", [ENCODER, PIECES, VOCABULARY])
def test_what_is_not_as_described_is_refused(tmp_path: Path, name: str) -> None:
    shutil.copytree(COMMITTED, tmp_path / "head")
    described = json.loads((COMMITTED / CARD).read_text())
    described["files"][name] = "0" * 64
    (tmp_path / "head" / CARD).write_text(json.dumps(described))
    with pytest.raises(NotAsDescribedError, match=name):
        build(tmp_path / "model", tmp_path / "head")
    assert not (tmp_path / "model").exists()


def test_other_weights_are_refused(tmp_path: Path) -> None:
    """A package that carries something else under the same name does not become our encoder."""
    folder = tmp_path / "encoder"
    shutil.copytree(weights.published(), folder)
    content = bytearray((folder / "model.safetensors").read_bytes())
    content[-1_000_000] ^= 0x7F
    (folder / "model.safetensors").write_bytes(bytes(content))
    with pytest.raises(NotAsDescribedError, match="does not hold the encoder"):
        build(tmp_path / "model", encoder=folder)


def test_the_card_says_where_the_texts_are_from_and_what_is_not_promised() -> None:
    known = card()
    assert known.encoder.licence == "Apache-2.0"
    assert {each.licence for each in known.data} == {"MIT", "CC0-1.0", "Apache-2.0"}
    assert all(each.url and each.texts and len(each.sha256) == 64 for each in known.data)
    limits = " ".join(known.limits).lower()
    for topic in ("sarcasm", "language", "neutral"):
        assert topic in limits
    assert set(known.domains) == {"films", "products", "editorials", "fashion"}


def test_names_and_countries_are_no_terms() -> None:
    terms = {
        word.removeprefix("not_") for term in (COMMITTED / VOCABULARY).read_text().splitlines() for word in term.split()
    }
    assert terms & words() == set()
    assert len(terms) > 5_000


def test_it_is_made_once_for_all_artefacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def make(target: Path) -> None:
        made.append(target)
        target.mkdir()
        (target / CARD).write_text("{}")

    monkeypatch.setattr(sentiment, "CARRIED", tmp_path / "carried")
    monkeypatch.setattr(sentiment, "make", make)
    sentiment.copy(tmp_path / "feedback")
    sentiment.copy(tmp_path / "reviews")
    assert sentiment.folder() == tmp_path / "carried" / "sentiment"
    assert len(made) == 1
    assert (tmp_path / "reviews" / CARD).read_text() == "{}"


def test_it_is_made_again_of_another_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sentiment.made_of()
    shutil.copytree(sentiment.ROOT / "training/sentiment", tmp_path / "training/sentiment")
    shutil.copytree(sentiment.ROOT / "shared/inference/sentiment", tmp_path / "shared/inference/sentiment")
    monkeypatch.setattr(sentiment, "ROOT", tmp_path)
    assert sentiment.made_of() == before
    (tmp_path / "training/sentiment/head" / CARD).write_text("{}")
    assert sentiment.made_of() != before
