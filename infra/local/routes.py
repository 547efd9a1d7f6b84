"""The routes of an HTTP API, made after a deployment into the emulator.

Its CloudFormation ignores the OpenAPI body that SAM writes for an `HttpApi`. This step makes up for that, and for
nothing else: it reads the template as CloudFormation processed it, so a route that the template lacks is absent here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.local.errors import DeployFailedError

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2.client import ApiGatewayV2Client

_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_CORS = "x-amazon-apigateway-cors"
_CORS_LISTS = {"allowHeaders", "allowMethods", "allowOrigins", "exposeHeaders"}
_METHODS = {"get", "put", "post", "delete", "options", "head", "patch", _ANY}
_FUNCTION = re.compile(r"functions/\$\{(\w+)(?:\.Arn)?\}/invocations$")


@dataclass(frozen=True)
class Route:
    """One route key and the logical id of the function (or alias) that answers it."""

    key: str
    function: str


@dataclass(frozen=True)
class Api:
    """What one `HttpApi` of a template declares; `cors` is in the template's own (OpenAPI) spelling."""

    logical_id: str
    routes: tuple[Route, ...]
    cors: Mapping[str, Any] | None


def read_apis(template: Mapping[str, Any]) -> tuple[Api, ...]:
    """Read the HTTP APIs out of a processed template."""
    return tuple(
        _read_api(logical_id, resource.get("Properties", {}).get("Body", {}))
        for logical_id, resource in template.get("Resources", {}).items()
        if resource["Type"] == "AWS::ApiGatewayV2::Api"
    )


def apply(client: "ApiGatewayV2Client", api_id: str, api: Api, arns: Mapping[str, str]) -> None:
    """Make the deployed API answer exactly these routes; `arns` maps logical ids to function ARNs."""
    wanted = {route.key: _arn(route, arns) for route in api.routes}
    kept = _remove_others(client, api_id, wanted)
    for key in wanted.keys() - kept:
        integration = client.create_integration(
            ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=wanted[key], PayloadFormatVersion="2.0"
        )
        client.create_route(ApiId=api_id, RouteKey=key, Target=f"integrations/{integration['IntegrationId']}")
    if api.cors is None:
        client.delete_cors_configuration(ApiId=api_id)
    else:
        cors: Any = {name[0].upper() + name[1:]: value for name, value in api.cors.items()}
        client.update_api(ApiId=api_id, CorsConfiguration=cors)


def _read_api(logical_id: str, body: Mapping[str, Any]) -> Api:
    cors = body.get(_CORS)
    return Api(
        logical_id=logical_id,
        routes=tuple(sorted(_read_routes(body.get("paths", {})), key=lambda route: route.key)),
        cors=None if cors is None else {name: _cors_value(name, value) for name, value in cors.items()},
    )


def _cors_value(name: str, value: Any) -> Any:
    """Undo what SAM makes of a reference to a `CommaDelimitedList`: one string with commas."""
    if name in _CORS_LISTS and isinstance(value, str):
        return value.split(",")
    if isinstance(value, Mapping) or (isinstance(value, list) and not all(isinstance(item, str) for item in value)):
        raise DeployFailedError(
            f"The local stack cannot resolve the API's CORS setting {name}: {value}. Use plain values and !Ref."
        )
    return value


def _read_routes(paths: Mapping[str, Mapping[str, Any]]) -> Iterator[Route]:
    for path, operations in paths.items():
        for method, operation in operations.items():
            if method.lower() not in _METHODS or _INTEGRATION not in operation:
                continue
            key = path if path == "$default" else f"{'ANY' if method == _ANY else method.upper()} {path}"
            yield Route(key, _function_of(key, operation))


def _function_of(key: str, operation: Mapping[str, Any]) -> str:
    """Give the logical id of the function; refuse what would be weaker here than in the cloud."""
    if operation.get("security"):
        raise DeployFailedError(f"The local stack cannot enforce the gateway authorizer of the route {key!r}.")
    uri = operation[_INTEGRATION]["uri"]
    match = _FUNCTION.search(uri.get("Fn::Sub", "")) if isinstance(uri, Mapping) else None
    if match is None:
        raise DeployFailedError(f"The local stack cannot tell which function answers the route {key!r}: {uri}")
    return match[1]


def _arn(route: Route, arns: Mapping[str, str]) -> str:
    if route.function not in arns:
        raise DeployFailedError(f"The route {route.key!r} leads to {route.function!r}, which was not deployed.")
    return arns[route.function]


def _remove_others(client: "ApiGatewayV2Client", api_id: str, wanted: Mapping[str, str]) -> set[str]:
    """Delete the routes and integrations that are not wanted, and give the keys of those that stay."""
    uris = {
        item["IntegrationId"]: item.get("IntegrationUri")
        for page in client.get_paginator("get_integrations").paginate(ApiId=api_id)
        for item in page["Items"]
    }
    kept: dict[str, str] = {}
    pages = client.get_paginator("get_routes").paginate(ApiId=api_id)
    for route in [route for page in pages for route in page["Items"]]:
        integration = route.get("Target", "").removeprefix("integrations/")
        if route["RouteKey"] in wanted and uris.get(integration) == wanted[route["RouteKey"]]:
            kept[route["RouteKey"]] = integration
        else:
            client.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    for integration in uris.keys() - set(kept.values()):
        client.delete_integration(ApiId=api_id, IntegrationId=integration)
    return set(kept)
