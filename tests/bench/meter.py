"""What calls of DynamoDB are charged for, counted from what goes over the wire by AWS's own rules, at list prices.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html: a read unit is 4 KB of one
item (of all items together in a query), half a unit where eventually consistent; a write unit is 1 KB of one item. The
emulator and moto answer ConsumedCapacity with rough figures, so theirs are not used.
"""

from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import botocore.session

from functions.meter.prices import HOME, price_list
from shared.stores import clients

PRICES = price_list()
PRICED = f"{PRICES.known}, {HOME}, on demand"
READ_UNIT = PRICES.unit("dynamodb_read_unit")
WRITE_UNIT = PRICES.unit("dynamodb_write_unit")
LAMBDA_REQUEST = PRICES.unit("lambda_request")
LAMBDA_GB_SECOND = {name: PRICES.unit(f"lambda_gb_second_{name}") for name in ("x86_64", "arm64")}
API_REQUEST = PRICES.unit("http_api_request")
S3_PUT = PRICES.unit("s3_put")
S3_GET = PRICES.unit("s3_get")

READS = {"GetItem", "BatchGetItem", "Query"}
READ_BYTES = 4096
WRITE_BYTES = 1024

Units = dict[tuple[str, str], float]
"""By operation and, where it names keys, what the first of them begins with."""


def reads(units: Units) -> float:
    return sum(count for (operation, _), count in units.items() if operation in READS)


def writes(units: Units) -> float:
    return sum(units.values()) - reads(units)


def dollars(units: Units) -> float:
    return reads(units) * READ_UNIT + writes(units) * WRITE_UNIT


@contextmanager
def metered() -> Iterator[Units]:
    """The units of all calls meanwhile of the process's own DynamoDB client."""
    units: Units = defaultdict(float)
    events = clients.dynamodb().meta.events

    def asked(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if model.name == "UpdateItem":
            params["ReturnValues"] = "ALL_NEW"  # its size is what is charged
        context["bench"] = params

    def answered(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        units[model.name, _noun(context["bench"])] += charged(model.name, context["bench"], parsed)

    hooks: Any = {"provide-client-params.dynamodb": asked, "after-call.dynamodb": answered}
    for name, hook in hooks.items():
        events.register(name, hook, unique_id=f"bench {name}")
    yield units
    for name in hooks:
        events.unregister(name, unique_id=f"bench {name}")


def charged(operation: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """The units of one call. An operation without a rule here is an error, so that none goes uncounted."""
    if operation not in RULES:
        raise LookupError(f"no rule for {operation}")
    return RULES[operation](asked, answer)


def _get(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    return _read([answer["Item"]] if "Item" in answer else [], 1, asked)


def _get_many(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    tables = asked["RequestItems"].items()
    return sum(_read(answer["Responses"].get(name, []), len(request["Keys"]), request) for name, request in tables)


def _query(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    return _units([sum(map(size, answer["Items"]))], READ_BYTES) * _share(asked)


def _put(asked: Mapping[str, Any], _: Mapping[str, Any]) -> float:
    return _units([size(asked["Item"])], WRITE_BYTES)


def _update(_: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """A condition that does not hold is charged too."""
    return _units([size(answer.get("Attributes", {}))], WRITE_BYTES)


def _put_many(asked: Mapping[str, Any], _: Mapping[str, Any]) -> float:
    """What is deleted is charged by its size too, which the call does not tell: as of less than a unit."""
    requests = [request for each in asked["RequestItems"].values() for request in each]
    return _units((size(request.get("PutRequest", {}).get("Item", {})) for request in requests), WRITE_BYTES)


def _transact(asked: Mapping[str, Any], _: Mapping[str, Any]) -> float:
    """What is added to a record is charged by the whole of it, which the call does not tell: as it stands now."""
    puts = [size(action["Put"]["Item"]) for action in asked["TransactItems"] if "Put" in action]
    updates = [_size_now(action["Update"]) for action in asked["TransactItems"] if "Update" in action]
    return 2 * _units([*puts, *updates], WRITE_BYTES)


def _size_now(update: Mapping[str, Any]) -> int:
    found: Any = _uncounted().get_item(TableName=update["TableName"], Key=update["Key"])
    return size(found.get("Item", {}))


@cache
def _uncounted() -> Any:
    """A client of its own, whose calls nobody adds up."""
    make: Any = botocore.session.get_session().create_client
    return make("dynamodb")


RULES: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], float]] = {
    "GetItem": _get,
    "BatchGetItem": _get_many,
    "Query": _query,
    "PutItem": _put,
    "UpdateItem": _update,
    "BatchWriteItem": _put_many,
    "TransactWriteItems": _transact,
}


def _noun(asked: Mapping[str, Any]) -> str:
    for request in asked.get("RequestItems", {}).values():
        if "Keys" in request:
            return str(request["Keys"][0]["pk"]["S"]).partition("#")[0]
    return ""


def size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """DynamoDB's size of a typed record, in bytes."""
    return sum(len(name.encode()) + _value_size(*next(iter(value.items()))) for name, value in item.items())


def _value_size(kind: str, value: Any) -> int:
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return (len(value.strip("-").replace(".", "")) + 1) // 2 + 1
        case "B":
            return len(value) if isinstance(value, bytes) else len(b64decode(value))
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + _value_size(*next(iter(each.items()))) for each in value)
    raise LookupError(f"no size of {kind}")


def _read(found: list[Any], asked_for: int, options: Mapping[str, Any]) -> float:
    """One that is not there is charged as the smallest is."""
    return (_units(map(size, found), READ_BYTES) + asked_for - len(found)) * _share(options)


def _share(options: Mapping[str, Any]) -> float:
    return 1.0 if options.get("ConsistentRead") else 0.5


def _units(sizes: Iterable[int], unit: int) -> int:
    return sum(max(1, -(-each // unit)) for each in sizes)
