"""A network that fails now and then, in front of the API: before a call arrives, or after it was served."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, NamedTuple

import httpx

from tests.cors import Cors

Failure = Literal["before", "after", "busy", "throttled", "cut", "silent"]
"""503 before the call arrives or after it was served; 429 with Retry-After, or the gateway's own without; the
connection cut after the call was served; no reply at all to a call that was served."""
SERVED = ("after", "cut", "silent")
Nothing = Literal["cut", "silent"]
RETRY_AFTER_SECONDS = 1
PATIENCE_SECONDS = 30
"""For which a silent network keeps the connection, unless it is closed before."""


class Call(NamedTuple):
    """A call as the client made it, when, and the status that it saw: none where it got no reply."""

    method: str
    path: str
    headers: Mapping[str, str]
    time: float
    status: int | None


class Flaky:
    """Fails the first POSTs, each in the way named; remembers the calls and what the client saw of each."""

    def __init__(
        self,
        upstream: str,
        failures: list[Failure],
        transport: httpx.BaseTransport | None,
        cors: Cors | None,
        retry_after: int,
    ) -> None:
        self._client = httpx.Client(base_url=upstream, trust_env=False, timeout=65, transport=transport)
        self.failures = list(failures)
        """Those that are still to come."""
        self._cors = cors
        self._retry_after = {"retry-after": str(retry_after)}
        self._guard = threading.Lock()
        self._closing = threading.Event()
        self.calls: list[Call] = []
        self.url = ""

    @property
    def statuses(self) -> list[int | None]:
        """What the client saw of its POSTs, in the order of the replies."""
        return [call.status for call in self.calls if call.method == "POST"]

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> httpx.Response | Nothing:
        """What the client sees of this call."""
        arrived = time.monotonic()
        reply = self._reply(method, path, headers, body)
        seen = reply.status_code if isinstance(reply, httpx.Response) else None
        if isinstance(reply, httpx.Response) and self._cors:
            reply.headers.update(self._cors.headers(headers))
        self.calls.append(Call(method, path, headers, arrived, seen))
        return reply

    def keep_silent(self) -> None:
        self._closing.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        self._closing.set()
        self._client.close()

    def _reply(self, method: str, path: str, headers: dict[str, str], body: bytes) -> httpx.Response | Nothing:
        if method == "OPTIONS" and self._cors:
            return httpx.Response(204)
        failure = self._next() if method == "POST" else None
        if failure is None:
            return self._client.request(method, path, headers=headers, content=body)
        if failure in SERVED:
            served = self._client.request(method, path, headers=headers, content=body)
            assert served.status_code == 200, served.text
        return self._fail(failure)

    def _next(self) -> Failure | None:
        with self._guard:
            return self.failures.pop(0) if self.failures else None

    def _fail(self, failure: Failure) -> httpx.Response | Nothing:
        match failure:
            case "before" | "after":
                return httpx.Response(503, headers=self._retry_after, json={"message": "later"})
            case "busy":
                return httpx.Response(429, headers=self._retry_after, json={"message": "later"})
            case "throttled":
                return httpx.Response(429, json={"message": "Too Many Requests"})
            case _:
                return failure


@contextmanager
def flaky(
    upstream: str,
    failures: list[Failure],
    transport: httpx.BaseTransport | None = None,
    *,
    cors: Cors | None = None,
    retry_after: int = RETRY_AFTER_SECONDS,
) -> Iterator[Flaky]:
    """Serve such a network at `url`, in front of an address or, with a `transport`, of something in this process."""
    network = Flaky(upstream, failures, transport, cors, retry_after)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(network))
    server.daemon_threads = True
    network.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield network
    finally:
        server.shutdown()
        thread.join()
        network.close()
        server.server_close()


def _handler(network: Flaky) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = network.answer(self.command, self.path, headers, body)
            if isinstance(reply, httpx.Response):
                self._send(reply)
                return
            if reply == "silent":
                network.keep_silent()
            self.close_connection = True

        do_GET = do_POST = do_OPTIONS = handle_any  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """The test asks `calls`."""

        def _send(self, reply: httpx.Response) -> None:
            self.send_response(reply.status_code)
            for name, value in reply.headers.items():
                if name in ("retry-after", "content-type", "vary") or name.startswith("access-control-"):
                    self.send_header(name, value)
            if reply.status_code != 204:
                self.send_header("content-length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

    return Handler
