"""The stack that the releases are deployed into, one over the other, and all that can be seen of it."""

import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from functions.meter.brake import STAGE
from infra.cli.deployment import STATE, access_of
from infra.cli.local import PARAMETERS, STACK
from infra.local.emulator import REGION
from infra.local.stack import LocalStack, Outputs

PATIENCE_SECONDS = 120.0
FIRST_LISTS = 20
LIMITS = ("ThrottlingRateLimit", "ThrottlingBurstLimit")
SETTINGS = PARAMETERS | {"ArchiveWindowSeconds": "0"}
LASTING = ("Table", "Bucket", "Api")
"""What must be the same resource afterwards, by its logical id: the data, and the address that shops call."""

Questions = dict[str, tuple[str, str, Any]]
"""By a name of ours: method, path and body of a request that changes nothing."""


class Release(NamedTuple):
    """A version of the project: its folder, with its own environment and what it built."""

    folder: Path

    @property
    def template(self) -> Path:
        return self.folder / ".aws-sam/build/template.yaml"


class Seen(NamedTuple):
    """All that is kept, and all that is answered."""

    records: Mapping[tuple[str, str], Mapping[str, Any]]
    objects: Mapping[str, str]
    secrets: Mapping[str, str]
    resources: Mapping[str, str]
    answers: Mapping[str, Any]


class Deployed:
    """The stack, whichever release is in it, and its API behind one address."""

    def __init__(self, stack: LocalStack, home: Path) -> None:
        self._stack = stack
        self._home = home
        self.outputs: Outputs
        self.release: Release
        self.url = self.key = ""

    def deploy(self, release: Release) -> None:
        """Over whatever is there."""
        self.outputs = self._stack.deploy(release.template, STACK, SETTINGS)
        self.release = release

    def regulars(self, *arguments: str, stdin: str = "") -> str:
        """What the deployed release's own command line prints."""
        access = access_of(STACK, dict(self.outputs.values) | {"ApiUrl": self.url}, self.key or None)
        (self._home / STATE).mkdir(exist_ok=True)
        access.model_copy(update={"endpoint_url": self._stack.url, "region": REGION}).save(self._home / STATE)
        done = subprocess.run(
            [str(self.release.folder / ".venv/bin/regulars"), *arguments, "--local"],
            cwd=self._home,
            env={name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "VIRTUAL_ENV"))},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def api(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)

    def client(self, service: str) -> Any:
        return self._stack.client(service)

    def limit(self, settings: Mapping[str, float]) -> None:
        """The emulator takes the throttle not from the template, so it is set as AWS has it."""
        gateway = self.client("apigatewayv2")
        gateway.update_stage(ApiId=self.outputs.api_id, StageName=STAGE, DefaultRouteSettings=settings)

    def limits(self) -> dict[str, float]:
        stage = self.client("apigatewayv2").get_stage(ApiId=self.outputs.api_id, StageName=STAGE)
        return {name: stage["DefaultRouteSettings"][name] for name in LIMITS}

    def seen(self, questions: Questions) -> Seen:
        """Once the stream has come to rest."""
        self._rested()
        return Seen(self._records(), self._objects(), self._secrets(), self._resources(), self._answers(questions))

    def _rested(self) -> None:
        before: object = None
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (now := (self._records(), self._objects())) != before:
            assert time.monotonic() < deadline, "the stream never comes to rest"
            before = now
            time.sleep(3)

    def _records(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=self.outputs.values["TableName"])
        return {(item["pk"]["S"], item["sk"]["S"]): item for page in pages for item in page["Items"]}

    def _objects(self) -> dict[str, str]:
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.outputs.values["BucketName"])
        return {each["Key"]: each["ETag"] for page in pages for each in page.get("Contents", [])}

    def _secrets(self) -> dict[str, str]:
        pages = self.client("ssm").get_paginator("get_parameters_by_path")
        found = pages.paginate(Path=f"/{STACK}", Recursive=True, WithDecryption=True)
        return {each["Name"]: each["Value"] for page in found for each in page["Parameters"]}

    def _resources(self) -> dict[str, str]:
        return {name: self.outputs.resources[name] for name in LASTING}

    def _answers(self, questions: Questions) -> dict[str, Any]:
        with self.api() as api:
            return {name: _answer(api, *question) for name, question in questions.items()}


def _answer(api: httpx.Client, method: str, path: str, body: Any) -> Any:
    """The answer; a function that has just been started may give its first lists before it has its model."""
    for _ in range(FIRST_LISTS):
        reply = api.request(method, path, json=body)
        assert reply.status_code == 200, f"{method} {path}: {reply.status_code} {reply.text}"
        if reply.json().get("served_by", "model") == "model":
            break
        time.sleep(1)
    return reply.json()
