"""The AWS clients, made once per process. Endpoint, region and credentials come from the environment, as everywhere."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sns import SNSClient
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
def dynamodb() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=QUICK)


@cache
def s3() -> "S3Client":
    return boto3.client("s3", config=BULK)


@cache
def ssm() -> "SSMClient":
    return boto3.client("ssm", config=QUICK)


@cache
def sqs() -> "SQSClient":
    return boto3.client("sqs", config=QUICK)


@cache
def cloudwatch() -> "CloudWatchClient":
    return boto3.client("cloudwatch", config=QUICK)


@cache
def apigateway() -> "ApiGatewayV2Client":
    return boto3.client("apigatewayv2", config=QUICK)


@cache
def scheduler() -> "EventBridgeSchedulerClient":
    return boto3.client("scheduler", config=QUICK)


@cache
def sns() -> "SNSClient":
    return boto3.client("sns", config=QUICK)
