"""The loader of training texts: what each file's numbers mean, and where anyone gets the files."""

import csv
import gzip
import io
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from shared.inference.sentiment.words import words_of
from training.sentiment.data import FEW_POSITIVE, SOURCES, load
from training.sentiment.metrics import calibration_error, macro_f1
from training.sentiment.written import DOMAIN, added, by_word, sentences

SNIPPETS = (
    "id\tmean_rating\ttext\n1\t2.5\tlovely\n2\t-0.8\tbroken\n3\t0.2\ta box\n4\t0.6\tfairly nice\n5\t-0.5\ta lamp\n"
)


def reviews(path: Path, rows: list[tuple[str, str, int]]) -> None:
    table = io.StringIO()
    csv.writer(table).writerows([("Title", "Review Text", "Rating"), *rows])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(table.getvalue().encode()))


def test_ratings_of_people_become_three_labels(tmp_path: Path) -> None:
    path = tmp_path / "review_snippets/films.tsv"
    path.parent.mkdir()
    path.write_text(SNIPPETS)
    found = load(tmp_path)
    assert found.texts == ["lovely", "broken", "a box", "fairly nice", "a lamp"]
    assert found.labels.tolist() == [2, 0, 1, -1, 1]
    assert set(found.domains) == {"films"}
    assert (found.data[0].licence, found.data[0].texts) == ("MIT", 5)


def test_stars_become_two_and_three_stars_neither(tmp_path: Path) -> None:
    rows = [("Top", "Warm coat.", 5), ("", "Broke.", 1), ("So so", "Fine.", 3), ("Meh", "Itches.", 2)]
    reviews(tmp_path / "fashion_reviews/reviews.csv.gz", rows)
    found = load(tmp_path)
    assert found.texts == ["Top. Warm coat.", "Broke.", "Meh. Itches."]
    assert found.labels.tolist() == [2, 0, 0]


def test_of_many_good_reviews_some_are_drawn_the_same_each_time(tmp_path: Path) -> None:
    many = [("", f"Nice {at}.", 5) for at in range(FEW_POSITIVE + 500)] + [("", f"Bad {at}.", 1) for at in range(40)]
    reviews(tmp_path / "fashion_reviews/reviews.csv.gz", many)
    found = load(tmp_path)
    assert (int((found.labels == 2).sum()), int((found.labels == 0).sum())) == (FEW_POSITIVE, 40)
    assert load(tmp_path).texts == found.texts


def test_a_folder_without_texts_is_refused_with_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"review_snippets/films\.tsv"):
        load(tmp_path)


def test_every_source_says_where_it_is_from_and_under_which_licence() -> None:
    for source in SOURCES:
        assert source.url.startswith("https://")
        assert source.licence in {"MIT", "CC0-1.0"}


def test_written_sentences_teach_what_a_negation_does(tmp_path: Path) -> None:
    rows = sentences()
    felt = defaultdict[tuple[str, bool], set[int | None]](set)
    for word, row in by_word():
        felt[word, any(each.negated for each in words_of(row.text))].add(row.positive)
    assert felt["leak", True] == felt["tasty", False] == {1}
    assert felt["leak", False] == felt["tasty", True] == {0}
    path = tmp_path / "review_snippets/films.tsv"
    path.parent.mkdir()
    path.write_text(SNIPPETS)
    found = added(load(tmp_path))
    assert len(found.texts) == 5 + len(rows) == len(found.labels) == len(found.domains)
    assert found.domains[-1].startswith(DOMAIN)


def test_calibration_error_is_the_mean_distance_of_confidence_and_right() -> None:
    sure = np.array([0.95] * 10)
    assert calibration_error(sure, np.array([True] * 10)) == pytest.approx(0.05)
    assert calibration_error(sure, np.array([True] * 5 + [False] * 5)) == pytest.approx(0.45)
    assert calibration_error(np.array([]), np.array([], bool)) == 0.0


def test_macro_f1_counts_every_label_the_same() -> None:
    labels = np.array([0, 0, 0, 2])
    assert macro_f1(labels, np.array([0, 0, 0, 2])) == 1.0
    assert macro_f1(labels, np.array([0, 0, 0, 0])) == pytest.approx((6 / 7) / 2)
