"""What an evaluation says, as one JSON object: the data, the questions, each model's figures, and the ratios."""

import platform
from collections.abc import Mapping
from importlib.metadata import version

import numpy as np
from pydantic import BaseModel, ConfigDict

from infra.evaluation.measures import Chosen, Run
from training.metrics import Judged, ratio_interval

LIBRARIES = ("numpy", "scipy", "onnx", "onnxruntime")
REGULARS = "regulars"
TIMINGS = ("cpu_seconds", "wall_seconds", "peak_memory_mb", "inference_ms")
"""What differs from run to run; all else is the same for the same file, protocol and seed."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Data(Part):
    """The log as read: `rows` of the file, `left_out` of them by reason, and what is in the others.

    `columns` are the file's own names for those that were read, by ours.
    """

    file: str
    columns: dict[str, str]
    rows: int
    left_out: dict[str, int]
    events: int
    interactions: int
    owners: int
    owner: str
    items: int
    first: float
    last: float
    catalogue_items: int | None = None
    catalogue_in_log: int | None = None


class Asked(Part):
    """The questions: how they came about (`counts`), what training saw, and the validation cases, 0 without any."""

    counts: dict[str, int]
    train_interactions: int
    train_owners: int
    train_items: int
    validation: dict[str, int]
    median_history: float


class CpuSeconds(Part):
    """Of all threads. `predict` is of all cases, asked in batches where the model can."""

    tune: float
    fit: float
    predict: float


class Inference(Part):
    """CPU milliseconds of one question at a time, over `asked` of the cases."""

    p50: float
    p99: float
    asked: int


class Model(Part):
    """One model's figures. `model_bytes`: Regulars' graph and vocabulary, the others' arrays that serving needs.

    `revenue_recall_at_20`: of what the items asked for cost, each at its median price in the log, the share that the
    first 20 named; null for a log without prices.
    """

    ndcg_at_10: float
    recall_at_20: float
    coverage_at_10: float
    revenue_recall_at_20: float | None
    cpu_seconds: CpuSeconds
    wall_seconds: float
    peak_memory_mb: float
    model_bytes: int
    inference_ms: Inference
    chosen: Chosen
    note: str = ""


class Ratio(Part):
    """Regulars' mean NDCG@10 over another's, with the 95% bootstrap interval (owners resampled); null over 0."""

    ndcg: float | None
    low: float | None
    high: float | None


class Span(Part):
    """How many times as good, with the 95% bootstrap interval; null over 0."""

    times: float | None
    low: float | None
    high: float | None


class ColdModel(Part):
    """Of cold items ranked among cold items."""

    ndcg_at_10: float
    recall_at_20: float


class ColdRatio(Part):
    """Regulars over another."""

    ndcg: Span
    recall: Span


class Cold(Part):
    """Cold items: `kind` is new or withheld, `items` are ranked, `items_wanted` of them taken by any of `customers`.

    `random` is the exact expectation. `category_popularity`: the buyers of a warm item of the category, on average.
    `kin_popularity`: those of the warm items that are described most alike.
    """

    kind: str
    items: int
    items_wanted: int
    warm_described: int
    customers: int
    targets: int
    models: dict[str, ColdModel]
    ratios: dict[str, ColdRatio]


class Report(Part):
    """The whole evaluation."""

    protocol: str
    repeat: bool
    seed: int
    data: Data
    asked: Asked
    models: dict[str, Model]
    ratios: dict[str, Ratio]
    cold: Cold | None = None
    versions: dict[str, str]

    def stable(self) -> dict[str, object]:
        """All that must be the same at another run."""
        content = self.model_dump(mode="json")
        for model in content["models"].values():
            for name in TIMINGS:
                del model[name]
        return content


def model(run: Run, judged: Judged, revenue_recall: float | None) -> Model:
    """The figures of one run."""
    p50, p99 = np.percentile(run.single_ms, [50, 99])
    inference = Inference(p50=round(float(p50), 3), p99=round(float(p99), 3), asked=len(run.single_ms))
    return Model(
        **judged.metrics().model_dump(),
        revenue_recall_at_20=revenue_recall,
        cpu_seconds=CpuSeconds(**{name: round(value, 2) for name, value in run.cpu._asdict().items()}),
        wall_seconds=round(run.wall, 2),
        peak_memory_mb=round(run.peak_mb, 1),
        model_bytes=run.bytes,
        inference_ms=inference,
        chosen=run.chosen,
        note=run.note,
    )


def ratios(judged: Mapping[str, Judged]) -> dict[str, Ratio]:
    """Regulars over each of the others."""
    return {name: ratio(judged[REGULARS], other) for name, other in judged.items() if name != REGULARS}


def ratio(ours: Judged, theirs: Judged) -> Ratio:
    interval = ratio_interval(ours, theirs)
    if interval is None:
        return Ratio(ndcg=None, low=None, high=None)
    return Ratio(ndcg=round(ours.score / theirs.score, 4), low=interval.low, high=interval.high)


def versions(extra: bool) -> dict[str, str]:
    libraries = (*LIBRARIES, "implicit") if extra else LIBRARIES
    return {name: version(name) for name in libraries} | {"python": platform.python_version()}
