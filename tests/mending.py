"""moto as the tests need it: its calls are atomic, as those of AWS are, and what it has made can go again."""

from threading import RLock
from typing import Any

from moto.core.botocore_stubber import BotocoreStubber
from moto.dynamodb.models import dynamo_type
from moto.dynamodb.models import table as dynamo_table

AT_ONCE = RLock()


def mend_moto() -> None:
    """For all tests of this process.

    moto looks at a condition and writes in two steps, between which another thread may write. And it keeps a reference
    to every model that it ever made, for a dashboard that nobody sees here, while each of its transactions makes a copy
    of the whole table: gigabytes in a quarter of an hour. Of DynamoDB's models nothing else reads these references.
    """
    process: Any = BotocoreStubber.process_request

    def one_at_a_time(stubber: BotocoreStubber, request: Any) -> Any:
        with AT_ONCE:
            return process(stubber, request)

    BotocoreStubber.process_request = one_at_a_time  # type: ignore[assignment, method-assign]
    for model in (dynamo_type.Item, dynamo_table.Table, dynamo_table.SecondaryIndex):
        model.__new__ = staticmethod(lambda cls, *_, **__: object.__new__(cls))  # type: ignore[method-assign]
