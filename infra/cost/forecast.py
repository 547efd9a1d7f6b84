"""A month of a shop as AWS would charge it: measured units, bytes and CPU time, times what the shop does.

What nobody measured here (`assumed` in figures.json, each with why) is said beside every bill that it went into.
"""

import json
import math
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from functions.meter.prices import Used
from functions.themes import reading
from infra.template import Template
from shared.stores.archive import SHARDS

FIGURES = Path(__file__).with_name("figures.json")
MONTH_SECONDS = 365.25 * 86_400 / 12
NIGHTS = 365.25 / 12
MINUTES = MONTH_SECONDS / 60
HOURS = MINUTES / 60
METRICS_OF_A_SURFACE, METRICS_OF_ALL = 1, 3
"""What `recommend` tells: how long a list of a surface took; of all, whether a simpler method stood in, how old the
model is and, where a request waited for it, how long."""
METRICS_OF_A_NIGHT = 5
"""That a training came to its end; of themes, what was read, found and raised, and in how many seconds."""
VCPU_MEGABYTES = 1769
"""What Lambda gives one whole processor for; less memory, less of it."""
LONGEST_SECONDS = 900.0
YEAR = 12
LOOK_SECONDS = 10.0
"""A function that is asked looks at today's counters so often."""
GIGABYTE = 1e9
LISTS_A_VISITOR, EVENTS_A_LIST, VISITS_OF_A_CUSTOMER = 6, 1.5, 2


class Shop(NamedTuple):
    """What a shop does in a month. `batch` events come in one call, and `months` of events and feedback are kept."""

    visitors: float
    recommendations: float
    events: float
    items: float
    customers: float
    batch: int = 1
    months: int = 12
    feedback: float = 0

    @classmethod
    def like(cls, recommendations: float, items: float = 5_000) -> "Shop":
        """One that asks for so many lists, the rest in the usual proportion."""
        visitors = recommendations / LISTS_A_VISITOR
        customers = visitors * 12 / VISITS_OF_A_CUSTOMER
        return cls(visitors, recommendations, recommendations * EVENTS_A_LIST, items, customers)


@cache
def figures() -> Any:
    """What was measured, and what is assumed."""
    return json.loads(FIGURES.read_text("utf-8"))


def forecast(shop: Shop, *, capped: bool = False) -> list[Used]:
    """What the month uses, by part and line of the price list; `capped` with a budget that the meter watches."""
    return [
        *_recommend(shop),
        *_metrics(shop),
        *_ingest(shop),
        *_project(shop),
        *_archive(shop),
        *_feedback(shop),
        *_themes(shop),
        *_nightly(shop),
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
    yield from _called("recommend", calls, served["cpu_ms"], figures()["bytes"]["reply_of_recommend"])
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
    yield from _called("ingest", calls, figure["cpu_ms"], figures()["bytes"]["reply_of_ingest"])
    yield Used("ingest", "dynamodb_write_unit", shop.events * figure["writes"])
    yield Used("ingest", "dynamodb_read_unit", shop.events * figure["reads"])


def _project(shop: Shop) -> Iterator[Used]:
    """A delivery is what came in a second to one of the stream's shards, or one call's events where those are more."""
    yield from _delivered("project", shop, seconds=1.0)


def _archive(shop: Shop) -> Iterator[Used]:
    yield from _delivered("archive", shop, seconds=60.0)
    yield Used("archive", "s3_put", _objects(shop))


def _objects(shop: Shop) -> float:
    """One for each shard and minute that had an event."""
    cells = SHARDS * MINUTES
    return cells * -math.expm1(-shop.events / cells)


def _delivered(part: str, shop: Shop, seconds: float) -> Iterator[Used]:
    windows = figures()["assumed"]["stream_shards"]["value"] * MONTH_SECONDS / seconds
    calls = windows * -math.expm1(-shop.events / shop.batch / windows)
    figure = _between(part, shop.events / max(calls, 1))
    yield from _runs(part, calls, figure["cpu_ms"])
    yield Used(part, "dynamodb_write_unit", shop.events * figure["writes"])
    yield Used(part, "dynamodb_read_unit", shop.events * figure["reads"])


def _feedback(shop: Shop) -> Iterator[Used]:
    """Pieces that come one a call, each of five sentences; in files of many they cost some two thirds of it."""
    if not shop.feedback:
        return
    figure = figures()["feedback"]
    yield from _called("feedback", shop.feedback, figure["cpu_ms"], figures()["bytes"]["reply_of_ingest"])
    yield Used("feedback", "dynamodb_write_unit", shop.feedback * figure["writes"])
    yield Used("feedback", "dynamodb_read_unit", shop.feedback * figure["reads"])
    kept = shop.feedback * shop.months * figure["bytes_in_table"] / GIGABYTE
    yield Used("feedback", "dynamodb_storage_gb_month", kept)
    yield Used("feedback", "dynamodb_pitr_gb_month", kept)


def _themes(shop: Shop) -> Iterator[Used]:
    """A night over half a year's feedback: all of it is listed, and as much of it read as a run takes."""
    if not shop.feedback:
        return
    there, read = feedback_of_a_night(shop)
    figure = figures()["themes"]
    yield from _night("themes", "themes", themes_seconds(shop))
    units = there * figure["units_to_list_a_piece"] + read * figure["units_to_read_a_piece"]
    yield Used("themes", "dynamodb_read_unit", NIGHTS * units)
    yield Used("themes", "dynamodb_write_unit", NIGHTS * figure["writes_a_night"])


def feedback_of_a_night(shop: Shop) -> tuple[float, float]:
    """How many pieces there are in the time that a night of themes looks at, and how many of them it reads."""
    days = min(shop.months * NIGHTS, reading.DAYS)
    recent = min(days, reading.RECENT_DAYS)
    parts = [shop.feedback / NIGHTS * each for each in (recent, days - recent)]
    most = (reading.MOST_RECENT, reading.MOST_PAST)
    return sum(parts), sum(min(part, room) for part, room in zip(parts, most, strict=True))


def themes_seconds(shop: Shop) -> float:
    """Of a night, on one processor: in proportion to what is read, with as many mentions in each piece."""
    figure = figures()["themes"]
    _, read = feedback_of_a_night(shop)
    return float((figure["cpu_seconds"] + figure["cpu_seconds_of_reading"]) * read / figure["pieces"])


def _nightly(shop: Shop) -> Iterator[Used]:
    compaction = figures()["compaction"]
    objects = compaction["objects_left"] * min(1.0, shop.events * YEAR / compaction["events"])
    yield from _night("training", "training", training_seconds(shop))
    yield Used("training", "s3_get", NIGHTS * objects)
    yield Used("training", "dynamodb_read_unit", NIGHTS * (shop.customers + shop.items * _item_units()))
    value = figures()["value"]
    yield from _night("customers' values", "value", value_seconds(shop))
    yield Used("customers' values", "s3_get", NIGHTS * objects)
    # Half a unit to compare; of who has changed a tombstone is looked for, and a record written. As if all had ordered.
    yield Used("customers' values", "dynamodb_read_unit", NIGHTS * shop.customers * (0.5 + value["changed"]))
    yield Used("customers' values", "dynamodb_write_unit", NIGHTS * shop.customers * value["changed"])
    yield from _night("compaction", "compact", compaction_seconds(shop))
    yield Used("compaction", "s3_get", _objects(shop))


def _night(part: str, function: str, seconds: float) -> Iterator[Used]:
    gigabyte_seconds = min(LONGEST_SECONDS, seconds) * _megabytes(function) / 1024
    yield Used(part, "lambda_request", NIGHTS)
    yield Used(part, _line(function), NIGHTS * gigabyte_seconds)


def training_seconds(shop: Shop) -> float:
    """Of a night, on one processor: in proportion to the events about items that there are."""
    training = figures()["training"]
    interactions = shop.events * shop.months * figures()["assumed"]["share_of_events_about_items"]["value"]
    return float(training["cpu_seconds"] * interactions / training["interactions"])


def value_seconds(shop: Shop) -> float:
    """Of a night, on one processor: to read all events there are, and to reckon by customer."""
    value = figures()["value"]
    reading = value["read_cpu_seconds"] * shop.events * shop.months / value["events"]
    return float(reading + value["cpu_seconds"] * shop.customers / value["customers"])


def compaction_seconds(shop: Shop) -> float:
    """Of a night: what it waits for goes by the objects, what it computes by the events."""
    compaction = figures()["compaction"]
    waits = compaction["waiting_seconds"] * _objects(shop) * YEAR / compaction["objects_a_year"]
    return float(waits + compaction["cpu_seconds"] * shop.events * YEAR / compaction["events"])


def limits(shop: Shop) -> list[str]:
    """What such a shop needs more of than Lambda gives: the bill leaves that out."""
    nights = {
        "training": training_seconds(shop),
        "valuing of customers": value_seconds(shop),
        "compaction": compaction_seconds(shop),
    }
    return [
        f"A night's {name} would take {seconds:,.0f} s, by what was measured on less, where Lambda gives it "
        f"{LONGEST_SECONDS:.0f}: see infra/scale.md."
        for name, seconds in nights.items()
        if seconds > LONGEST_SECONDS
    ]


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
    yield Used("idle", "sqs_request", polls * MINUTES)
    yield Used("idle", "alarm_month", len(Template.load().of_type("AWS::CloudWatch::Alarm")))
    yield Used("idle", "dashboard_month", len(Template.load().of_type("AWS::CloudWatch::Dashboard")))


def _metered() -> Iterator[Used]:
    runs = MINUTES / 5
    asked = figures()["assumed"]["figures_asked_for_by_the_meter"]["value"]
    yield from _runs("meter", runs, figures()["assumed"]["cpu_ms_of_a_figure"]["value"] * asked)
    yield Used("meter", "cloudwatch_api_request", runs * asked)


def _called(part: str, calls: float, cpu_ms: float, reply_bytes: float) -> Iterator[Used]:
    """A function behind the API, and its first calls after a pause."""
    yield Used(part, "http_api_request", calls)
    yield from _runs(part, calls, cpu_ms)
    cold = calls * _cold(calls) * figures()["cold_seconds"][part]
    yield Used(f"{part}, cold starts", _line(part), cold * _megabytes(part) / 1024)
    yield Used(part, "transfer_out_gb", calls * reply_bytes / GIGABYTE)


def _runs(part: str, calls: float, cpu_ms: float) -> Iterator[Used]:
    """Memory decides how much of a processor it has; the rest is waiting for stores."""
    assumed = figures()["assumed"]
    waits = assumed["calls_of_stores_one_after_the_other"]["value"].get(part, 0) * assumed["store_call_ms"]["value"]
    seconds = (cpu_ms / min(1.0, _megabytes(part) / VCPU_MEGABYTES) + waits) / 1000
    yield Used(part, "lambda_request", calls)
    yield Used(part, _line(part), calls * seconds * _megabytes(part) / 1024)
    yield Used(part, "logs_ingested_gb", calls * assumed["logged_bytes_a_call"]["value"] / GIGABYTE)


def _cold(calls: float) -> float:
    """The share of calls that come, by chance, after a pause longer than Lambda keeps a function warm."""
    return math.exp(-calls / MONTH_SECONDS * figures()["assumed"]["kept_warm_seconds"]["value"])


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


def _item_units() -> float:
    catalogue = figures()["catalogue_read"]
    return float(catalogue["units"] / catalogue["items"])


def _megabytes(part: str) -> int:
    megabytes: int = Template.load().functions()[part]["MemorySize"]
    return megabytes


def _line(part: str) -> str:
    """The price of the function's architecture, as it is deployed unless another is asked for."""
    (architecture,) = Template.load().functions()[part]["Architectures"]
    if isinstance(architecture, dict):
        architecture = Template.load().document["Parameters"][architecture["Ref"]]["Default"]
    return f"lambda_gb_second_{architecture}"
