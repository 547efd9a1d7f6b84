"""A real Chromium for the tests that need one: without it they mean nothing, so they fail rather than skip."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """One that is started with these arguments besides."""
    path = shutil.which("chromium")
    assert path, "There is no `chromium` on the PATH: install it (Debian: `apt-get install chromium`), then run again."
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *more])
        yield started
        started.close()
