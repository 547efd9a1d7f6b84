"""What a request waited for besides the stores: for the caller in its reply, and as a metric in a line of the log."""

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from functions.recommend.patience import Patience


def timing(patience: Patience) -> dict[str, str]:
    """`Server-Timing` (w3.org/TR/server-timing), of a request that waited for a model or its facets, and a metric."""
    if not patience.waited_ms:
        return {}
    total = patience.total_ms
    if (waited := patience.waited_ms.get("model")) is not None:
        metrics = EphemeralMetrics()
        metrics.add_metric(name="ModelSwapRequest", unit=MetricUnit.Milliseconds, value=round(total, 1))
        metrics.add_metric(name="ModelSwapWait", unit=MetricUnit.Milliseconds, value=round(waited, 1))
        metrics.flush_metrics()
    parts = {**patience.waited_ms, "total": total}
    return {"Server-Timing": ", ".join(f"{what};dur={milliseconds:.1f}" for what, milliseconds in parts.items())}
