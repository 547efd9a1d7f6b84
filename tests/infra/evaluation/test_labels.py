"""What labels mean, in the words and numbers that files have them in."""

import pytest

from infra.evaluation.labels import UnknownLabelsError, are_stars, meanings


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("positive negative neutral", "positive negative neutral"),
        ("POS Neg neu", "positive negative neutral"),
        ("0 1", "negative positive"),
        ("0.0 1.0", "negative positive"),
        ("-1 1", "negative positive"),
        ("-1 0 1", "negative neutral positive"),
        ("0 1 2", "negative neutral positive"),
        ("0 2 4", "negative neutral positive"),
        ("0 4", "negative positive"),
        ("1 2", "negative positive"),
        ("1 2 4 5", "negative negative positive positive"),
        ("1 3 5", "negative skip positive"),
        ("0 1 2 3 4", "negative negative neutral positive positive"),
        ("5_stars 1_star 2_stars", "positive negative negative"),
        ("1_star 2_stars", "negative negative"),
        ("True False", "positive negative"),
        ("good bad", "positive negative"),
        ("0 3 5", "negative skip positive"),
        ("1 5 6 10", "negative skip skip positive"),
        ("very_positive Extremely_Negative", "positive negative"),
    ],
)
def test_labels_are_understood(values: str, expected: str) -> None:
    labels = [value.replace("_", " ") for value in values.split()]
    found = meanings(labels, {})
    assert [found[label] or "skip" for label in labels] == expected.split()


@pytest.mark.parametrize("values", ["joy anger", "0 7", "positive 1", "-1.5 2.5", "positive mixed"])
def test_others_are_refused_by_name(values: str) -> None:
    with pytest.raises(UnknownLabelsError, match=values.split()[1]):
        meanings(values.split(), {})


def test_who_says_what_they_mean_is_understood() -> None:
    found = meanings(["joy", "anger", "positive"], {"joy": "positive", "anger": "neg", "odd": "skip"})
    assert found == {"joy": "positive", "anger": "negative", "odd": None, "positive": "positive"}
    with pytest.raises(UnknownLabelsError, match="joy=happy"):
        meanings(["joy"], {"joy": "happy"})


@pytest.mark.parametrize(("column", "meant"), [("stars", "negative"), ("Rating", "negative"), ("label", "positive")])
def test_of_few_stars_the_columns_name_tells_what_they_are(column: str, meant: str) -> None:
    assert meanings(["1", "2"], {}, stars=are_stars(column))["2"] == meant
    assert meanings(["0", "1"], {}, stars=are_stars(column))["1"] == "positive"
