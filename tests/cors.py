"""What an HTTP API says to pages of other origins, by the template's own setting."""

from collections.abc import Mapping
from typing import Any

from infra.template import Template


class Cors:
    """Names an origin only if it is the shop's, and what its pages may send only where a preflight asks."""

    def __init__(self, *origins: str) -> None:
        self._origins = origins
        self._setting: dict[str, Any] = Template.load().properties("Api")["CorsConfiguration"]

    def headers(self, asked: Mapping[str, str]) -> dict[str, str]:
        """Of the reply to a request with these headers."""
        origin = asked.get("origin")
        if origin not in self._origins:
            return {}
        allowed = {"access-control-allow-origin": origin, "vary": "origin"}
        if "access-control-request-method" in asked:
            return allowed | {
                "access-control-allow-methods": ",".join(self._setting["AllowMethods"]),
                "access-control-allow-headers": ",".join(self._setting["AllowHeaders"]),
                "access-control-max-age": str(self._setting["MaxAge"]),
            }
        return allowed | {"access-control-expose-headers": ",".join(self._setting["ExposeHeaders"])}
