"""Counts of what was rejected, by reason, in CloudWatch's embedded metric format: a line of the log, and no call.

The namespace, which is the stack's, is in the environment, where Powertools looks for it.
"""

from collections.abc import Mapping

from aws_lambda_powertools.metrics import MetricUnit, single_metric


def count_rejected(reasons: Mapping[str, int]) -> None:
    """One metric line for each reason, with nothing of the records in it."""
    for reason, count in reasons.items():
        with single_metric(name="RejectedEvents", unit=MetricUnit.Count, value=count) as rejected:
            rejected.add_dimension(name="reason", value=reason)
