"""Values in DynamoDB's typed form, of the kinds that records here have: text, numbers, truths, bytes, lists, maps.

`boto3.dynamodb.types` does the same and more, at several times the cost, and to import it is to import all of boto3.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any


def typed(value: Any) -> dict[str, Any]:  # noqa: PLR0911 - one for each kind
    """A value as `{"S": "text"}`. Raises `TypeError` for a kind of value that records here do not have."""
    match value:
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case None:
            return {"NULL": True}
        case Mapping():
            return {"M": {name: typed(each) for name, each in value.items()}}
        case list() | tuple():
            return {"L": [typed(each) for each in value]}
    raise TypeError(f"a record cannot have a {type(value).__name__}")


def plain(value: Mapping[str, Any]) -> Any:
    """What `{"S": "text"}` stands for; a number becomes a `Decimal`."""
    ((kind, content),) = value.items()
    return _KINDS[kind](content)


def _bytes(value: str | bytes) -> bytes:
    """In base64 where it is as JSON has it: in the stream, and in what our client reads (`shared.stores.clients`)."""
    return b64decode(value) if isinstance(value, str) else value


_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "S": str,
    "N": Decimal,
    "BOOL": bool,
    "B": _bytes,
    "NULL": lambda _: None,
    "L": lambda values: [plain(each) for each in values],
    "M": lambda values: {name: plain(each) for name, each in values.items()},
}
