"""One deployment for all end-to-end tests: the built artefacts in the local stack, with a small shop in it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect
from rich.console import Console

from infra.cli import households, local, sources
from infra.cli.deployment import Deployment
from infra.cli.keys import make_key
from infra.cli.live import Shop
from infra.cli.logs import groups
from infra.cli.storefront import PAGE, open_page
from infra.cli.train import train
from infra.local.proxy import LocalProxy
from infra.local.stack import LocalStack
from shared.domain.keys import KeyKind
from tests.canaries import leaks
from tests.chromium import chromium
from tests.e2e import shop
from tests.sdks.browser import SHOP

QUIET = Console(quiet=True)
PATIENCE_MS = 60_000
"""A function's cold start is part of the first answer."""
DESK = (1280, 900)


class Running(NamedTuple):
    """The stack and what was deployed into it."""

    stack: LocalStack
    deployment: Deployment
    api_id: str
    page: Path


def written(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """All lines of all functions' logs, each with the function's name."""
    for name, group in groups(deployment).items():
        for page in deployment.logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            yield from ((name, event["message"]) for event in page["events"])


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Deployed, without any data."""
    state = tmp_path_factory.mktemp("local")
    page = state / "page"
    shutil.copytree(PAGE, page)
    with LocalStack(state / "stack") as stack:
        outputs = local.deploy(stack, state, {"ShopOrigins": SHOP})
        assert outputs.api_id
        with LocalProxy(stack.url, outputs.api_id, static=page) as proxy:
            found = local.deployment(stack, outputs, proxy, None)
            proxy.read_for_owner(found.owners_key)
            yield Running(stack, found, outputs.api_id, page)
            # Whatever the tests have sent, by then.
            assert leaks(line for _, line in written(found)) == []


@pytest.fixture(scope="session")
def trained(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Running:
    """With the small shop's history imported and a model trained."""
    files = shop.write(tmp_path_factory.mktemp("shop"))
    sources.run(running.deployment, sources.Files(*files), False, QUIET)
    outcome = train(running.deployment, QUIET)
    assert outcome.card is not None, outcome.reason
    return running


@pytest.fixture(scope="session")
def browser_shop(trained: Running) -> Iterator[Shop]:
    """The shop's page and server, as clients of the API."""
    with Shop(trained.deployment, make_key(trained.deployment, KeyKind.PUBLISHABLE, "test")) as client:
        yield client


class Storefront(NamedTuple):
    """The demo's page on the small shop."""

    url: str
    customers: list[str]


@pytest.fixture(scope="session")
def storefront(trained: Running, browser_shop: Shop) -> Storefront:
    customers = [f"c{n}" for n in range(3, 6)]
    chosen = [households.Household(customer_id=each, note="a test", item_id="toys-1") for each in customers]
    open_page(trained.page, browser_shop, chosen)
    return Storefront(trained.deployment.access.api_url, customers)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with chromium() as started:
        yield started


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console complains of; a test that provokes complaints takes them out."""
    return []


@pytest.fixture
def browser_page(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    """A fresh page; whatever the console complains of, and whatever a script throws, fails the test."""
    context = browser.new_context(viewport={"width": DESK[0], "height": DESK[1]}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not complaints, f"The browser complains: {complaints}"
