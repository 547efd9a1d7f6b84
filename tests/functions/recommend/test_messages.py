"""Every language says the same things."""

import json
from string import Formatter

import pytest

from functions.recommend.messages import DEFAULT, FOLDER, languages, messages

TEXTS = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_there_are_at_least_two_languages() -> None:
    assert languages() >= {"en", "de"}


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_a_language_has_the_same_keys_and_placeholders(language: str) -> None:
    assert TEXTS[language].keys() == TEXTS[DEFAULT].keys()
    for key, text in TEXTS[language].items():
        assert placeholders(text) == placeholders(TEXTS[DEFAULT][key]), key
        assert text.strip()


def test_languages_differ() -> None:
    same = [key for key, text in TEXTS["en"].items() if TEXTS["de"][key] == text]
    assert set(same) <= {"rule", "month_4", "month_8", "month_9", "month_11"}


@pytest.mark.parametrize(
    ("tag", "language"),
    [(None, "en"), ("en", "en"), ("de", "de"), ("de-AT", "de"), ("DE-Latn-CH", "de"), ("fr", "en"), ("den", "en")],
)
def test_a_tag_falls_back_to_what_there_is(tag: str | None, language: str) -> None:
    assert messages(tag).language == language


def test_a_day_is_written_as_people_do() -> None:
    assert messages("en").date(0) == "1 January 1970"
    assert messages("de").date(0) == "1. Januar 1970"


def test_a_title_is_never_read_as_a_placeholder() -> None:
    assert messages("en").text("goes_with", title="{rule} %s {0}") == "Goes with {rule} %s {0}"
