"""What is left of botocore's descriptions: clients made from it send what they would have sent anyway."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore
import botocore.session
import pytest
from botocore.loaders import Loader

from infra import descriptions
from infra.descriptions import SERVICES, trim, without_manual, words

START, DAY = datetime(2026, 1, 2, 3, 4, tzinfo=UTC), timedelta(days=1)
INSTALLED = Path(botocore.__file__).parent / "data"
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "apigatewayv2": ("get_stage", {"ApiId": "a", "StageName": "$default"}),
    "cloudwatch": (
        "get_metric_statistics",
        {"Namespace": "AWS/S3", "MetricName": "m", "Period": 60, "StartTime": START, "EndTime": START + DAY},
    ),
    "dynamodb": ("get_item", {"TableName": "t", "Key": {"pk": {"S": "ä"}}, "ConsistentRead": True}),
    "s3": ("get_object", {"Bucket": "b", "Key": "models/m 1/graph.onnx"}),
    "scheduler": ("get_schedule", {"Name": "regulars-training"}),
    "sns": ("publish", {"TopicArn": "arn:aws:sns:eu-west-1:1:alarms", "Subject": "s", "Message": "ä"}),
    "sqs": ("send_message", {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q", "MessageBody": "b"}),
    "ssm": ("get_parameter", {"Name": "/n", "WithDecryption": True}),
}


@pytest.fixture(scope="module")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("botocore") / "data"
    data.mkdir()
    for service in (*SERVICES, "sts"):
        shutil.copytree(INSTALLED / service, data / service)
    for file in INSTALLED.glob("*.json"):
        os.link(file, data / file.name) if os.stat(file).st_dev == os.stat(data).st_dev else shutil.copy(file, data)
    trim(data, {operation for operation, _ in CALLS.values()} | {"query"})
    return data


def sent(data: Path, service: str) -> tuple[str, str, bytes, set[str]]:
    """What a client with these descriptions would send: method, address, body and names of headers."""
    session = botocore.session.Session()
    loader = Loader([str(data)], include_default_search_paths=False)
    session.register_component("data_loader", loader)
    client = session.create_client(service, "eu-west-1", aws_access_key_id="k", aws_secret_access_key="s")
    requests: list[Any] = []

    def caught(request: Any, **_: Any) -> Any:
        requests.append(request)
        raise InterruptedError

    client.meta.events.register("before-send", caught)
    operation, arguments = CALLS[service]
    with pytest.raises(InterruptedError):
        getattr(client, operation)(**arguments)
    (request,) = requests
    return request.method, request.url, request.body or b"", set(request.headers)


@pytest.mark.parametrize("service", SERVICES)
def test_a_client_sends_the_same(trimmed: Path, service: str) -> None:
    assert sent(trimmed, service) == sent(INSTALLED, service)


def test_what_others_have_installed_is_left_as_it_was(trimmed: Path) -> None:
    assert "ec2" in (INSTALLED / "endpoints.json").read_text()
    assert "ec2" not in (trimmed / "endpoints.json").read_text()


def test_a_member_that_is_called_documentation_stays() -> None:
    shape = {"documentation": "<p>Long.</p>", "members": {"documentation": {"shape": "S", "documentation": "Long."}}}
    assert descriptions._for_machines(shape) == {
        "documentation": "",
        "members": {"documentation": {"shape": "S", "documentation": ""}},
    }


def test_only_what_is_called_is_described(trimmed: Path) -> None:
    described = json.loads((trimmed / "dynamodb/2012-08-10/service-2.json").read_bytes())
    assert set(described["operations"]) == {"GetItem", "Query"}
    assert "ResourceNotFoundException" in described["shapes"]
    assert "CreateTableInput" not in described["shapes"]
    s3 = json.loads((trimmed / "s3/2006-03-01/service-2.json").read_bytes())
    assert set(s3["operations"]) == {"GetObject", "HeadBucket"}


def test_a_word_of_a_source_is_an_operation_that_it_calls(tmp_path: Path) -> None:
    source = tmp_path / "store.py"
    source.write_text('client.get_paginator("list_objects_v2")\nclient.put_item(TableName="t")')
    assert {"list_objects_v2", "put_item"} <= words([source])


def test_a_client_without_its_manual_has_none_and_works(tmp_path: Path) -> None:
    """In an interpreter of its own, since this one has the manual in memory."""
    copy = tmp_path / "botocore"
    shutil.copytree(INSTALLED.parent, copy, ignore=shutil.ignore_patterns("data", "__pycache__"))
    (copy / "data").symlink_to(INSTALLED)
    without_manual(copy / "docs")
    script = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(INSTALLED.parents[1])!r}]\n"
        "import botocore.session\n"
        "client = botocore.session.get_session().create_client('sqs', 'eu-west-1')\n"
        "print(repr(str(client.send_message.__doc__)), 'botocore.docs.method' in sys.modules, botocore.__file__)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["''", "False", str(copy / "__init__.py")], done.stderr


def test_it_is_a_tenth_of_what_it_was_and_has_no_other_service(trimmed: Path) -> None:
    assert {path.name for path in trimmed.iterdir() if path.is_dir()} == set(SERVICES)
    dynamodb = json.loads((trimmed / "dynamodb/2012-08-10/service-2.json").read_bytes())
    assert dynamodb["metadata"]["serviceId"] == "DynamoDB"
    assert not list(trimmed.rglob("*.gz"))
    assert sum(path.stat().st_size for path in trimmed.rglob("*.json")) < 3_000_000


def test_every_client_of_the_stores_is_described() -> None:
    text = (Path(__file__).parents[2] / "shared/stores/clients.py").read_text()
    assert set(re.findall(r'_client\("(\w+)"', text)) == set(SERVICES)
