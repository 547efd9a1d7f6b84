"""Cells of a file of sales as people fill them: numbers, yes and no, words, nothing; a column of them as numbers."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from training.demand.panel import Floats

MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "?"}
YES, NO = {"true", "t", "yes", "y", "on"}, {"false", "f", "no", "n", "off"}
WORDS = {**dict.fromkeys(YES, "1"), **dict.fromkeys(NO, "0")}
MOST_LEVELS = 6
"""A covariate of text is a flag for each of its values, if they are so few."""
ODD, LARGEST = 0.01, 1e15
"""Of a column of numbers: the share at either end that is drawn in before its mean is taken, and the largest."""


def text_of(value: Any) -> str:
    """A cell's text, without blanks around it."""
    return "" if value is None else str(value).strip()


def plain_flag(text: str) -> str:
    """Yes as 1, no as 0, all else as it is."""
    return WORDS.get(text.lower(), text)


def written(text: str) -> float | None:
    """A number: of two marks the last is the decimal's; a lone comma is one unless three digits follow."""
    bare = text.strip("$€£¥ \u00a0").replace("\u00a0", "").replace(" ", "")
    comma, point = bare.rfind(","), bare.rfind(".")
    if comma >= 0:
        decimal = comma > point and not (point < 0 and len(bare) - comma == 4)
        bare = bare.replace(".", "").replace(",", ".") if decimal else bare.replace(",", "")
    try:
        return float(bare)
    except ValueError:
        return None


def covariates(name: str, cells: Sequence[str]) -> dict[str, Floats] | None:
    """A column as numbers, or as a flag for each of a few words; None if it is neither."""
    texts = [cell.lower() for cell in cells]
    levels = Counter(texts)
    told = [each for each in levels if each not in MISSING]
    numbers = {each: written(plain_flag(each)) for each in told}
    if all(number is not None for number in numbers.values()):
        return {name: _whole(np.array([numbers.get(text, np.nan) for text in texts], dtype=np.float64))}
    if len(told) > MOST_LEVELS:
        return None
    usual = levels.most_common(1)[0][0]
    return {f"{name}={each}": np.array([text == each for text in texts], float) for each in told if each != usual}


def _whole(values: Floats) -> Floats:
    """An empty cell of a flag, or beside cells that all say the same, is a no; of other numbers, their mean."""
    known, values = np.isfinite(values), np.clip(values, -LARGEST, LARGEST)
    told = values[known]
    if np.isin(told, (0.0, 1.0)).all() or np.ptp(told) == 0:
        return np.where(known, values, 0.0)
    within = np.clip(told, *np.quantile(told, (ODD, 1 - ODD), method="nearest"))
    return np.where(known, values, within.mean())
