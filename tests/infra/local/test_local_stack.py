"""The local stack for real: a deployment, a call through the proxy, a restart, a kill."""

import os
import signal
from pathlib import Path

import httpx
import pytest

from infra.local.errors import DeployFailedError, EmulatorDiedError, StateLostError
from infra.local.proxy import LocalProxy
from infra.local.stack import LocalStack, Outputs

TEMPLATE = Path(__file__).with_name("template.yaml")

pytestmark = pytest.mark.local


def call(stack: LocalStack, outputs: Outputs, path: str) -> httpx.Response:
    assert outputs.api_id is not None
    with LocalProxy(stack.url, outputs.api_id) as proxy:
        return httpx.get(proxy.url + path, headers={"Origin": "https://shop.example"}, trust_env=False, timeout=30)


def test_deploy_call_restart_and_kill(tmp_path: Path) -> None:
    stack = LocalStack(tmp_path)
    with stack:
        outputs = stack.deploy(TEMPLATE, "tiny", {"Origins": "https://shop.example,https://other.example"})
        assert outputs.route_keys == ("GET /v1/hello/{id}",)
        reply = call(stack, outputs, "/v1/hello/ada")
        assert (reply.status_code, reply.text) == (200, "kept ada")
        assert reply.headers["access-control-allow-origin"] == "https://shop.example"
        assert call(stack, outputs, "/v1/nothing").status_code == 404
        assert stack.deploy(TEMPLATE, "tiny", {"Origins": "https://shop.example"}) == outputs
        assert call(stack, outputs, "/v1/hello/ada").text == "kept ada"
    assert not stack.is_alive()

    with stack:
        assert stack.describe("tiny") == outputs
        with pytest.raises(DeployFailedError, match="'other' is not deployed"):
            stack.describe("other")
        table = outputs.resources["Table"]
        assert "Item" in stack.client("dynamodb").get_item(TableName=table, Key={"id": {"S": "ada"}})
        assert call(stack, outputs, "/v1/hello/bob").text == "kept bob"

        dynamodb = stack.client("dynamodb")
        os.killpg(stack.pid, signal.SIGKILL)
        with pytest.raises(EmulatorDiedError, match="ended by itself or was killed"):
            dynamodb.list_tables()
        assert not stack.is_alive()
        assert call(stack, outputs, "/v1/hello/eve").status_code == 502

    with pytest.raises(StateLostError):
        stack.start()
    stack.reset()
    with stack:
        assert stack.client("dynamodb").list_tables()["TableNames"] == []
