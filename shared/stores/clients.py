"""The AWS clients, made once per process. Endpoint, region and credentials come from the environment, as everywhere.

They are botocore's own: boto3 adds to these what nothing here uses, and a fortieth of a second to every cold start.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

# A request waits for its store, so a slow store must fail while there is still time to answer and to say so.
QUICK = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "max_attempts": 3},
    max_pool_connections=16,
    # A fifth of the CPU of a batch write; DynamoDB checks what it is sent anyway.
    parameter_validation=False,
)
BULK = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "max_attempts": 6})


@cache
def _session() -> botocore.session.Session:
    """One for all clients: it reads the descriptions of services and endpoints."""
    return botocore.session.get_session()


def _client(service: str, config: Config) -> Any:
    return _session().create_client(service, config=config)


@cache
def dynamodb() -> "DynamoDBClient":
    return _client("dynamodb", QUICK)


@cache
def s3() -> "S3Client":
    return _client("s3", BULK)


@cache
def ssm() -> "SSMClient":
    return _client("ssm", QUICK)


@cache
def sqs() -> "SQSClient":
    return _client("sqs", QUICK)
