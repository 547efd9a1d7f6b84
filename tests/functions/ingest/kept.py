"""What ingest has kept in the template's own table on moto, whosever it is."""

from collections import Counter

from shared.stores import clients
from shared.stores.events import EVENT, NOTE
from tests.conftest import TABLE


def messages() -> Counter[str]:
    """How many events there are of each message id."""
    pages = clients.dynamodb().get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
    sorts = [str(record["sk"]["S"]) for page in pages for record in page["Items"]]
    return Counter(sort.split("#", 2)[2] for sort in sorts if sort.startswith((EVENT, NOTE)))
