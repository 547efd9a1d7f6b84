"""A month of a shop as AWS would charge it: measured units, bytes and CPU time, times what the shop does.

What nobody measured here (`assumed` in figures.json, each with why) is said beside every bill that it went into.
"""

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise

from functions.meter.prices import Used
from infra.cost.nights import nights, objects
from infra.cost.selling import selling
from infra.cost.units import GIGABYTE, HOURS, MINUTES, MONTH_SECONDS, NIGHTS, Shop, called, figures, runs
from infra.template import Template

METRICS_OF_A_SURFACE, METRICS_OF_ALL = 1, 3
"""What `recommend` tells: how long a list of a surface took; of all, whether a simpler method stood in, how old the
model is and, where a request waited for it, how long."""
METRICS_OF_A_NIGHT = 5
"""That a training came to its end; of themes, what was read, found and raised, and in how many seconds."""
LOOK_SECONDS = 10.0
"""A function that is asked looks at today's counters so often."""


def forecast(shop: Shop, *, capped: bool = False) -> list[Used]:
    """What the month uses, by part and line of the price list; `capped` with a budget that the meter watches."""
    return [
        *_recommend(shop),
        *_metrics(shop),
        *_ingest(shop),
        *_project(shop),
        *_archive(shop),
        *_feedback(shop),
        *nights(shop),
        *selling(shop),
        *_stored(shop),
        *_idle(),
        *(_metered() if capped else ()),
    ]


def _recommend(shop: Shop) -> Iterator[Used]:
    calls = shop.recommendations
    pace = MONTH_SECONDS / max(calls, 1)
    served = next((row for row in figures()["recommend"]["rows"] if pace >= row["seconds_between"]), None)
    served = served or figures()["recommend"]["rows"][-1]
    units = served["item_units"] + figures()["recommend"]["other_units"]
    yield from called("recommend", calls, served["cpu_ms"], figures()["bytes"]["reply_of_recommend"])
    yield Used("recommend", "dynamodb_read_unit", calls * units)
    looks = MONTH_SECONDS / LOOK_SECONDS
    yield Used("live counters, read", "dynamodb_read_unit", looks * -math.expm1(-calls / looks) * _counters(shop))


def _metrics(shop: Shop) -> Iterator[Used]:
    """Metrics of our own are charged for each hour in which they are told, and are lines of the log."""
    surfaces = figures()["assumed"]["surfaces_in_use"]["value"]
    of_surfaces = METRICS_OF_A_SURFACE * surfaces * _hours(shop.recommendations / surfaces)
    told = of_surfaces + METRICS_OF_ALL * _hours(shop.recommendations) + METRICS_OF_A_NIGHT * NIGHTS / HOURS
    yield Used("metrics", "custom_metric_month", told)
    yield Used("metrics", "logs_ingested_gb", shop.recommendations * figures()["bytes"]["metrics_of_a_list"] / GIGABYTE)


def _hours(times: float) -> float:
    """The share of the month's hours in which something happens that happens so many times, by chance."""
    return -math.expm1(-times / HOURS)


def _ingest(shop: Shop) -> Iterator[Used]:
    figure = _between("ingest", shop.batch)
    calls = shop.events / shop.batch
    yield from called("ingest", calls, figure["cpu_ms"], figures()["bytes"]["reply_of_ingest"])
    yield Used("ingest", "dynamodb_write_unit", shop.events * figure["writes"])
    yield Used("ingest", "dynamodb_read_unit", shop.events * figure["reads"])


def _project(shop: Shop) -> Iterator[Used]:
    """A delivery is what came in a second to one of the stream's shards, or one call's events where those are more."""
    yield from _delivered("project", shop, seconds=1.0)


def _archive(shop: Shop) -> Iterator[Used]:
    yield from _delivered("archive", shop, seconds=60.0)
    yield Used("archive", "s3_put", objects(shop))


def _delivered(part: str, shop: Shop, seconds: float) -> Iterator[Used]:
    windows = figures()["assumed"]["stream_shards"]["value"] * MONTH_SECONDS / seconds
    calls = windows * -math.expm1(-shop.events / shop.batch / windows)
    figure = _between(part, shop.events / max(calls, 1))
    yield from runs(part, calls, figure["cpu_ms"])
    yield Used(part, "dynamodb_write_unit", shop.events * figure["writes"])
    yield Used(part, "dynamodb_read_unit", shop.events * figure["reads"])


def _feedback(shop: Shop) -> Iterator[Used]:
    """Pieces that come one a call, each of five sentences; in files of many they cost some two thirds of it."""
    if not shop.feedback:
        return
    figure = figures()["feedback"]
    yield from called("feedback", shop.feedback, figure["cpu_ms"], figures()["bytes"]["reply_of_ingest"])
    yield Used("feedback", "dynamodb_write_unit", shop.feedback * figure["writes"])
    yield Used("feedback", "dynamodb_read_unit", shop.feedback * figure["reads"])
    kept = shop.feedback * shop.months * figure["bytes_in_table"] / GIGABYTE
    yield Used("feedback", "dynamodb_storage_gb_month", kept)
    yield Used("feedback", "dynamodb_pitr_gb_month", kept)


def _stored(shop: Shop) -> Iterator[Used]:
    """What is kept after so many months. The catalogue lies in the table and whole in an index."""
    size = figures()["bytes"]
    kept = shop.events * shop.months
    own = (kept * size["event_in_table"] + shop.items * size["item_in_table"]) / GIGABYTE
    yield Used("table", "dynamodb_storage_gb_month", own + shop.items * size["item_in_table"] / GIGABYTE)
    yield Used("table", "dynamodb_pitr_gb_month", own)
    archived = figures()["compaction"]["archive_bytes"] / figures()["compaction"]["events"]
    yield Used("archive", "s3_storage_gb_month", kept * archived / GIGABYTE)


def _idle() -> Iterator[Used]:
    """What is there without a single visitor."""
    polls = figures()["assumed"]["polls_of_a_queue_a_minute"]["value"]
    polled = [each for function in Template.load().functions().values() for each in function.get("Events", {}).values()]
    queues = sum(each["Type"] == "SQS" for each in polled)
    yield Used("idle", "sqs_request", queues * polls * MINUTES)
    yield Used("idle", "alarm_month", len(Template.load().of_type("AWS::CloudWatch::Alarm")))
    yield Used("idle", "dashboard_month", len(Template.load().of_type("AWS::CloudWatch::Dashboard")))


def _metered() -> Iterator[Used]:
    times = MINUTES / 5
    asked = figures()["assumed"]["figures_asked_for_by_the_meter"]["value"]
    yield from runs("meter", times, figures()["assumed"]["cpu_ms_of_a_figure"]["value"] * asked)
    yield Used("meter", "cloudwatch_api_request", times * asked)


def _between(part: str, size: float) -> Mapping[str, float]:
    """What batches of this size cost, between the measured sizes by the logarithm, CPU time in proportion beyond."""
    sizes = {int(name): row[part] for name, row in figures()["of_batches"].items()}
    low = max((each for each in sizes if each <= size), default=min(sizes))
    high = min((each for each in sizes if each >= size), default=max(sizes))
    if low == high:
        return {**sizes[low], "cpu_ms": sizes[low]["cpu_ms"] * max(1.0, size / low)}
    share = math.log(size / low) / math.log(high / low)
    return {name: value + share * (sizes[high][name] - value) for name, value in sizes[low].items()}


def _counters(shop: Shop) -> float:
    """Read units of a look at today's counters: in proportion between the shops of the bench, and no more beyond."""
    rows = figures()["live_counters_read"]["units_by_events_a_day"]
    day = shop.events / NIGHTS
    for (small, few), (large, many) in pairwise(rows):
        if day <= large:
            return float(few + max(0.0, (day - small) / (large - small)) * (many - few))
    return float(rows[-1][1])
