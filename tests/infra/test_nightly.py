"""A function of the night that is asked for now."""

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from infra.cli import nightly
from infra.cli.deployment import access_of
from infra.cli.nightly import NightlyFailedError

OUTPUTS = {"ApiUrl": "", "TableName": "", "BucketName": "", "TrainingFunctionName": "", "ThemesFunctionName": "t-1"}


def deployment(said: dict[str, Any], **reply: str) -> Any:
    body = io.BytesIO(json.dumps(said).encode())
    asked: list[str] = []

    def invoke(**request: Any) -> dict[str, Any]:
        asked.append(request["FunctionName"])
        return reply | {"Payload": body}

    return SimpleNamespace(access=access_of("s", OUTPUTS, None), functions=SimpleNamespace(invoke=invoke), asked=asked)


def test_it_is_run_by_its_name_in_the_stack() -> None:
    found = deployment({"run_id": "r"})
    assert nightly.run(found, "themes") == {"run_id": "r"}
    assert found.asked == ["t-1"]


def test_its_failure_is_said_in_its_own_words() -> None:
    with pytest.raises(NightlyFailedError, match="themes function failed: no room"):
        nightly.run(deployment({"errorMessage": "no room"}, FunctionError="Unhandled"), "themes")


def test_a_deployment_without_it_is_to_be_deployed_again() -> None:
    with pytest.raises(NightlyFailedError, match="deploy again"):
        nightly.run(deployment({}), "pricing")
