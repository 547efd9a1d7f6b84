"""Consent: what a customer has said yes or no to, and what holds now.

A purpose that nobody was asked about is decided by the shop (`Policy`). The latest word counts, whichever of a person's
ids it was said under; at one time, no goes before yes.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.domain.events import Moment

Short = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Purpose(StrEnum):
    """What personal data is used for."""

    ANALYTICS = "analytics"
    PERSONALISATION = "personalisation"
    MARKETING = "marketing"


class Decision(BaseModel):
    """One yes or no to one purpose: to which version of the text, when, and where it was said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    purpose: Purpose
    granted: bool
    version: Short
    time: Moment
    source: Short


Standing = Mapping[Purpose, Decision]
"""The latest decision on each purpose."""


class Policy(BaseModel):
    """What holds where nobody was asked, and what becomes of an event without consent to analytics."""

    model_config = ConfigDict(frozen=True)

    unasked: Literal["granted", "denied"] = "granted"
    without_analytics: Literal["strip", "drop"] = "strip"

    def allows(self, standing: Standing, purpose: Purpose) -> bool:
        """Whether this purpose may be served; marketing only ever with a yes."""
        if decision := standing.get(purpose):
            return decision.granted
        return self.unasked == "granted" and purpose != Purpose.MARKETING


def latest(decisions: Iterable[Decision]) -> dict[Purpose, Decision]:
    """What stands after these decisions, in whatever order they come."""
    standing: dict[Purpose, Decision] = {}
    for decision in decisions:
        before = standing.get(decision.purpose)
        if before is None or _weight(decision) > _weight(before):
            standing[decision.purpose] = decision
    return standing


def _weight(decision: Decision) -> tuple[datetime, bool]:
    return decision.time, not decision.granted
