"""What a request waited for besides the stores: for the caller in its reply, and as a metric in a line of the log."""

from aws_lambda_powertools.metrics import MetricUnit

from functions.recommend.patience import Patience
from shared.telemetry.metrics import Metric, tell


def timing(patience: Patience) -> dict[str, str]:
    """`Server-Timing` (w3.org/TR/server-timing), of a request that waited for a model or its facets, and a metric."""
    if not patience.waited_ms:
        return {}
    total = patience.total_ms
    if (waited := patience.waited_ms.get("model")) is not None:
        tell(Metric("ModelSwapWait", MetricUnit.Milliseconds, round(waited, 1)), request_ms=round(total, 1))
    parts = {**patience.waited_ms, "total": total}
    return {"Server-Timing": ", ".join(f"{what};dur={milliseconds:.1f}" for what, milliseconds in parts.items())}
