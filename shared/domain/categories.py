"""Kinds of feedback: a default set for each trade, and those that an owner names.

A category is known by its terms, matched as aspects are, and by example sentences: a sentence of the feedback that
means nearly the same (by the cosine of their vectors) is of that category. Vectors are the encoder's, as signed bytes.
"""

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from shared.domain.feedback_settings import Category, FeedbackSettings
from shared.domain.terms import TermFinder

NEAR = 0.65
"""The cosine from which on a sentence means what the example does."""


class Example(NamedTuple):
    """The vector of one example sentence of a category."""

    category: str
    vector: bytes


class Categories:
    """Tells which categories a piece of feedback is of. Made once for many."""

    def __init__(
        self, categories: Mapping[str, Category], examples: Sequence[Example] = (), near: float = NEAR
    ) -> None:
        self._finder = TermFinder({name: category.terms for name, category in categories.items()})
        self._examples = [(example.category, *_unit(example.vector)) for example in examples if any(example.vector)]
        self._near = near

    def of(self, text: str, vectors: Sequence[bytes] = ()) -> tuple[str, ...]:
        """The names of the text's categories, in alphabetical order; `vectors` are those of its sentences."""
        by_terms = {found.name for found in self._finder.find(text)}
        by_meaning = {name for vector in vectors if any(vector) for name in self._nearest(vector)}
        return tuple(sorted(by_terms | by_meaning))

    def _nearest(self, vector: bytes) -> set[str]:
        signed, length = _unit(vector)
        return {
            name
            for name, other, other_length in self._examples
            if len(other) == len(signed) and math.sumprod(signed, other) >= self._near * length * other_length
        }


def _unit(vector: bytes) -> tuple[Sequence[int], float]:
    signed = memoryview(vector).cast("b").tolist()
    return signed, math.sqrt(math.sumprod(signed, signed))


@lru_cache
def _of_trades() -> dict[str, dict[str, Category]]:
    text = files("shared.domain").joinpath("lexicons", "categories.json").read_text("utf-8")
    return {
        trade: {name: Category.model_validate(category) for name, category in categories.items()}
        for trade, categories in json.loads(text).items()
    }


def categories_of(settings: FeedbackSettings) -> dict[str, Category]:
    """The categories of a shop with these settings: its trade's, and its own, which replace those of the same name."""
    return {**_of_trades()["all"], **_of_trades()[settings.trade], **settings.categories}


def example_sentences(categories: Mapping[str, Category]) -> list[tuple[str, str]]:
    """Every example sentence with its category: what the encoder is to make vectors of."""
    return [(name, example) for name, category in categories.items() for example in category.examples]
