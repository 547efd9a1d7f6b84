"""The owner's rules over what lists show: pin, boost, bury, filter, quota, and a floor for new items."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared.domain.events import Id, Moment
from shared.domain.filters import OwnersFilterText, text_field

Surface = Literal[
    "for-you",
    "similar",
    "bought-together",
    "cart",
    "buy-again",
    "trending",
    "popular",
    "new",
    "next-article",
]

MOST_RULES = 100


def _a_text_field(name: str) -> str:
    text_field(name)
    return name


class Effect(BaseModel):
    """What a rule does to the items that its filter holds for; all items where it has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Pin(Effect):
    """These items stand from this place on, as far as they can be had and the filters let them through."""

    kind: Literal["pin"]
    item_ids: tuple[Id, ...] = Field(min_length=1, max_length=20)
    position: int = Field(default=1, ge=1, le=100, description="Counted from 1.")


class Boost(Effect):
    """Their score is multiplied."""

    kind: Literal["boost"]
    factor: float = Field(gt=1.0, le=100.0)


class Bury(Effect):
    """Their score is multiplied by less than 1."""

    kind: Literal["bury"]
    factor: float = Field(ge=0.0, lt=1.0)


class Only(Effect):
    """Nothing else is shown."""

    kind: Literal["filter"]


class Quota(Effect):
    """At most so many in a list; with `per`, of each value of that field, as in `category` or `attributes.brand`."""

    kind: Literal["quota"]
    most: int = Field(ge=0, le=100)
    per: Annotated[str, Field(max_length=80), AfterValidator(_a_text_field)] | None = None


class Floor(Effect):
    """At least so many in a list that are new: at the end of it, where they do not stand higher by themselves."""

    kind: Literal["floor"]
    least: int = Field(ge=1, le=100)
    days: int = Field(default=30, ge=1, le=365, description="How long an item is new.")


class RuleBody(BaseModel):
    """What is in a rule. It holds where it is enabled, on its surfaces (all where none is named), within its window."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=100, description="Shown as the reason of the items that it moves.")
    effect: Annotated[Pin | Boost | Bury | Only | Quota | Floor, Field(discriminator="kind")]
    filter: OwnersFilterText | None = Field(
        default=None,
        description="Which items, as in margin >= 10 and stock > 0: as in lists, with cost, margin, sentiment "
        "(the mean score of recent feedback, -1 to 1) and feedback_count.",
    )
    surfaces: tuple[Surface, ...] = Field(default=(), max_length=9)
    starts: Moment | None = None
    ends: Moment | None = None
    enabled: bool = True
    priority: int = Field(default=0, ge=-1000, le=1000, description="Of two for one place, the higher comes first.")
    version: int | None = Field(default=None, ge=0, description="Rises by one with each change of the rule.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.starts is not None and self.ends is not None and self.ends <= self.starts:
            raise ValueError("ends must be after starts")
        if isinstance(self.effect, Boost | Bury | Only) and self.filter is None:
            raise ValueError(f"a rule of the kind {self.effect.kind} needs a filter")
        return self


class Rule(RuleBody):
    """A rule, and what it is called."""

    rule_id: Id

    def holds(self, surface: str, now: datetime) -> bool:
        """Whether the rule counts on this surface now (the start included, the end not)."""
        return (
            self.enabled
            and (not self.surfaces or surface in self.surfaces)
            and (self.starts is None or self.starts <= now)
            and (self.ends is None or now < self.ends)
        )


class PastRule(BaseModel):
    """What a rule was until it was changed or deleted then."""

    rule: Rule
    until: Moment


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """The higher priority first, then by id: so two rules that contradict each other always end the same way."""
    return sorted(rules, key=lambda rule: (-rule.priority, rule.rule_id))
