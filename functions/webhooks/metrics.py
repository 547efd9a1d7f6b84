"""Counts of deliveries by what became of them, in CloudWatch's embedded metric format: a line of the log, no call."""

from aws_lambda_powertools.metrics import MetricUnit, single_metric


def count_delivery(source: str, status: str) -> None:
    """One more delivery that ended so."""
    with single_metric(name="WebhookDeliveries", unit=MetricUnit.Count, value=1) as metric:
        metric.add_dimension(name="source", value=source)
        metric.add_dimension(name="status", value=status)
