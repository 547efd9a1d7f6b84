"""What ingest has kept in the template's own table on moto, whosever it is."""

import json
from collections import Counter
from typing import Any

from shared.stores import clients
from shared.stores.events import EVENT, NOTE, ORDER
from tests.conftest import TABLE

KINDS = (EVENT, NOTE, ORDER)


def messages() -> Counter[str]:
    """How many events there are of each message id."""
    return Counter(record["sk"]["S"].split("#", 2)[2] for record in _records())


def details(name: str | None = None) -> list[dict[str, Any]]:
    """What came with the events of this name, or with all."""
    found = [record for record in _records() if "details" in record]
    return [json.loads(record["details"]["S"]) for record in found if name in (None, record["name"]["S"])]


def _records() -> list[dict[str, Any]]:
    pages = clients.dynamodb().get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
    return [dict(each) for page in pages for each in page["Items"] if each["sk"]["S"].startswith(KINDS)]
