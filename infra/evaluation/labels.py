"""What the labels of a file mean: positive, neutral or negative, in whatever words or numbers they come."""

import re
from collections.abc import Iterable, Mapping

from shared.domain.sentiment import Label

NEGATIVE, NEUTRAL, POSITIVE = "negative", "neutral", "positive"
LEFT_OUT = None
"""Three stars of five, five or six of ten: people who give them are seldom neutral, they name good and bad."""

_WORDS: dict[str, Label] = {
    **dict.fromkeys(("positive", "pos", "p", "good", "true", "+", "like", "recommended", "yes"), "positive"),
    **dict.fromkeys(("neutral", "neu", "neither"), "neutral"),
    **dict.fromkeys(("negative", "neg", "n", "bad", "false", "-", "dislike", "no"), "negative"),
}
_WORDS |= {
    f"{much} {word}": _WORDS[word] for much in ("very", "extremely", "strongly") for word in (POSITIVE, NEGATIVE)
}
NO_LABEL = {"", "n/a", "nan", "none", "null"}
"""What programs write where there is no label."""
_TENTHS: dict[int, Label | None] = {5: LEFT_OUT, 6: LEFT_OUT}
_TENTHS |= {**dict.fromkeys(range(1, 5), "negative"), **dict.fromkeys(range(7, 11), "positive")}
_STARS: dict[int, Label | None] = {1: "negative", 2: "negative", 3: LEFT_OUT, 4: "positive", 5: "positive"}
_NUMBERS: tuple[dict[int, Label | None], ...] = (
    {0: "negative", 1: "positive"},
    {-1: "negative", 1: "positive"},
    {1: "negative", 2: "positive"},
    {-1: "negative", 0: "neutral", 1: "positive"},
    {0: "negative", 1: "neutral", 2: "positive"},
    {0: "negative", 2: "neutral", 4: "positive"},
    {1: "negative", 2: "neutral", 3: "positive"},
    _STARS,
    {0: "negative", 1: "negative", 2: "neutral", 3: "positive", 4: "positive"},
    {-2: "negative", -1: "negative", 0: "neutral", 1: "positive", 2: "positive"},
    {0: "negative", 1: "negative", 2: "negative", 3: LEFT_OUT, 4: "positive", 5: "positive"},
    _TENTHS,
)
"""Sets of numbers that labels come in. The first that has all numbers of the file is meant."""
_NUMBER = re.compile(r"([+-]?\d{1,2})(?:[.,]0+)?(?: ?stars?)?")


class UnknownLabelsError(ValueError):
    """The labels cannot be told apart; the message names them."""


def are_stars(column: str) -> bool:
    """Whether a column's name says that its numbers are stars, so that of few of them it is known what they mean."""
    return bool(re.search(r"stars?(?![a-z])|rating", column, re.IGNORECASE))


def meanings(
    values: Iterable[str], own: Mapping[str, str], three_stars: Label | None = None, *, stars: bool = False
) -> dict[str, Label | None]:
    """What each label means; None for what is left out. `own` says it for labels that are not understood by themselves.

    Numbers from 1 to 5 are stars of five if they are `stars` or one of them says so. Raises `UnknownLabelsError`.
    """
    labels = sorted({value.strip() for value in values} - set(own))
    known: dict[str, Label | None] = {value: _own(value, label) for value, label in own.items()}
    by_word = {label: _WORDS[label.lower()] for label in labels if label.lower() in _WORDS}
    rest = [label for label in labels if label not in by_word]
    if rest and (by_word or not (numbers := _numbers(rest, three_stars, stars=stars))):
        raise UnknownLabelsError(
            f"The labels {', '.join(map(repr, rest[:5]))}{' and more' if len(rest) > 5 else ''} are not understood. "
            "Say what each means: --map LABEL=positive, =neutral, =negative or =skip."
        )
    return known | by_word | (numbers if rest else {})


def _own(value: str, label: str) -> Label | None:
    if label == "skip":
        return None
    if label.lower() not in _WORDS:
        raise UnknownLabelsError(f"--map {value}={label}: a label means positive, neutral, negative or skip.")
    return _WORDS[label.lower()]


def _numbers(labels: list[str], three_stars: Label | None, *, stars: bool) -> dict[str, Label | None]:
    """The meanings of numbers, or nothing where they are in no known set."""
    found = {label: int(match[1]) for label in labels if (match := _NUMBER.fullmatch(label.lower()))}
    numbers = set(found.values())
    stars = (stars or any("star" in label.lower() for label in labels)) and numbers <= set(_STARS)
    scale = _STARS if stars else next((scale for scale in _NUMBERS if numbers <= set(scale)), None)
    if len(found) < len(labels) or scale is None:
        return {}
    chosen = {number: three_stars if label is LEFT_OUT else label for number, label in scale.items()}
    return {label: chosen[number] for label, number in found.items()}
