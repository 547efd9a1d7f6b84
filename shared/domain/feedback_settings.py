"""What an owner decides about feedback: its trade, words and categories of the shop's own, and languages."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.domain.terms import Name, Term

MOST_ASPECTS = 40
MOST_TERMS = 60
"""Of one aspect or category."""
MOST_CATEGORIES = 20
MOST_EXAMPLES = 10
MOST_EXAMPLE_CHARACTERS = 300
MOST_LANGUAGES = 20
MOST_TERMS_IN_ALL = 1_000
"""So that settings fit in one record of the table, and finding terms stays quick."""

Trade = Literal["retail", "restaurant", "services"]
ExampleText = Annotated[str, StringConstraints(min_length=3, max_length=MOST_EXAMPLE_CHARACTERS, strip_whitespace=True)]
Language = Annotated[str, StringConstraints(pattern="^[a-z]{2}$")]
"""ISO 639-1."""


class Part(BaseModel):
    """What all of these have in common: they do not change, and know no other fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Category(Part):
    """A kind of feedback that the owner names, known by words in the text, or by nearness to an example sentence."""

    terms: Annotated[tuple[Term, ...], Field(max_length=MOST_TERMS)] = ()
    examples: Annotated[tuple[ExampleText, ...], Field(max_length=MOST_EXAMPLES)] = ()

    @model_validator(mode="after")
    def _known_by_something(self) -> Self:
        if not self.terms and not self.examples:
            raise ValueError("a category needs terms or examples")
        return self


class FeedbackSettings(Part):
    """The owner's settings of feedback. The defaults are those of a shop that never set any.

    `aspects` adds to those of the trade: a name that the trade has gets more terms, another is new. `categories` adds
    to the default ones; a name among those replaces it. `languages` are those whose scores are to be trusted: feedback
    in any other is kept with an abstention.
    """

    trade: Trade = "retail"
    aspects: Annotated[
        dict[Name, Annotated[tuple[Term, ...], Field(min_length=1, max_length=MOST_TERMS)]],
        Field(max_length=MOST_ASPECTS),
    ] = {}
    categories: Annotated[dict[Name, Category], Field(max_length=MOST_CATEGORIES)] = {}
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=MOST_LANGUAGES)] = ("en",)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        terms = sum(map(len, self.aspects.values())) + sum(len(c.terms) for c in self.categories.values())
        if terms > MOST_TERMS_IN_ALL:
            raise ValueError(f"must have at most {MOST_TERMS_IN_ALL} terms in all, has {terms}")
        return self
