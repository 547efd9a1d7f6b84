"""Segment's own library for browsers, unmodified, on a shop's page in a real Chromium."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from tests.chromium import chromium
from tests.sdks.node import installed

SHOP = "http://shop.test"
ELSEWHERE = "http://elsewhere.test"
"""Another origin, with the same page."""
PAGE = b'<!doctype html><title>Shop</title><script src="/index.js"></script>'
PATIENCE_MS = 45_000
LOAD = "([settings, options]) => { window.analytics = AnalyticsNext.AnalyticsBrowser.load(settings, options) }"
TELL = "async ([call, args]) => (await window.analytics[call](...args)).event.messageId"
TELL_AND_GO = "([call, args]) => { window.analytics[call](...args) }"


class Visit:
    """One visit of the shop's page, where the library was loaded with these settings and options."""

    def __init__(
        self,
        context: BrowserContext,
        settings: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
        origin: str = SHOP,
    ) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.goto(origin)
        self.page.evaluate(LOAD, [settings, options or {}])

    def tell(self, call: str, *arguments: Any) -> str:
        """Make this call, `track` or another; its message id, once the library has tried to deliver it."""
        return str(self.page.evaluate(TELL, [call, arguments]))

    def tell_and_go(self, call: str, *arguments: Any) -> None:
        """Make this call, and do not wait for anything."""
        self.page.evaluate(TELL_AND_GO, [call, arguments])

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until this holds, while the page goes on."""
        for _ in range(PATIENCE_MS // 100):
            if holds():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("what was waited for has not come")

    def leave(self) -> None:
        """Go to another page in the same tab, as a customer does."""
        self.page.goto("about:blank")


@contextmanager
def shoppers_browser() -> Iterator[Browser]:
    """A Chromium to which `SHOP` and `ELSEWHERE` are a page with the library on it."""
    umd = installed("@segment/analytics-next") / "dist/umd"
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Shop, directory=umd))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    rules = ",".join(f"MAP {name} 127.0.0.1:{server.server_address[1]}" for name in ("shop.test", "elsewhere.test"))
    try:
        with chromium(f"--host-resolver-rules={rules}", "--no-proxy-server") as browser:
            yield browser
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Shop(SimpleHTTPRequestHandler):
    def __init__(self, *arguments: Any, directory: Path) -> None:
        super().__init__(*arguments, directory=str(directory))

    def do_GET(self) -> None:
        if self.path != "/":
            return super().do_GET()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)
        return None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """The pages are not what is tested."""
