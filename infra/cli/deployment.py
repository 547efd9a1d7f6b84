"""A deployed Regulars, as the command line finds it: in the cloud by its stack, here by the file the demo leaves."""

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import boto3
import httpx
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, SecretStr, field_serializer

from shared.stores.archive import ArchiveStore
from shared.stores.budgets import BudgetStore
from shared.stores.events import EventStore
from shared.stores.keys import KeyStore
from shared.stores.models import SENTIMENT, ModelStore
from shared.stores.poison import PoisonStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sqs import SQSClient

STATE = Path(".regulars")
STATE_VARIABLE = "REGULARS_STATE"
"""Where `--local` looks instead, for a second stack on this machine."""
LOCAL = "local.json"
LONGEST_TRAINING_SECONDS = 900
STREAM_FUNCTIONS = {"archive": "ArchiveFunctionName", "project": "ProjectFunctionName"}
"""The functions that read the table's stream, and the stack's outputs that name them."""
QUEUES = {
    "privacy jobs": "PrivacyJobsUrl",
    "privacy failures": "PrivacyJobFailuresUrl",
    "feedback": "FeedbackQueueUrl",
    "feedback failures": "FeedbackFailuresUrl",
    "stream failures": "StreamFailuresUrl",
    "nightly failures": "NightlyFailuresUrl",
}
"""All queues, and the stack's outputs that are their URLs."""


class NoDeploymentError(Exception):
    """There is nothing to talk to; the message says what to do."""


class Access(BaseModel):
    """Where a deployment is, and how to get in. What the demo saves for later commands."""

    stack: str
    api_url: str
    table_name: str
    bucket_name: str
    training_function: str
    training_queue: str = ""
    training_job: str = ""
    meter_function: str = ""
    themes_function: str = ""
    value_function: str = ""
    stream_functions: dict[str, str] = {}
    stream_failures_url: str = ""
    queues: dict[str, str] = {}
    endpoint_url: str | None = None
    region: str | None = None
    secret_key: SecretStr | None = None

    def save(self, state: Path) -> None:
        """Write it where `--local` looks, readable by its owner only."""
        path = state / LOCAL
        path.touch(mode=0o600)
        path.write_text(self.model_dump_json())

    @field_serializer("secret_key", when_used="json-unless-none")
    def _bare(self, key: SecretStr) -> str:
        return key.get_secret_value()


class Deployment:
    """The stores, the training function and the API of one deployment."""

    def __init__(self, access: Access) -> None:
        self.access = access

    @classmethod
    def in_cloud(cls, stack: str, key: str | None) -> Self:
        """The deployment of this CloudFormation stack, in the account and region of the environment's credentials."""
        try:
            stacks = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except (ClientError, BotoCoreError) as error:
            raise NoDeploymentError(f"The stack {stack} cannot be read: {error}") from error
        return cls(
            access_of(stack, {each["OutputKey"]: each["OutputValue"] for each in stacks[0].get("Outputs", [])}, key)
        )

    @classmethod
    def on_this_machine(cls, state: Path | None = None) -> Self:
        """The deployment that `make demo` or `regulars local start` runs."""
        path = (state or local_state()) / LOCAL
        if not path.exists():
            raise NoDeploymentError(
                f"There is no {path}: start the local stack with `make demo` or `regulars local start` first."
            )
        return cls(Access.model_validate_json(path.read_text()))

    @cached_property
    def table(self) -> Table:
        return Table(self._client("dynamodb"), self.access.table_name)

    @cached_property
    def budgets(self) -> BudgetStore:
        return BudgetStore(self.table)

    @cached_property
    def events(self) -> EventStore:
        return EventStore(self.table)

    @cached_property
    def archive(self) -> ArchiveStore:
        return ArchiveStore(self._client("s3"), self.access.bucket_name)

    @cached_property
    def tombstones(self) -> TombstoneStore:
        return self.tombstones_in(self.table)

    def tombstones_in(self, table: Table) -> TombstoneStore:
        """The tombstones in a table of this deployment, which may be a restored one."""
        return TombstoneStore(table, lambda: self.secrets.ensure(self.pepper_name))

    def table_named(self, name: str) -> Table:
        """Another table than the one that serves."""
        return Table(self._client("dynamodb"), name)

    @cached_property
    def poison(self) -> PoisonStore:
        return PoisonStore(self._client("s3"), self.access.bucket_name)

    @cached_property
    def streams(self) -> Any:
        return self._client("dynamodbstreams")

    @cached_property
    def queues(self) -> "SQSClient":
        client: SQSClient = self._client("sqs")
        return client

    @cached_property
    def models(self) -> ModelStore:
        return ModelStore(self.table, self._client("s3"), self.access.bucket_name)

    @cached_property
    def sentiment_models(self) -> ModelStore:
        return ModelStore(self.table, self._client("s3"), self.access.bucket_name, SENTIMENT)

    @cached_property
    def keys(self) -> KeyStore:
        return KeyStore(self.table)

    @cached_property
    def secrets(self) -> SecretStore:
        return SecretStore(self._client("ssm"))

    @cached_property
    def functions(self) -> "LambdaClient":
        """For invocations that last as long as a training may, and are never sent twice."""
        config = Config(read_timeout=LONGEST_TRAINING_SECONDS + 30, retries={"total_max_attempts": 1})
        client: LambdaClient = self._client("lambda", config)
        return client

    @cached_property
    def jobs(self) -> Any:
        """AWS Batch, where trainings run that outgrew the function."""
        return self._client("batch")

    def api(self, key: str | None = None) -> httpx.Client:
        """A client of the API with this key, or with the one that is remembered."""
        remembered = self.access.secret_key.get_secret_value() if self.access.secret_key else None
        if not (key or remembered):
            raise NoDeploymentError(
                "No key: create one with `regulars keys create`, and pass it as --key or REGULARS_KEY."
            )
        headers = {"Authorization": f"Bearer {key or remembered}"}
        return httpx.Client(base_url=self.access.api_url, headers=headers, timeout=60)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        client: CloudWatchLogsClient = self._client("logs")
        return client

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        client: CloudWatchClient = self._client("cloudwatch")
        return client

    @property
    def owners_key(self) -> str:
        """The secret key that is remembered. Raises `NoDeploymentError`."""
        if self.access.secret_key is None:
            raise NoDeploymentError("No secret key is remembered here.")
        return self.access.secret_key.get_secret_value()

    def anybody(self) -> httpx.Client:
        """A client of the API without a key."""
        return httpx.Client(base_url=self.access.api_url, timeout=30)

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine."""
        return self.access.endpoint_url is not None

    @property
    def pepper_name(self) -> str:
        return f"/{self.access.stack}/key-pepper"

    @property
    def token_secret_name(self) -> str:
        return f"/{self.access.stack}/customer-token-secret"

    def webhook_secret_name(self, system: str) -> str:
        return f"/{self.access.stack}/{system}-webhook-secret"

    def _client(self, service: Any, config: Config | None = None) -> Any:
        local = self.access.endpoint_url
        options: dict[str, Any] = {"config": config} if config else {}
        if local:
            options |= {"endpoint_url": local, "region_name": self.access.region}
            options |= {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        return boto3.client(service, **options)


def local_state() -> Path:
    """The folder of the local stack that `--local` means."""
    return Path(os.environ.get(STATE_VARIABLE, STATE))


def access_of(stack: str, outputs: dict[str, str], key: str | None) -> Access:
    """The access that a stack's outputs give. Raises `NoDeploymentError` for a stack of something else."""
    if "TrainingFunctionName" not in outputs:
        raise NoDeploymentError(f"The stack {stack} is not a Regulars deployment: it has no TrainingFunctionName.")
    return Access(
        stack=stack,
        api_url=outputs["ApiUrl"],
        table_name=outputs["TableName"],
        bucket_name=outputs["BucketName"],
        training_function=outputs["TrainingFunctionName"],
        training_queue=outputs.get("TrainingQueueArn", ""),
        training_job=outputs.get("TrainingJobArn", ""),
        meter_function=outputs.get("MeterFunctionName", ""),
        themes_function=outputs.get("ThemesFunctionName", ""),
        value_function=outputs.get("ValueFunctionName", ""),
        stream_functions={name: outputs[output] for name, output in STREAM_FUNCTIONS.items() if output in outputs},
        stream_failures_url=outputs.get("StreamFailuresUrl", ""),
        queues={name: outputs[output] for name, output in QUEUES.items() if output in outputs},
        secret_key=SecretStr(key) if key else None,
    )
