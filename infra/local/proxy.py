"""A plain origin for the deployed API, which the emulator itself knows by `Host` only.

It passes requests and replies through byte for byte. CORS is the emulator's, from the template's own setting. Given a
folder, it serves that beside the API, so that a storefront and `/v1/` share one origin. Given a secret key, it asks
what `OWNERS` names for the owner's pages: the key stays here, as it does on a shop's server, and never is in a browser.
"""

import json
import mimetypes
import re
import socket
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

import httpx

_API = "/v1/"
_OWNERS = "/owner/"
OWNERS = (
    ("GET", re.compile(r"feedback/(summary|themes|issues)")),
    ("GET", re.compile(r"prices/suggestions")),
    ("POST", re.compile(r"prices/suggestions/[^/]+/(approve|reject|snooze)")),
    ("GET", re.compile(r"prices/[^/]+/history")),
    ("POST", re.compile(r"prices/[^/]+/claims")),
)
"""What the owner's pages may ask: the method, and the path behind `/owner/` here and `/v1/` there."""
_PROBLEM = "application/problem+json"
# Meaningful for one connection only (RFC 9110, section 7.6.1), so never passed on.
_OF_THE_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}


class LocalProxy:
    """Serves one API of an emulator, and optionally a folder of static files, at `url`."""

    def __init__(self, upstream: str, api_id: str, *, static: Path | None = None, port: int = 0) -> None:
        self._server = _Server(port, upstream, f"{api_id}.execute-api.localhost", static)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="local-proxy")
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to serve, in threads."""
        self._thread.start()

    def read_for_owner(self, secret_key: str) -> None:
        """From now on also answer what the owner's pages ask, with this key."""
        self._server.secret_key = secret_key

    def stop(self) -> None:
        """Stop serving, and close every connection."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # they are joined when the server closes
    request_queue_size = 128

    def __init__(self, port: int, upstream: str, host: str, static: Path | None) -> None:
        self.upstream = httpx.URL(upstream)
        self.host = host
        self.static = static.resolve() if static else None
        self.secret_key: str | None = None
        self._open: set[Any] = set()
        self._guard = threading.Lock()
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
        self.client = httpx.Client(trust_env=False, timeout=httpx.Timeout(5, read=65, pool=None), limits=limits)
        super().__init__(("127.0.0.1", port), _Handler)  # closes what there is where the port is taken

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        with self._guard:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a browser that leaves early is no error."""

    def server_close(self) -> None:
        with self._guard:
            for connection in self._open:
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()
        self.client.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def handle_any(self) -> None:
        if self.server.secret_key and self._is_owners():
            self._ask_for_owner(self.server.secret_key)
        elif self.server.static is None or self.path.startswith(_API):
            self._forward()
        else:
            self._send_file(self.server.static)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Keep quiet: the emulator has its own log."""

    def _is_owners(self) -> bool:
        path = self.path.partition("?")[0].removeprefix(_OWNERS)
        return self.path.startswith(_OWNERS) and any(pattern.fullmatch(path) for _, pattern in OWNERS)

    def _ask_for_owner(self, secret_key: str) -> None:
        """Only for a page from here: another site's name may be made to point to this machine, and a form of another
        site may be sent to it, though never with this `Origin` nor as JSON.
        """
        path = self.path.partition("?")[0].removeprefix(_OWNERS)
        if not self._is_from_here() or not any(
            self.command == method and asked.fullmatch(path) for method, asked in OWNERS
        ):
            return self._send_problem(HTTPStatus.FORBIDDEN, "This is asked by the owner's page on this machine alone.")
        self.path = _API + self.path.removeprefix(_OWNERS)
        sent = [("authorization", f"Bearer {secret_key}"), ("accept", "application/json")]
        return self._forward([*sent, ("content-type", "application/json")] if self.command == "POST" else sent)

    def _is_from_here(self) -> bool:
        port = self.server.server_address[1]
        host = self.headers.get("host")
        if host not in {f"127.0.0.1:{port}", f"localhost:{port}"}:
            return False
        if self.command != "POST":
            return True
        is_json = self.headers.get("content-type", "").partition(";")[0] == "application/json"
        return is_json and self.headers.get("origin") == f"http://{host}"

    def _forward(self, headers: list[tuple[str, str]] | None = None) -> None:
        """Pass the request on, with its own headers or these."""
        try:
            status, headers, body = self._ask_emulator(headers)
        except httpx.TransportError as error:
            detail = f"The emulator at {self.server.upstream} does not answer: start the local stack again. ({error})"
            return self._send_problem(HTTPStatus.BAD_GATEWAY, detail)
        return self._send(status, headers, body)

    def _ask_emulator(self, headers: list[tuple[str, str]] | None) -> tuple[int, list[tuple[str, str]], bytes]:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        sent = _passed_on(self.headers.items(), besides={"host"}) if headers is None else headers
        url = self.server.upstream.copy_with(raw_path=self.path.encode("latin-1"))
        request = httpx.Request(self.command, url, headers=[("host", self.server.host), *sent], content=body)
        reply = self.server.client.send(request, stream=True)
        try:
            raw = b"".join(reply.iter_raw())  # still compressed, if it was
        finally:
            reply.close()
        return reply.status_code, _passed_on(reply.headers.multi_items(), besides={"content-length"}), raw

    def _send_file(self, folder: Path) -> None:
        path = unquote(self.path.split("?", 1)[0])
        file = (folder / path.lstrip("/")).resolve()
        file = file / "index.html" if file.is_dir() else file
        if not file.is_relative_to(folder) or not file.is_file():
            return self._send_problem(HTTPStatus.NOT_FOUND, f"There is no file {path}.")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        text = kind.startswith("text/") or kind in ("application/json", "image/svg+xml")
        headers = [("content-type", f"{kind}; charset=utf-8" if text else kind), ("cache-control", "no-cache")]
        return self._send(HTTPStatus.OK, headers, file.read_bytes())

    def _send_problem(self, status: HTTPStatus, detail: str) -> None:
        problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
        self._send(status, [("content-type", _PROBLEM)], json.dumps(problem).encode())

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _passed_on(headers: Any, *, besides: set[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in _OF_THE_HOP | besides]
