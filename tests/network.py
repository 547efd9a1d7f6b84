"""A network that fails now and then: in front of the API, it says 503 before a call arrives, or after it was served."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import httpx

Moment = Literal["before", "after"]
RETRY_AFTER_SECONDS = 1


class Flaky:
    """Fails the first calls, each at the moment named; counts what came through and what was refused."""

    def __init__(self, upstream: str, failures: list[Moment], transport: httpx.BaseTransport | None) -> None:
        self._client = httpx.Client(base_url=upstream, trust_env=False, timeout=65, transport=transport)
        self._failures = list(failures)
        self._guard = threading.Lock()
        self.statuses: list[int] = []
        self.url = ""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        """What the client sees of this call."""
        with self._guard:
            moment = self._failures.pop(0) if self._failures else None
        if moment != "before":
            reply = self._client.request(method, path, headers=headers, content=body)
            assert moment is None or reply.status_code == 200, reply.text
        if moment is not None:
            reply = httpx.Response(503, headers={"retry-after": str(RETRY_AFTER_SECONDS)}, json={"message": "later"})
        self.statuses.append(reply.status_code)
        return reply

    def close(self) -> None:
        self._client.close()


@contextmanager
def flaky(upstream: str, failures: list[Moment], transport: httpx.BaseTransport | None = None) -> Iterator[Flaky]:
    """Serve such a network at `url`, in front of an address or, with a `transport`, of something in this process."""
    network = Flaky(upstream, failures, transport)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            reply = network.answer("POST", self.path, headers, body)
            self.send_response(reply.status_code)
            for name in ("retry-after", "content-type"):
                if name in reply.headers:
                    self.send_header(name, reply.headers[name])
            self.send_header("content-length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """The test asks `statuses`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    network.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield network
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        network.close()
