"""The nightly training on Spark, for a shop that has outgrown one machine: the same model, bit by bit.

Two things are spread over the executors. The archive's lines are parsed, stripped of what was erased or has expired,
joined to their owners and netted there, a customer wholly in one partition, by the same `collect`. And what a fit
spends its time on (the neighbours of each block of items, its co-visits, its regressions) are tasks, the very blocks
that one machine works through, so the sums are the same sums. The driver holds the events as arrays, some 25 bytes for
each item of an event, and the finished tables; an executor holds the customers x items matrix of a block's product.
"""

import json
import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from pyspark import RDD, SparkContext

from shared.domain.events import ANONYMOUS, CustomerRef, Event
from shared.domain.items import Item
from shared.domain.retention import is_expired
from shared.inference.card import Card
from shared.stores import clients
from shared.stores.archive import head_of, parse
from shared.stores.erased import Erased, erasures
from shared.stores.items import ItemStore
from shared.stores.models import ModelStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from training.artefact import Artefact
from training.interactions import Interactions, collect, merged
from training.phases import Phases
from training.publish import champion_card, publish
from training.settings import TrainingSettings
from training.shop import read
from training.sparse import Spread, spreading
from training.train import train_shop

TASKS_A_CORE = 3
"""More tasks than cores, since blocks of popular items take longer; each task unpacks its stage's matrices anew."""


def train(
    lines: "RDD[str]",
    items: Iterable[Item],
    champion: Card | None,
    report: Callable[[str], None],
    *,
    created: datetime,
    erased: Erased,
    champion_problem: str | None = None,
) -> Artefact:
    """As `training.train.train`, from the archive's lines."""
    phases = Phases(report)
    items = list(items)
    with phases("collect"):
        shop = read(collected(lines, erased, created), items, created)
    with spreading(over(lines.context)):
        return train_shop(shop, items, champion, phases, created=created, champion_problem=champion_problem)


def over(context: SparkContext) -> Spread:
    """Work on parts as tasks of Spark; what the work refers to goes to each executor once."""

    def on_executors[T](work: Callable[[slice], T], parts: list[slice]) -> Iterable[T]:
        tasks = min(len(parts), TASKS_A_CORE * context.defaultParallelism)
        found: list[T] = context.parallelize(parts, max(1, tasks)).map(work).collect()
        return found

    return on_executors


def collected(lines: "RDD[str]", erased: Erased, now: datetime) -> Interactions:
    """The training view of the archive's lines that have neither expired nor been erased."""
    count = max(1, TASKS_A_CORE * lines.context.defaultParallelism)
    lines = lines.coalesce(count)  # An archive that is not compacted yet has thousands of small objects, each a task.
    gone = erasures(map(CustomerRef.parse, lines.map(_customer).distinct(count).toLocalIterator()), erased)
    until = {str(customer): at for customer, at in gone.items()}

    def counts(line: str) -> bool:
        event = parse(line.encode())
        at = until.get(str(event.customer))
        return not is_expired(event, now) and (at is None or event.time > at)

    kept = lines.filter(counts)
    owners = kept.flatMap(_claim).reduceByKey(min, count).mapValues(_owner)
    owned = kept.keyBy(_customer).leftOuterJoin(owners, count).map(_owned)
    return merged(owned.partitionBy(count, _place).mapPartitions(_view).collect())


def _customer(line: str) -> str:
    customer: str = json.loads(head_of(line.encode()) + b"}")["customer"]
    return customer


def _claim(line: str) -> list[tuple[str, tuple[float, str]]]:
    """That an anonymous id belongs to a known customer, if the event says so."""
    event = parse(line.encode())
    if not event.customer.is_known or event.anonymous_id is None:
        return []
    return [(f"{ANONYMOUS}:{event.anonymous_id}", (event.time.timestamp(), str(event.customer)))]


def _owner(claim: tuple[float, str]) -> str:
    return claim[1]


def _owned(joined: tuple[str, tuple[str, str | None]]) -> tuple[str, tuple[str, bool]]:
    """A line by its owner, and whether that is another than it names."""
    customer, (line, owner) = joined
    return owner or customer, (line, owner is not None)


def _place(owner: str) -> int:
    return zlib.crc32(owner.encode())


def _view(owned: Iterator[tuple[str, tuple[str, bool]]]) -> list[Interactions]:
    return [collect(_event(owner, line, moved) for owner, (line, moved) in owned)]


def _event(owner: str, line: str, moved: bool) -> Event:
    event = parse(line.encode())
    if not moved:
        return event
    # Without its anonymous id: it is the owner's now, and must claim nothing for them.
    return event.model_copy(update={"customer": CustomerRef.parse(owner), "anonymous_id": None})


def main(arguments: Sequence[str]) -> str:
    """`spark-submit training/spark.py s3://BUCKET/events/*/*/*.jsonl.gz`: train, publish, and tell the `model_id`.

    The environment is that of the training function (`TABLE_NAME`, `BUCKET_NAME`, `PEPPER_PARAMETER`).
    """
    settings = TrainingSettings.read(os.environ)
    table = Table(clients.dynamodb(), settings.table_name)
    models, secrets = ModelStore(table, clients.s3(), settings.bucket_name), SecretStore(clients.ssm())
    champion = models.champion()
    card, problem = champion_card(models, champion)
    artefact = train(
        SparkContext.getOrCreate().textFile(",".join(arguments)),
        ItemStore(table).all(),
        card,
        print,
        created=datetime.now(UTC),
        champion_problem=problem,
        erased=TombstoneStore(table, lambda: secrets.get(settings.pepper_parameter)).erased,
    )
    print(publish(artefact, models, over=champion) or "promoted")
    return artefact.model_id


if __name__ == "__main__":
    print(main(sys.argv[1:]))
