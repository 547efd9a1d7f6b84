"""What must stand in no log: words planted wherever a shopper's data come in, and whatever looks like such data."""

import json
import re
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from shared.domain.keys import KeyKind, new_key

EMAIL = "canary.weber@example.com"
NAME = "Canaria Weberknecht"
STREET = "Kanarienweg 17b"
ADDRESS = "203.0.113.77"
REVIEW = "the canary zip broke after two days"
ORDER = "order-canary-4711"
CUSTOMER = f"canary-customer-{uuid4()}"
DEVICE = f"canary-device-{uuid4()}"
UNKNOWN_KEY = new_key(KeyKind.SECRET)
"""Well-formed, and of nobody."""
WORDS = (EMAIL, NAME, STREET, ADDRESS, REVIEW, ORDER, CUSTOMER, DEVICE, UNKNOWN_KEY)

LOOKS_LIKE = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}"),
    "a key": re.compile(r"\b[ps]k_[0-9A-Za-z]{38}\b"),
    "an identifier of a customer": re.compile(r"\b(?:user|anonymous):[^\s\"]"),
}
EVERY_LINE = ("level", "function", "correlation_id")
OF_THE_EMULATOR = ("START RequestId:", "END RequestId:", "REPORT RequestId:")
PERSON = {"email": EMAIL, "name": NAME, "address": {"street": STREET}, "phone": "+49 30 canary"}


def leaks(lines: Iterable[str], words: Iterable[str] = WORDS) -> list[str]:
    """What of the words, or of what looks like a shopper's data, stands in these lines, and in which."""
    found = []
    for line in lines:
        found += [f"{word!r} in {line}" for word in words if word.lower() in line.lower()]
        found += [f"{what} in {line}" for what, pattern in LOOKS_LIKE.items() if pattern.search(line)]
    return found


def unstructured(lines: Iterable[str]) -> list[str]:
    """Lines that are not JSON, or do not say how grave they are, and whose and of which request."""
    return [line for line in lines if not line.startswith(OF_THE_EMULATOR) and not _is_structured(line)]


def _is_structured(line: str) -> bool:
    try:
        told: Any = json.loads(line)
    except ValueError:
        return False
    return isinstance(told, dict) and all(told.get(name) for name in EVERY_LINE)
