"""The routes made after a deployment are the processed template's, all of them and no other."""

from typing import Any

import pytest

from infra.local.errors import DeployFailedError
from infra.local.routes import Api, Route, apply, read_apis

URI = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${%s.Arn}/invocations"


def operation(function: str, **more: Any) -> dict[str, Any]:
    return {"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": {"Fn::Sub": URI % function}}, **more}


def template(body: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    properties = {} if body is None else {"Body": body}
    return {"Resources": {"Shop": {"Type": "AWS::ApiGatewayV2::Api", "Properties": properties}}, **more}


class FakeGateway:
    """An HTTP API held in memory, with the operations that the step uses."""

    def __init__(self) -> None:
        self.routes: dict[str, dict[str, Any]] = {}
        self.integrations: dict[str, dict[str, Any]] = {}
        self.cors: Any = None
        self.created = 0

    def get_paginator(self, name: str) -> Any:
        held = self.routes if name == "get_routes" else self.integrations

        class Pages:
            def paginate(self, **_: Any) -> list[Any]:
                items = list(held.values())
                return [{"Items": items[:1]}, {"Items": items[1:]}]

        return Pages()

    def create_integration(self, **fields: Any) -> dict[str, Any]:
        self.created += 1
        self.integrations[f"i{self.created}"] = {**fields, "IntegrationId": f"i{self.created}"}
        return self.integrations[f"i{self.created}"]

    def create_route(self, **fields: Any) -> None:
        self.created += 1
        self.routes[f"r{self.created}"] = {**fields, "RouteId": f"r{self.created}"}

    def delete_route(self, **fields: Any) -> None:
        del self.routes[fields["RouteId"]]

    def delete_integration(self, **fields: Any) -> None:
        del self.integrations[fields["IntegrationId"]]

    def update_api(self, **fields: Any) -> None:
        self.cors = fields["CorsConfiguration"]

    def delete_cors_configuration(self, **_: Any) -> None:
        self.cors = None

    def answers(self) -> dict[str, str]:
        """Give the function behind each route key."""
        return {
            route["RouteKey"]: self.integrations[route["Target"].removeprefix("integrations/")]["IntegrationUri"]
            for route in self.routes.values()
        }


def test_reads_methods_any_and_the_default_route() -> None:
    paths = {
        "/v1/items/{id}": {"get": operation("Read"), "put": operation("Write"), "parameters": []},
        "/v1/any": {"x-amazon-apigateway-any-method": operation("Read")},
        "$default": {"x-amazon-apigateway-any-method": operation("Lost", isDefaultRoute=True)},
    }
    (api,) = read_apis(template({"paths": paths}))
    assert api.logical_id == "Shop"
    assert set(api.routes) == {
        Route("GET /v1/items/{id}", "Read"),
        Route("PUT /v1/items/{id}", "Write"),
        Route("ANY /v1/any", "Read"),
        Route("$default", "Lost"),
    }


@pytest.mark.parametrize(
    "body", [None, {}, {"paths": {}}, {"paths": {"/v1/x": {}}}, {"paths": {"/v1/x": {"get": {"responses": {}}}}}]
)
def test_invents_no_route(body: dict[str, Any] | None) -> None:
    gateway: Any = FakeGateway()
    (api,) = read_apis(template(body))
    apply(gateway, "api", api, {"Read": "arn:read"})
    assert api.routes == ()
    assert gateway.routes == gateway.integrations == {}


def test_a_template_without_an_api_has_none() -> None:
    assert read_apis({"Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}}) == ()


def test_a_redeploy_keeps_what_stays_and_removes_what_went() -> None:
    gateway: Any = FakeGateway()
    arns = {"A": "arn:a", "B": "arn:b"}
    apply(gateway, "api", Api("Shop", (Route("GET /v1/a", "A"), Route("GET /v1/b", "B")), None), arns)
    first = {route["RouteKey"]: route["RouteId"] for route in gateway.routes.values()}
    apply(gateway, "api", Api("Shop", (Route("GET /v1/a", "A"), Route("GET /v1/c", "B")), None), arns)
    assert gateway.answers() == {"GET /v1/a": "arn:a", "GET /v1/c": "arn:b"}
    assert len(gateway.integrations) == 2
    assert first["GET /v1/a"] in gateway.routes


def test_a_redeploy_leads_a_route_to_its_new_function() -> None:
    gateway: Any = FakeGateway()
    arns = {"A": "arn:a", "B": "arn:b"}
    apply(gateway, "api", Api("Shop", (Route("GET /v1/a", "A"),), None), arns)
    apply(gateway, "api", Api("Shop", (Route("GET /v1/a", "B"),), None), arns)
    assert gateway.answers() == {"GET /v1/a": "arn:b"}


def test_a_route_to_a_function_that_is_not_deployed_is_refused() -> None:
    gateway: Any = FakeGateway()
    with pytest.raises(DeployFailedError, match="'GET /v1/a' leads to 'A'"):
        apply(gateway, "api", Api("Shop", (Route("GET /v1/a", "A"),), None), {})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (operation("A", security=[{"OAuth": []}]), "cannot enforce the gateway authorizer"),
        ({"x-amazon-apigateway-integration": {"uri": "https://elsewhere.example"}}, "cannot tell which function"),
    ],
)
def test_what_would_differ_from_the_cloud_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(DeployFailedError, match=words):
        read_apis(template({"paths": {"/v1/a": {"get": wrong}}}))


def test_cors_is_the_templates() -> None:
    cors = {"allowOrigins": "https://a.example,https://b.example", "allowMethods": ["GET"], "maxAge": 60}
    gateway: Any = FakeGateway()
    apply(gateway, "api", read_apis(template({"x-amazon-apigateway-cors": cors}))[0], {})
    assert gateway.cors == {
        "AllowOrigins": ["https://a.example", "https://b.example"],
        "AllowMethods": ["GET"],
        "MaxAge": 60,
    }
    apply(gateway, "api", read_apis(template({}))[0], {})
    assert gateway.cors is None


@pytest.mark.parametrize("origins", [[{"Fn::ImportValue": "shop"}], {"Fn::Split": [",", "a,b"]}])
def test_a_cors_setting_that_cannot_be_resolved_is_said(origins: Any) -> None:
    with pytest.raises(DeployFailedError, match="CORS setting allowOrigins"):
        read_apis(template({"x-amazon-apigateway-cors": {"allowOrigins": origins}}))
