"""What a night did, as four metrics in one line of the log."""

from aws_lambda_powertools.metrics import MetricUnit

from shared.telemetry.metrics import Metric, tell


def count_run(read: int, themes: int, raised: int, seconds: float) -> None:
    """Pieces of feedback that were read, themes found, issues that there were not before, and how long it took."""
    tell(
        Metric("FeedbackRead", MetricUnit.Count, read),
        Metric("ThemesFound", MetricUnit.Count, themes),
        Metric("IssuesRaised", MetricUnit.Count, raised),
        Metric("ThemesSeconds", MetricUnit.Seconds, round(seconds, 1)),
    )
