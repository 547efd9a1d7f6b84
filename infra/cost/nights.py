"""The nights of the bill: training, themes, prices, values, compaction; and which of them are too long for Lambda."""

import math
from collections.abc import Iterator

from functions.meter.prices import Used
from functions.themes import reading
from infra.cost.units import LONGEST_SECONDS, MINUTES, NIGHTS, YEAR, Shop, figures, night
from shared.stores.archive import SHARDS


def nights(shop: Shop) -> Iterator[Used]:
    """Of a month, each with what it asks of the table and the bucket."""
    yield from _themes(shop)
    yield from _training(shop)
    yield from _values(shop)
    yield from _prices(shop)
    yield from _compaction(shop)


def _themes(shop: Shop) -> Iterator[Used]:
    """A night over half a year's feedback: all of it is listed, and as much of it read as a run takes."""
    if not shop.feedback:
        return
    there, read = feedback_of_a_night(shop)
    figure = figures()["themes"]
    yield from night("themes", "themes", themes_seconds(shop))
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


def _training(shop: Shop) -> Iterator[Used]:
    yield from night("training", "training", training_seconds(shop))
    yield Used("training", "s3_get", NIGHTS * _columns(shop))
    yield Used("training", "dynamodb_read_unit", NIGHTS * (shop.customers + shop.items * _item_units()))


def _values(shop: Shop) -> Iterator[Used]:
    changed = figures()["value"]["changed"]
    yield from night("customers' values", "value", value_seconds(shop))
    yield Used("customers' values", "s3_get", NIGHTS * _columns(shop))
    # Half a unit to compare; of who has changed a tombstone is looked for, and a record written. As if all had ordered.
    yield Used("customers' values", "dynamodb_read_unit", NIGHTS * shop.customers * (0.5 + changed))
    yield Used("customers' values", "dynamodb_write_unit", NIGHTS * shop.customers * changed)


def _prices(shop: Shop) -> Iterator[Used]:
    """Each item is read with what is suggested for it; no more are written than a night keeps."""
    pricing = figures()["pricing"]
    yield from night("suggested prices", "pricing", pricing_seconds(shop))
    yield Used("suggested prices", "s3_get", NIGHTS * _columns(shop))
    yield Used("suggested prices", "dynamodb_read_unit", NIGHTS * shop.items * pricing["reads_an_item"])
    items = min(shop.items, pricing["most_suggestions"] / pricing["suggestions_an_item"])
    yield Used("suggested prices", "dynamodb_write_unit", NIGHTS * items * pricing["writes_an_item"])


def _compaction(shop: Shop) -> Iterator[Used]:
    yield from night("compaction", "compact", compaction_seconds(shop))
    yield Used("compaction", "s3_get", objects(shop))


def _columns(shop: Shop) -> float:
    """The objects of the archive that whoever reads all of it asks for."""
    compaction = figures()["compaction"]
    return float(compaction["objects_left"] * min(1.0, shop.events * YEAR / compaction["events"]))


def training_seconds(shop: Shop) -> float:
    """Of a night that searches a recipe, on one processor: in proportion to the events about items that there are.

    One in seven does; what the others save is left out of the bill.
    """
    training = figures()["training"]
    interactions = shop.events * shop.months * figures()["assumed"]["share_of_events_about_items"]["value"]
    return float(training["cpu_seconds"] * interactions / training["interactions"])


def value_seconds(shop: Shop) -> float:
    """Of a night, on one processor: to read all events there are, and to reckon by customer."""
    value = figures()["value"]
    reading = value["read_cpu_seconds"] * shop.events * shop.months / value["events"]
    return float(reading + value["cpu_seconds"] * shop.customers / value["customers"])


def pricing_seconds(shop: Shop) -> float:
    """Of a night, on one processor: to read all events there are, and for each item its demand and its price."""
    reading = figures()["value"]["read_cpu_seconds"] * shop.events * shop.months / figures()["value"]["events"]
    return float(reading + figures()["pricing"]["cpu_seconds"] * shop.items / figures()["pricing"]["items"])


def compaction_seconds(shop: Shop) -> float:
    """Of a night: what it waits for goes by the objects, what it computes by the events."""
    compaction = figures()["compaction"]
    waits = compaction["waiting_seconds"] * objects(shop) * YEAR / compaction["objects_a_year"]
    return float(waits + compaction["cpu_seconds"] * shop.events * YEAR / compaction["events"])


def limits(shop: Shop) -> list[str]:
    """What such a shop needs more of than Lambda gives: the bill leaves that out."""
    nights = {
        "training": training_seconds(shop),
        "valuing of customers": value_seconds(shop),
        "suggesting of prices": pricing_seconds(shop),
        "compaction": compaction_seconds(shop),
    }
    return [
        f"A night's {name} would take {seconds:,.0f} s, by what was measured on less, where Lambda gives it "
        f"{LONGEST_SECONDS:.0f}: see infra/scale.md."
        for name, seconds in nights.items()
        if seconds > LONGEST_SECONDS
    ]


def objects(shop: Shop) -> float:
    """One for each shard and minute that had an event."""
    cells = SHARDS * MINUTES
    return cells * -math.expm1(-shop.events / cells)


def _item_units() -> float:
    catalogue = figures()["catalogue_read"]
    return float(catalogue["units"] / catalogue["items"])
