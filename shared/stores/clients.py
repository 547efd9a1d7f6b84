"""The AWS clients, made once per process. Endpoint, region and credentials come from the environment, as everywhere.

They are botocore's own: boto3 adds to these what nothing here uses, and a fortieth of a second to every cold start.
"""

import gc
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config
from pydantic_core import from_json

from shared.stores.deadline import DEADLINE

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

AGENT = "regulars"
"""As the service's logs see us. What botocore would say of the machine instead, it puts together anew for each call: a
twentieth of the CPU time of a list of recommendations."""
YOUNG_OBJECTS = 2_000
"""Python's own threshold of its collector."""
READS = ("GetItem", "BatchGetItem", "Query", "Scan")

# A request waits for its store, so a slow store must fail while there is still time to answer and to say so.
QUICK = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "max_attempts": 3},
    max_pool_connections=16,
    # A fifth of the CPU of a batch write; DynamoDB checks what it is sent anyway.
    parameter_validation=False,
    user_agent=AGENT,
)
BULK = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "max_attempts": 6})
PATIENT = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "max_attempts": 5}, user_agent=AGENT)
"""For figures that nobody waits for: a slow answer is no failure of the night."""
SIGNED = Config(signature_version="s3v4")
"""Else botocore signs addresses in some regions by an older way, which newer buckets need not take."""


@cache
def _session() -> botocore.session.Session:
    """One for all clients: it reads the descriptions of services and endpoints.

    By now all is imported, and stays: the collector of cycles need not look it through. An artefact's start puts that
    off until here (infra/build.py).
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    return botocore.session.get_session()


def _client(service: str, config: Config) -> Any:
    make: Any = _session().create_client  # its overloads want the service's name as a literal
    client = make(service, config=config)
    DEADLINE.heeded_by(client.meta.events)
    return client


def _as_it_is(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Take a reply that is JSON as it is: to hold each value of each record against the service's description costs
    botocore many times what reading the JSON does. Only binary values come out otherwise, as base64 (`typed`).
    """
    if response_dict["status_code"] != HTTPStatus.OK:
        return
    with suppress(ValueError):  # what is no JSON is botocore's to complain of
        customized_response_dict.update(from_json(response_dict["body"]))
        response_dict["body"] = b"{}"


@cache
def dynamodb() -> "DynamoDBClient":
    client: DynamoDBClient = _client("dynamodb", QUICK)
    for operation in READS:
        client.meta.events.register(f"before-parse.dynamodb.{operation}", _as_it_is)
    return client


@cache
def s3() -> "S3Client":
    client: S3Client = _client("s3", BULK.merge(SIGNED))
    return client


@cache
def quick_s3() -> "S3Client":
    """For requests, which cannot wait as long as jobs do."""
    client: S3Client = _client("s3", QUICK.merge(SIGNED))
    return client


@cache
def ssm() -> "SSMClient":
    client: SSMClient = _client("ssm", QUICK)
    return client


@cache
def sqs() -> "SQSClient":
    client: SQSClient = _client("sqs", QUICK)
    return client


@cache
def cloudwatch() -> "CloudWatchClient":
    client: CloudWatchClient = _client("cloudwatch", PATIENT)
    return client


@cache
def apigateway() -> "ApiGatewayV2Client":
    client: ApiGatewayV2Client = _client("apigatewayv2", QUICK)
    return client


@cache
def scheduler() -> "EventBridgeSchedulerClient":
    client: EventBridgeSchedulerClient = _client("scheduler", QUICK)
    return client


@cache
def sns() -> "SNSClient":
    client: SNSClient = _client("sns", QUICK)
    return client
