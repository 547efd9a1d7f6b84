"""A function's settings: one frozen model, each field an environment variable of the same name in capitals."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict

from shared.domain.consent import Policy


class Settings(BaseModel):
    """Base of every function's settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """The settings that `environment` holds; raises `pydantic.ValidationError` naming each missing one."""
        names = {name: name.upper() for name in cls.model_fields}
        return cls.model_validate({name: environment[key] for name, key in names.items() if key in environment})


class ConsentSettings(Settings):
    """What the shop decided about consent; see `Policy`."""

    consent_unasked: str
    consent_without_analytics: str

    @property
    def consent(self) -> Policy:
        return Policy.model_validate(
            {"unasked": self.consent_unasked, "without_analytics": self.consent_without_analytics}
        )
