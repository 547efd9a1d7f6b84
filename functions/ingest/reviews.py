"""Reviews as they come in: personal data is taken out of them before anything of the event is written.

What is left is what the table, its stream, the archive, the queue and whatever is set aside are given. Ids stay as they
are, and so does the context, which every event has: by them an event is erased.
"""

import re
from collections.abc import Mapping
from typing import Any

AS_IT_IS = frozenset({"type", "event", "timestamp", "context"})
_ID = re.compile(r"(?:\A|_)(?:id|sku)\Z|Id\Z")


def without_personal_data(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with every text in it made plain and redacted. Doing it twice is doing it once."""
    return {name: value if name in AS_IT_IS else _cleaned(name, value) for name, value in record.items()}


def _cleaned(name: str, value: Any) -> Any:
    if isinstance(value, str) and not _ID.search(name):
        return _redacted(value)
    if isinstance(value, dict):
        return {inner: _cleaned(inner, each) for inner, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(name, each) for each in value]
    return value


def _redacted(text: str) -> str:
    # Its patterns take a tenth of a second to compile: of all events, only a review waits for that.
    from shared.domain.markup import plain_text  # noqa: PLC0415
    from shared.domain.redaction import redact  # noqa: PLC0415

    return redact(plain_text(text)).text
