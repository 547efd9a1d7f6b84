"""Records of the table's stream, as the functions that read it see them, and how a delivery of them is worked through.

AWS delivers the records of a shard in order, again and again until the function has said that they are done: all of
them, or all before the one that it names. A record that can never be processed would hold up its shard for a day; it is
set aside whole instead, where a person sees it and the command line redrives it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from aws_lambda_powertools.metrics import MetricUnit

from shared.domain.errors import NotDoneError
from shared.stores.events import DETAIL, EVENT, NOTE, ORDER
from shared.stores.poison import PoisonStore
from shared.stores.table import Record, unpack
from shared.telemetry.log import logger, named
from shared.telemetry.metrics import Metric, tell

METRIC = "PoisonRecords"
UNNAMED = "stream"
"""The shard where none is named: AWS names it only to functions with a tumbling window, the local stack never."""
KINDS = (EVENT, ORDER, NOTE, DETAIL)

StreamRecord = Mapping[str, Any]


class Inserted[T](NamedTuple):
    """What was made of a stream record."""

    sequence: str
    value: T


class Delivery(NamedTuple):
    """Stream records as a function is given them. Redriven ones come from the command line.

    To what asks for `part` they come one by one.
    """

    consumer: str
    records: Sequence[StreamRecord]
    shard: str
    redriven: bool

    @classmethod
    def read(cls, consumer: str, event: Mapping[str, Any]) -> "Delivery":
        return cls(consumer, event["Records"], event.get("shardId", UNNAMED), bool(event.get("redrive", False)))

    @property
    def part(self) -> str:
        """What has its records in order and each once, for counters: the shard, or a redriven record by itself."""
        if not self.redriven:
            return self.shard
        (record,) = self.records
        return f"redrive-{sequence_of(record)}"

    def work[T](
        self,
        read: Callable[[StreamRecord], T | None],
        act: Callable[[list[Inserted[T]]], None],
        poison: PoisonStore,
    ) -> list[dict[str, str]]:
        """Read the records one by one and act on them in order; what a function replies as `batchItemFailures`.

        What `read` cannot read is set aside after everything before it is done, and before anything after it. `read`
        gives None for what is to be passed over. `act` must bear repetition.
        """
        try:
            self._work(read, act, poison)
        except NotDoneError as stopped:
            if stopped.sequence == sequence_of(self.records[0]):
                raise  # As none is done: the function's error is seen, and the mapping bisects.
            logger.warning("a delivery is not done", extra={"cause": named(stopped.__cause__ or stopped)})
            return [{"itemIdentifier": stopped.sequence}]
        return []

    def _work[T](
        self,
        read: Callable[[StreamRecord], T | None],
        act: Callable[[list[Inserted[T]]], None],
        poison: PoisonStore,
    ) -> None:
        run: list[Inserted[T]] = []
        for record in self.records:
            try:
                value = read(record)
            except Exception as error:  # whatever is wrong with a record, the next one must not wait for it
                _act(act, run)
                self._set_aside(record, error, poison)
                run = []
            else:
                run += [Inserted(sequence_of(record), value)] if value is not None else []
        _act(act, run)

    def _set_aside(self, record: StreamRecord, error: Exception, poison: PoisonStore) -> None:
        sequence = sequence_of(record)
        if self.redriven:
            raise NotDoneError(sequence) from error
        try:
            poison.put(self.consumer, f"{self.shard}-{sequence}", record)
        except Exception as failure:
            raise NotDoneError(sequence) from failure
        logger.error("a record is set aside", extra={"sequence": sequence, "error": named(error)})
        tell(Metric(METRIC, MetricUnit.Count, 1))


def _act[T](act: Callable[[list[Inserted[T]]], None], run: list[Inserted[T]]) -> None:
    if not run:
        return
    try:
        act(run)
    except NotDoneError:
        raise
    except Exception as error:
        raise NotDoneError(run[0].sequence) from error


def sequence_of(record: StreamRecord) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def inserted(record: StreamRecord) -> Record | None:
    """The table's record that this one inserts, where that is of an event.

    A replay of an event changes nothing in the table, and so is not in the stream.
    """
    if record["eventName"] != "INSERT" or not record["dynamodb"]["Keys"]["sk"]["S"].startswith(KINDS):
        return None
    return unpack(record["dynamodb"]["NewImage"])
