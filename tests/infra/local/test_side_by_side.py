"""Two stacks at once keep to themselves; what one holds survives a gentle stop; its logs lie where they are said to."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from infra.cli.logs import Wanted, kept
from infra.local.proxy import LocalProxy
from infra.local.stack import LocalStack, Outputs

TEMPLATE = Path(__file__).with_name("template.yaml")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.local


def deployed(folder: Path) -> tuple[LocalStack, Outputs]:
    stack = LocalStack(folder)
    stack.start()
    return stack, stack.deploy(TEMPLATE, "tiny")


def keep(stack: LocalStack, outputs: Outputs, name: str) -> str:
    """Call the deployed function, which keeps the name in its table, through a proxy on any port."""
    assert outputs.api_id
    with LocalProxy(stack.url, outputs.api_id) as proxy:
        return httpx.get(f"{proxy.url}/v1/hello/{name}", trust_env=False, timeout=60).text


def names(stack: LocalStack, outputs: Outputs) -> set[str]:
    found = stack.client("dynamodb").scan(TableName=outputs.resources["Table"])["Items"]
    return {item["id"]["S"] for item in found}


def test_two_stacks_run_at_once_and_each_finds_its_own_again(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    with ThreadPoolExecutor(2) as both:
        (one, of_one), (two, of_two) = both.map(deployed, folders)
    try:
        assert one.url != two.url
        assert (keep(one, of_one, "ada"), keep(two, of_two, "bob")) == ("kept ada", "kept bob")
        assert (names(one, of_one), names(two, of_two)) == ({"ada"}, {"bob"})
        url = one.url
        one.stop()
        assert two.is_alive()
        (log,) = (one.logs / "functions").glob("*.log")
        assert "START RequestId" in log.read_text()
        assert kept(log.parent, Wanted(LONG_AGO))
        one.start()
        assert one.url == url, "addresses of queues hold the port"
        assert names(one, of_one) == {"ada"}
        one.reset()
        assert one.client("dynamodb").list_tables()["TableNames"] == []
        assert names(two, of_two) == {"bob"}
    finally:
        one.stop()
        two.stop()
    assert (tmp_path / "one/port").read_text() != (tmp_path / "two/port").read_text()
