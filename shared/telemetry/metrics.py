"""Metrics in CloudWatch's embedded metric format: a line of the log, and no call.

A metric is charged by its name and its dimensions, for each hour in which it is told. So one line may hold metrics with
different dimensions, and a fact that only needs to be looked up is a word beside them, which is no metric.
"""

import json
from typing import Any, NamedTuple

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from shared.telemetry.log import of_request


class Metric(NamedTuple):
    """A value, and the one dimension that it is counted under, if any."""

    name: str
    unit: MetricUnit
    value: float
    dimension: tuple[str, str] | None = None


def tell(*metrics: Metric, **facts: Any) -> None:
    """One line with these metrics and facts. The namespace, which is the stack's, is in the environment."""
    told = [_serialized(each) for each in metrics]
    line: dict[str, Any] = {"level": "INFO"} | of_request() | facts
    for each in told:
        line |= each
    directives = [directive for each in told for directive in each["_aws"]["CloudWatchMetrics"]]
    line["_aws"] = told[0]["_aws"] | {"CloudWatchMetrics": directives}
    print(json.dumps(line, separators=(",", ":")))


def _serialized(metric: Metric) -> dict[str, Any]:
    one = EphemeralMetrics()
    one.add_metric(name=metric.name, unit=metric.unit, value=metric.value)
    if metric.dimension:
        one.add_dimension(*metric.dimension)
    return dict(one.serialize_metric_set())
