"""What calls of DynamoDB are charged for, counted from what goes over the wire by AWS's own rules; and list prices.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html: a read unit is 4 KB of one
item (of all items together in a query), half a unit where eventually consistent; a write unit is 1 KB of one item. The
emulator and moto answer ConsumedCapacity with rough figures, so theirs are not used.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from shared.stores import clients

PRICED = "2026-11-22, us-east-1, on demand"
MILLION_READ_UNITS = 0.125
MILLION_WRITE_UNITS = 0.625
MILLION_LAMBDA_REQUESTS = 0.20
LAMBDA_GB_SECOND = {"x86_64": 0.0000166667, "arm64": 0.0000133334}
MILLION_API_REQUESTS = 1.00
MILLION_S3_PUTS = 5.00

READS = {"GetItem", "BatchGetItem", "Query"}
READ_BYTES = 4096
WRITE_BYTES = 1024


@contextmanager
def metered() -> Iterator[dict[str, float]]:
    """Units by operation: a counter that grows with each call of the process's own DynamoDB client."""
    units: dict[str, float] = defaultdict(float)
    events = clients.dynamodb().meta.events

    def asked(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["bench"] = params

    def answered(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        units[model.name] += charged(model.name, context["bench"], parsed)

    hooks: Any = {"provide-client-params.dynamodb": asked, "after-call.dynamodb": answered}
    for name, hook in hooks.items():
        events.register(name, hook, unique_id=f"bench {name}")
    yield units
    for name in hooks:
        events.unregister(name, unique_id=f"bench {name}")


def charged(operation: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """The units of one call. An operation without a rule here is an error, so that none goes uncounted."""
    match operation:
        case "GetItem":
            return _read([answer["Item"]] if "Item" in answer else [], 1, asked)
        case "BatchGetItem":
            return sum(
                _read(answer["Responses"].get(table, []), len(request["Keys"]), request)
                for table, request in asked["RequestItems"].items()
            )
        case "Query":
            return _units([sum(map(size, answer["Items"]))], READ_BYTES) * _share(asked)
        case "PutItem":
            return _units([size(asked["Item"])], WRITE_BYTES)
        case "BatchWriteItem":
            requests = [request for each in asked["RequestItems"].values() for request in each]
            return _units((size(request["PutRequest"]["Item"]) for request in requests), WRITE_BYTES)
        case "TransactWriteItems":
            return 2 * _units((size(action["Put"]["Item"]) for action in asked["TransactItems"]), WRITE_BYTES)
    raise LookupError(f"no rule for {operation}")


def size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """DynamoDB's size of a typed record, in bytes."""
    return sum(len(name.encode()) + _value_size(*next(iter(value.items()))) for name, value in item.items())


def _value_size(kind: str, value: Any) -> int:
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return (len(value.strip("-").replace(".", "")) + 1) // 2 + 1
        case "BOOL" | "NULL":
            return 1
    raise LookupError(f"no size of {kind}")


def _read(found: list[Any], asked_for: int, options: Mapping[str, Any]) -> float:
    """One that is not there is charged as the smallest is."""
    return (_units(map(size, found), READ_BYTES) + asked_for - len(found)) * _share(options)


def _share(options: Mapping[str, Any]) -> float:
    return 1.0 if options.get("ConsistentRead") else 0.5


def _units(sizes: Iterable[int], unit: int) -> int:
    return sum(max(1, -(-each // unit)) for each in sizes)
