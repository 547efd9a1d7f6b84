"""The API in this process, in front of an empty table of the local stack: what the benches of single functions use."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from infra.local.emulator import REGION
from infra.local.stack import LocalStack
from shared.stores import clients
from shared.stores.table import Table
from tests import conftest
from tests.functions.api import Api


@contextmanager
def shop() -> Iterator[Api]:
    """The functions with routes, a secret and a publishable key, an empty table and an empty bucket."""
    with tempfile.TemporaryDirectory() as folder, LocalStack(Path(folder)) as stack:
        access = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": REGION}
        with patch.dict(os.environ, access | {"AWS_ENDPOINT_URL": stack.url}):
            for client in (clients.dynamodb, clients.s3, clients.sqs, clients.ssm):
                client.cache_clear()
            conftest.make_table(clients.dynamodb())
            stack.client("s3").create_bucket(
                Bucket=conftest.BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
            table = Table(clients.dynamodb(), conftest.TABLE)
            yield Api(conftest.issue_keys(table, os.environ.__setitem__))
