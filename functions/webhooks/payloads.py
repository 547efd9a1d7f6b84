"""Reading what shop systems send: tolerant of what is not needed, so that no odd field ever costs a delivery."""

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from functions.webhooks.news import UnmappedError
from shared.domain.events import MOST_ID_BYTES

_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _ident(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _idents(value: Any) -> list[Any]:
    """Those that can be read: a right must not wait for one that cannot."""
    found = map(_ident, value) if isinstance(value, list) else ()
    return [each for each in found if isinstance(each, str) and each.isascii() and each.isdigit() and len(each) <= 20]


def _rows(value: Any) -> list[Any]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9 else 0


def _flag(value: Any) -> bool:
    return value is True


Text = Annotated[str, BeforeValidator(_text)]
"""A text; anything else counts as none."""
Ident = Annotated[str, BeforeValidator(_ident), StringConstraints(pattern=r"^[0-9]{1,20}$")]
"""A number that names something."""
Idents = Annotated[tuple[Ident, ...], BeforeValidator(_idents)]
Count = Annotated[int, BeforeValidator(_count)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Tolerated = BeforeValidator(_rows)
"""Of a list only its objects; anything else counts as an empty list."""


class Payload(BaseModel):
    """What is read of an object; all else in it is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def parse(body: str) -> dict[str, Any]:
    """The body's JSON object. Raises `UnmappedError`."""
    try:
        value = json.loads(body, parse_constant=_no_constant)
        if _HALF_PAIR.search(body):
            # Half a surrogate pair can be written in JSON, and in no store.
            value = json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError) as error:
        raise UnmappedError("the body is not JSON") from error
    if not isinstance(value, dict):
        raise UnmappedError("the body is not an object")
    return value


def read[Model: Payload](model: type[Model], body: dict[str, Any]) -> Model:
    """The body as this model. Raises `UnmappedError` naming the field, and not what stands in it."""
    try:
        return model.model_validate(body)
    except (ValidationError, RecursionError) as error:
        field = ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else "the body"
        raise UnmappedError(f"{field} is missing or malformed") from error


def utc(value: Any) -> datetime | None:
    """The time of a text, UTC where it does not say, as in WooCommerce's `..._gmt`; none of what is no time."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
        return time and (time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


Utc = Annotated[AwareDatetime | None, BeforeValidator(utc)]
Moment = Annotated[AwareDatetime, BeforeValidator(utc)]


def is_id(text: str) -> bool:
    """Whether a text can be an item's id."""
    return 0 < len(text.encode()) <= MOST_ID_BYTES


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
