"""What Segment's browser library asks for before it starts: where to send events, and that it may."""

from collections.abc import Mapping
from typing import Any


def library_settings(write_key: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The settings for the library on a shop's page; events go to the host that this request came to."""
    headers = request.get("headers") or {}
    host = headers.get("host") or request["requestContext"]["domainName"]
    where = f"{host}/v1"
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": write_key,
                "apiHost": where,
                "protocol": headers.get("x-forwarded-proto", "https"),
                "unbundledIntegrations": [],
                "addBundledMetadata": False,
                "maybeBundledConfigIds": {},
            }
        },
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
        "edgeFunction": {},
        "enabledMiddleware": {},
        "middlewareSettings": {},
        "remotePlugins": [],
        "analyticsNextEnabled": True,
        "legacyVideoPluginsEnabled": False,
        "metrics": {"sampleRate": 0, "host": where},
    }
