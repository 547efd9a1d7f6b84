"""Consent as it is said over the wire, and who may say it for whom."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from functions.privacy.replies import Subject
from shared.domain.consent import Decision, Purpose, Short, Standing, latest
from shared.domain.errors import FieldError, ForbiddenError, InvalidInputError
from shared.domain.events import Moment
from shared.stores.consents import ConsentStore
from shared.web.auth import Caller, may_read

AHEAD = timedelta(hours=1)
MOST_DECISIONS = 10
JUST_AFTER = timedelta(microseconds=1)


class Said(BaseModel):
    """One yes or no. Without a `time`, it is said now."""

    model_config = ConfigDict(extra="forbid")

    purpose: Purpose
    granted: bool
    version: Short = Field(description="Of the text that was agreed to or not.")
    source: Short = Field(description="Where it was said, as in `banner` or `account`.")
    time: Moment | None = None

    def decision(self, now: datetime) -> Decision:
        return Decision.model_validate(self.model_dump() | {"time": self.time or now})


class Consents(Subject):
    """What a shopper decided. From a browser, a known customer needs the `customer_token`."""

    customer_token: str | None = Field(default=None, max_length=128)
    decisions: list[Said] = Field(min_length=1, max_length=MOST_DECISIONS)


class Stands(BaseModel):
    """The latest decision on each purpose; one that is missing was never decided."""

    standing: list[Decision]

    @classmethod
    def of(cls, standing: Standing) -> "Stands":
        return cls(standing=sorted(standing.values(), key=lambda each: each.purpose))


class ConsentHistory(Stands):
    """And every decision that led there, by purpose and time."""

    decisions: list[Decision]


def decide(
    said: Consents, caller: Caller, store: ConsentStore, token_secret: Callable[[], str], now: datetime
) -> Stands:
    """Keep what was said. Raises `ForbiddenError` where this caller may not speak for this customer."""
    known = said.customer_id
    if known is not None and not may_read(caller, known, said.customer_token, token_secret, now):
        raise ForbiddenError("With a publishable key, a customer_id needs its customer_token.")
    for n, each in enumerate(said.decisions):
        if each.time and each.time > now + AHEAD:
            fault = FieldError(f"decisions.{n}.time", "is more than one hour in the future")
            raise InvalidInputError("The request is not valid.", [fault])
    decisions = [each.decision(now) for each in said.decisions]
    standing = store.decide(said.customer(), decisions)
    overruled = [each for each in _said_now(said, now) if standing[each.purpose] not in decisions]
    if overruled:
        # Said now, so said last, though another's clock went fast when it noted the decision before.
        after = max(standing[each.purpose].time for each in overruled) + JUST_AFTER
        standing = store.decide(said.customer(), [each.model_copy(update={"time": after}) for each in overruled])
    return Stands.of(standing)


def _said_now(said: Consents, now: datetime) -> Iterable[Decision]:
    """The last word on each purpose of what came without a time."""
    return latest(each.decision(now) for each in said.decisions if each.time is None).values()
