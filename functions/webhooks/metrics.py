"""Counts of deliveries by what became of them."""

from aws_lambda_powertools.metrics import MetricUnit

from shared.telemetry.metrics import Metric, tell


def count_delivery(source: str, status: str) -> None:
    """One more delivery that ended so. Whose it was is no dimension, since a shop has one shop system."""
    tell(Metric("WebhookDeliveries", MetricUnit.Count, 1, ("status", status)), source=source)
