"""What was used since the month began, as far as CloudWatch shows it: sums that come minutes late.

It asks by GetMetricStatistics, of which a million a month are free, and not by GetMetricData, of which none are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from functions.meter.prices import Used
from functions.meter.settings import Metered

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient

DAY_SECONDS = 86_400
READERS = 8
ARCHIVE_SHARDS = 8
"""A delivery of one day's events is at most so many objects (`shared.stores.archive.SHARDS`)."""
STORAGE_DAYS = timedelta(days=3)
"""S3 tells its size once a day, a day or two late."""
GIGABYTE = 1e9
MILLISECONDS = 1000
MEGABYTES = 1024
INDEXES = ("catalogue", "newest")
SQS_REQUESTS = (
    "NumberOfMessagesSent",
    "NumberOfMessagesReceived",
    "NumberOfEmptyReceives",
    "NumberOfMessagesDeleted",
)


class Deployed(NamedTuple):
    """What there is to be metered."""

    functions: Mapping[str, Metered]
    logs: str
    api_id: str
    table: str
    bucket: str
    queues: Iterable[str]


class Metrics:
    """Sums of CloudWatch's metrics from the beginning of the month until now."""

    def __init__(self, client: "CloudWatchClient", now: datetime) -> None:
        self._client = client
        self._now = now
        self._since = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def total(self, namespace: str, name: str, **dimensions: str) -> float:
        """The sum of all that was reported this month, 0 where nothing was."""
        return sum(self._points(namespace, name, dimensions, self._since, "Sum"))

    def latest(self, namespace: str, name: str, **dimensions: str) -> float:
        """The average of the latest day that was reported."""
        return next(iter(self._points(namespace, name, dimensions, self._now - STORAGE_DAYS, "Average")), 0.0)

    @property
    def share_of_month(self) -> float:
        """How much of the month is over."""
        following = (self._since + timedelta(days=32)).replace(day=1)
        return (self._now - self._since) / (following - self._since)

    def _points(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        since: datetime,
        statistic: Literal["Sum", "Average"],
    ) -> list[float]:
        """A value for each day, the latest first."""
        points = self._client.get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=since,
            EndTime=self._now + timedelta(seconds=1),
            Period=DAY_SECONDS,
            Statistics=[statistic],
        )["Datapoints"]
        return [point[statistic] for point in sorted(points, key=lambda point: point["Timestamp"], reverse=True)]


def usage(metrics: Metrics, dynamodb: "DynamoDBClient", deployed: Deployed) -> list[Used]:
    """What the month has used so far, by part and by line of the price list."""
    parts: list[Callable[[], Iterable[Used]]] = [
        *(
            lambda name=name, each=each: _function(metrics, name, each, deployed.logs)
            for name, each in deployed.functions.items()
        ),
        *(lambda queue=queue: _queue(metrics, queue) for queue in deployed.queues),
        lambda: _api(metrics, deployed.api_id),
        lambda: _table(metrics, deployed.table),
        lambda: _stored(metrics, dynamodb, deployed),
    ]
    with ThreadPoolExecutor(READERS) as pool:
        found = [used for some in pool.map(lambda part: list(part()), parts) for used in some]
    # An object of the archive holds an event at least, and each of these was written to the table.
    written = sum(used.units for used in found if used.line == "dynamodb_write_unit")
    return [used._replace(units=min(used.units, written)) if used.line == "s3_put" else used for used in found]


def _function(metrics: Metrics, part: str, function: Metered, logs: str) -> Iterator[Used]:
    """A function that was not called has no other figures worth a request."""
    invocations = metrics.total("AWS/Lambda", "Invocations", FunctionName=function.name)
    if not invocations:
        return
    seconds = metrics.total("AWS/Lambda", "Duration", FunctionName=function.name) / MILLISECONDS
    logged = metrics.total("AWS/Logs", "IncomingBytes", LogGroupName=f"{logs}/{part}")
    yield Used(part, "lambda_request", invocations)
    yield Used(part, f"lambda_gb_second_{function.architecture}", seconds * function.megabytes / MEGABYTES)
    yield Used(part, "logs_ingested_gb", logged / GIGABYTE)
    if part == "archive":
        # S3 counts requests for money only: so as many as there can have been.
        yield Used(part, "s3_put", invocations * ARCHIVE_SHARDS)


def _queue(metrics: Metrics, queue: str) -> Iterator[Used]:
    yield Used("queues", "sqs_request", sum(metrics.total("AWS/SQS", name, QueueName=queue) for name in SQS_REQUESTS))


def _api(metrics: Metrics, api_id: str) -> Iterator[Used]:
    """What comes in is in the bytes too, although it is free."""
    yield Used("api", "http_api_request", metrics.total("AWS/ApiGateway", "Count", ApiId=api_id))
    yield Used("api", "transfer_out_gb", metrics.total("AWS/ApiGateway", "DataProcessed", ApiId=api_id) / GIGABYTE)


def _table(metrics: Metrics, table: str) -> Iterator[Used]:
    """The table's own figures leave its indexes out."""
    places = [{"TableName": table}, *({"TableName": table, "GlobalSecondaryIndexName": name} for name in INDEXES)]
    for kind, line in (("Read", "dynamodb_read_unit"), ("Write", "dynamodb_write_unit")):
        units = sum(metrics.total("AWS/DynamoDB", f"Consumed{kind}CapacityUnits", **place) for place in places)
        yield Used("table", line, units)


def _stored(metrics: Metrics, dynamodb: "DynamoDBClient", deployed: Deployed) -> Iterator[Used]:
    """What is stored, for the part of the month that is over."""
    table = dynamodb.describe_table(TableName=deployed.table)["Table"]
    own = table.get("TableSizeBytes", 0)
    indexes = sum(index.get("IndexSizeBytes", 0) for index in table.get("GlobalSecondaryIndexes", []))
    objects = metrics.latest("AWS/S3", "BucketSizeBytes", BucketName=deployed.bucket, StorageType="StandardStorage")
    months = metrics.share_of_month / GIGABYTE
    yield Used("table", "dynamodb_storage_gb_month", (own + indexes) * months)
    yield Used("table", "dynamodb_pitr_gb_month", own * months)
    yield Used("bucket", "s3_storage_gb_month", objects * months)
