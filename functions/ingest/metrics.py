"""Counts of what was rejected, by reason."""

from collections.abc import Mapping

from aws_lambda_powertools.metrics import MetricUnit

from shared.telemetry.metrics import Metric, tell


def count_rejected(reasons: Mapping[str, int]) -> None:
    """One line for each reason, with nothing of the records in it."""
    for reason, count in reasons.items():
        tell(Metric("RejectedEvents", MetricUnit.Count, count, ("reason", reason)))
