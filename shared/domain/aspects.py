"""What feedback speaks of: the aspects of a trade, such as `fit` or `waiting`, and those that an owner adds."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import NamedTuple, get_args

from pydantic import BaseModel, ConfigDict

from shared.domain.feedback_settings import FeedbackSettings, Trade
from shared.domain.terms import TermFinder

TRADES: tuple[str, ...] = get_args(Trade)


class AspectMention(NamedTuple):
    """Where a text names an aspect: characters of the text, from `start` to before `end`."""

    aspect: str
    start: int
    end: int


class AspectLexicon(BaseModel):
    """The words by which aspects are known."""

    model_config = ConfigDict(frozen=True)

    aspects: dict[str, tuple[str, ...]]

    @cached_property
    def _finder(self) -> TermFinder:
        return TermFinder(self.aspects)

    def find(self, text: str) -> list[AspectMention]:
        """Every mention of an aspect, in the order of the text. One word may name two aspects."""
        return [AspectMention(*found) for found in self._finder.find(text)]


@lru_cache
def _of_trade(trade: str) -> AspectLexicon:
    if trade not in TRADES:
        raise ValueError(f"no such trade: {trade!r}; known are {', '.join(TRADES)}")
    text = files("shared.domain").joinpath("lexicons", f"{trade}.json").read_text("utf-8")
    return AspectLexicon(aspects=json.loads(text))


def lexicon(trade: str, own: Mapping[str, Sequence[str]] | None = None) -> AspectLexicon:
    """The trade's aspects and the owner's: those of a name that the trade has too are added to its words."""
    theirs = _of_trade(trade)
    if not own:
        return theirs
    names = {**theirs.aspects, **own}
    return AspectLexicon(
        aspects={name: tuple(dict.fromkeys([*theirs.aspects.get(name, ()), *own.get(name, ())])) for name in names}
    )


def lexicon_of(settings: FeedbackSettings) -> AspectLexicon:
    """The aspects of a shop with these settings."""
    return lexicon(settings.trade, settings.aspects)
