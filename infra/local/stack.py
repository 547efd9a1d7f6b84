"""The local stack: a real `sam deploy` of the built artefacts into an AWS emulator on this machine.

with LocalStack(Path(".regulars/local")) as stack:
    outputs = stack.deploy(Path(".aws-sam/build/template.yaml"), "regulars", {"Stage": "local"})
    stack.client("dynamodb").scan(TableName=outputs.resources["Table"])
"""

import atexit
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local import routes, templates, tools
from infra.local.emulator import REGION, Emulator
from infra.local.errors import DeployFailedError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient

DYING_SECONDS = 2.0
"""A process that was killed refuses calls before it is seen to be gone."""
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "000000000000", "AWS_SECRET_ACCESS_KEY": "local"}
_ARTEFACTS = "local-artefacts"
_CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")


@dataclass(frozen=True)
class Outputs:
    """What a deployment gave: the stack's outputs, its resources' physical ids by logical id, and its HTTP API."""

    values: Mapping[str, str]
    resources: Mapping[str, str]
    api_id: str | None
    route_keys: tuple[str, ...]


class LocalStack:
    """An emulator with a folder for its state; several may run side by side, each on its own folder and port."""

    def __init__(self, state_dir: Path, port: int | None = None) -> None:
        self._emulator = Emulator(state_dir, port)
        self._session = boto3.Session(
            aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Give the emulator's origin, for any AWS client (`AWS_ENDPOINT_URL`)."""
        return self._emulator.url

    @property
    def pid(self) -> int:
        """Give the id of the emulator's process, which leads a process group with its workers."""
        return self._emulator.pid

    @property
    def logs(self) -> Path:
        """Give the folder that holds the emulator's and the deployments' logs."""
        return self._emulator.log.parent

    def start(self) -> None:
        """Start the emulator with the state it kept; raises when the port or folder is taken, or the state is lost."""
        self._emulator.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """Stop the emulator gently, so that its state is there at the next start; do nothing when it is stopped."""
        atexit.unregister(self.stop)
        try:
            if self.is_alive():
                self._keep_logs()
        finally:
            self._emulator.stop()

    def reset(self) -> None:
        """Forget everything; a running emulator is started again, empty."""
        was_alive = self.is_alive()
        self.stop()
        self._emulator.wipe()
        if was_alive:
            self.start()

    def is_alive(self) -> bool:
        """Say whether the emulator runs and answers."""
        return self._emulator.is_alive()

    def check(self) -> None:
        """Raise in clear words when the emulator was killed."""
        self._emulator.check()

    def client(self, service: str, *, read_timeout: float = 60) -> Any:
        """Make an AWS client of this emulator; its calls raise `EmulatorDiedError` once the emulator is gone."""
        self.check()
        config = Config(
            read_timeout=read_timeout,
            max_pool_connections=64,
            retries={"total_max_attempts": 1},  # a training that outlasts the read timeout must not run twice
        )
        make: Any = self._session.client  # its overloads want the service's name as a literal
        client = make(service, endpoint_url=self.url, config=config)
        client.meta.events.register("after-call-error", lambda **_: self._emulator.check(DYING_SECONDS))
        return client

    def deploy(self, template: Path, stack_name: str, parameters: Mapping[str, str] | None = None) -> Outputs:
        """Deploy a built template with `sam deploy`, and give the HTTP API its routes."""
        self.check()
        self._make_artefact_bucket()
        with templates.with_values(template.resolve(), parameters or {}, f"{stack_name}-{self._emulator.port}") as copy:
            self._run_sam(copy, stack_name, parameters or {})
        return self.describe(stack_name)

    def describe(self, stack_name: str) -> Outputs:
        """Give what a stack consists of that was deployed earlier; its HTTP API is given its routes if it lacks any."""
        cloudformation: CloudFormationClient = self.client("cloudformation")
        try:
            stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
        except ClientError as error:
            raise DeployFailedError(f"The stack {stack_name!r} is not deployed here.") from error
        found = cloudformation.describe_stack_resources(StackName=stack_name)["StackResources"]
        resources = {item["LogicalResourceId"]: item.get("PhysicalResourceId", "") for item in found}
        apis = routes.read_apis(self._processed(cloudformation, stack_name))
        for api in apis:
            arns = self._function_arns(api, resources)
            routes.apply(self.client("apigatewayv2"), resources[api.logical_id], api, arns)
        return Outputs(
            values={item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])},
            resources=resources,
            api_id=resources[apis[0].logical_id] if apis else None,
            route_keys=tuple(route.key for api in apis for route in api.routes),
        )

    def _keep_logs(self) -> None:
        """Write what the functions have logged into files, where it can be read while the emulator is stopped."""
        client, folder = self.client("logs"), self.logs / "functions"
        folder.mkdir(exist_ok=True)
        pages = client.get_paginator("describe_log_groups").paginate()
        for group in [group["logGroupName"] for page in pages for group in page["logGroups"]]:
            events = [
                event
                for page in client.get_paginator("filter_log_events").paginate(logGroupName=group)
                for event in page["events"]
            ]
            (folder / f"{group.rpartition('/')[2]}.log").write_text("".join(map(_logged, events)))

    def _make_artefact_bucket(self) -> None:
        s3 = self.client("s3")
        if _ARTEFACTS not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
            s3.create_bucket(Bucket=_ARTEFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})

    def _run_sam(self, template: Path, stack_name: str, parameters: Mapping[str, str]) -> None:
        settings = self.logs.parent / "samconfig.toml"  # an empty one, so that the repository's does not speak
        settings.write_text("version = 0.1\n")
        command = [
            *tools.sam("deploy", "--template-file", str(template), "--config-file", str(settings)),
            *("--stack-name", stack_name, "--s3-bucket", _ARTEFACTS, "--region", REGION),
            *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"),
            *("--capabilities", *_CAPABILITIES),
        ]
        if parameters:
            pairs = [f"ParameterKey={name},ParameterValue={json.dumps(value)}" for name, value in parameters.items()]
            command += ["--parameter-overrides", *pairs]
        self._run_logged(command, f"deploy-{stack_name}.log")

    def _run_logged(self, command: list[str], name: str) -> None:
        environment = tools.environment(_CREDENTIALS | {"AWS_ENDPOINT_URL": self.url, "SAM_CLI_TELEMETRY": "0"})
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        (self.logs / name).write_text(done.stdout)
        if done.returncode != 0:
            self.check()
            tail = "\n".join(done.stdout.strip().splitlines()[-20:])
            raise DeployFailedError(f"`sam deploy` failed; the whole log is {self.logs / name}:\n{tail}")

    def _processed(self, cloudformation: "CloudFormationClient", stack_name: str) -> Mapping[str, Any]:
        body: Any = cloudformation.get_template(StackName=stack_name, TemplateStage="Processed")["TemplateBody"]
        template: Mapping[str, Any] = yaml.safe_load(body) if isinstance(body, str) else body
        return template

    def _function_arns(self, api: routes.Api, resources: Mapping[str, str]) -> dict[str, str]:
        """Give the ARN of each function (or alias, whose physical id is its ARN) that the API's routes lead to."""
        functions = self.client("lambda")
        arns = {}
        for name in {route.function for route in api.routes} & resources.keys():
            found = resources[name]
            is_arn = found.startswith("arn:")
            arns[name] = found if is_arn else functions.get_function_configuration(FunctionName=found)["FunctionArn"]
        return arns


def _logged(event: Mapping[str, Any]) -> str:
    """A line of a function's log as it is kept in a file: when, and what."""
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return f"{at.isoformat()} {event['message'].rstrip()}\n"
