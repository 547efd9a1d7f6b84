"""The proxy gives the deployed API a plain origin and changes nothing on the way."""

import gzip
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.proxy import LocalProxy

BYTES = bytes(range(256))


class Emulator(ThreadingHTTPServer):
    """Answers everything with one reply, and remembers what it was asked."""

    daemon_threads = True
    reply: tuple[int, list[tuple[str, str]], bytes] = (200, [], b"")

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Recorder)
        self.asked: list[tuple[str, str, Any, bytes]] = []


class _Recorder(BaseHTTPRequestHandler):
    server: Emulator

    def do_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append((self.command, self.path, self.headers, body))
        status, headers, content = self.server.reply
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_OPTIONS = do_HEAD = do_any  # noqa: N815


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    server = Emulator()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def shop(emulator: Emulator, tmp_path: Path) -> Iterator[httpx.Client]:
    (tmp_path / "shop").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "shop" / "index.html").write_text("<p>Grüß Gott</p>")
    (tmp_path / "shop" / "shop.js").write_text("1")
    upstream = f"http://127.0.0.1:{emulator.server_address[1]}"
    with (
        LocalProxy(upstream, "abcd1234", static=tmp_path / "shop") as proxy,
        httpx.Client(base_url=proxy.url, trust_env=False) as client,
    ):
        yield client


def test_a_request_arrives_unchanged(emulator: Emulator, shop: httpx.Client) -> None:
    shop.post(
        "/v1/items/a%2Fb%20c?q=%C3%A9&q=2&empty", content=BYTES, headers={"Authorization": "Bearer x", "X-A": "b"}
    )
    ((method, path, headers, body),) = emulator.asked
    assert (method, path, body) == ("POST", "/v1/items/a%2Fb%20c?q=%C3%A9&q=2&empty", BYTES)
    assert headers["host"] == "abcd1234.execute-api.localhost"
    assert (headers["authorization"], headers["x-a"]) == ("Bearer x", "b")


def test_a_reply_arrives_unchanged(emulator: Emulator, shop: httpx.Client) -> None:
    packed = gzip.compress(BYTES)
    headers = [("Content-Encoding", "gzip"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Retry-After", "3")]
    emulator.reply = (503, headers, packed)
    with shop.stream("GET", "/v1/x") as reply:
        assert b"".join(reply.iter_raw()) == packed
    assert reply.status_code == 503
    assert reply.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert (reply.headers["retry-after"], reply.headers["content-encoding"]) == ("3", "gzip")


def test_cors_is_the_gateways_own(emulator: Emulator, shop: httpx.Client) -> None:
    emulator.reply = (204, [("Access-Control-Allow-Origin", "https://shop.example"), ("Vary", "Origin")], b"")
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    reply = shop.options("/v1/batch", headers=asked)
    assert reply.status_code == 204
    assert reply.headers["access-control-allow-origin"] == "https://shop.example"
    (_, _, headers, _) = emulator.asked[0]
    assert headers["access-control-request-method"] == "POST"
    emulator.reply = (403, [], b"")
    refused = shop.options("/v1/batch", headers=asked | {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in refused.headers


def test_many_at_once(emulator: Emulator, shop: httpx.Client) -> None:
    emulator.reply = (200, [], b"ok")
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda n: shop.get(f"/v1/{n}").text, range(64)))
    assert replies == ["ok"] * 64
    assert {path for _, path, _, _ in emulator.asked} == {f"/v1/{n}" for n in range(64)}


def test_an_emulator_that_is_down_is_said_in_the_problem_format() -> None:
    with LocalProxy("http://127.0.0.1:9", "abcd1234") as proxy:
        reply = httpx.get(proxy.url + "/v1/x", trust_env=False)
    assert reply.status_code == 502
    assert reply.headers["content-type"] == "application/problem+json"
    assert "start the local stack again" in reply.json()["detail"]


def test_serves_a_folder_beside_the_api(emulator: Emulator, shop: httpx.Client) -> None:
    page = shop.get("/?from=mail")
    assert (page.text, page.headers["content-type"]) == ("<p>Grüß Gott</p>", "text/html; charset=utf-8")
    assert shop.get("/shop.js").headers["content-type"] == "text/javascript; charset=utf-8"
    assert shop.head("/shop.js").headers["content-length"] == "1"
    assert emulator.asked == []


@pytest.mark.parametrize("path", ["/nothing", "/%2e%2e/secret.txt", "/..%2fsecret.txt"])
def test_serves_nothing_else(shop: httpx.Client, path: str) -> None:
    reply = shop.get(path)
    assert (reply.status_code, reply.json()["status"]) == (404, 404)


def test_can_be_closed_without_having_been_started() -> None:
    LocalProxy("http://127.0.0.1:9", "abcd1234").stop()


@pytest.fixture
def owners(emulator: Emulator, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a shop whose server has the secret key."""
    (tmp_path / "index.html").write_text("page")
    upstream = f"http://127.0.0.1:{emulator.server_address[1]}"
    with LocalProxy(upstream, "abcd1234", static=tmp_path) as proxy:
        proxy.read_for_owner("sk_test")
        with httpx.Client(base_url=proxy.url, trust_env=False) as client:
            yield client


def test_what_the_owners_page_reads_is_asked_with_the_key_that_stays_here(
    emulator: Emulator, owners: httpx.Client
) -> None:
    emulator.reply = (200, [("content-type", "application/json")], b'{"themes": []}')
    reply = owners.get("/owner/feedback/themes?limit=3", headers={"Authorization": "Bearer pk", "Cookie": "a=b"})
    assert reply.json() == {"themes": []}
    ((method, path, headers, _),) = emulator.asked
    assert (method, path) == ("GET", "/v1/feedback/themes?limit=3")
    assert (headers["authorization"], headers["host"]) == ("Bearer sk_test", "abcd1234.execute-api.localhost")
    assert "cookie" not in headers
    assert "sk_test" not in f"{reply.headers}{reply.text}"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/owner/feedback/themes", 403),
        ("DELETE", "/owner/feedback/issues", 403),
        ("GET", "/owner/feedback", 404),
        ("GET", "/owner/feedback/settings", 404),
        ("GET", "/owner/feedback/themes/../../customers/ann/events", 404),
        ("GET", "/owner/items", 404),
        ("PUT", "/owner/prices/suggestions", 403),
        ("GET", "/owner/prices/suggestions/tea/approve", 403),
        ("POST", "/owner/prices/suggestions/tea/approve/../../limits/all", 404),
        ("PUT", "/owner/prices/limits/all", 404),
    ],
)
def test_nothing_else_is_done_with_the_key(
    emulator: Emulator, owners: httpx.Client, method: str, path: str, status: int
) -> None:
    assert owners.request(method, path).status_code == status
    assert emulator.asked == []


APPROVAL = "/owner/prices/suggestions/tea%2Fmint/approve"


def test_a_decision_is_passed_on_with_the_key_for_the_page_from_here(emulator: Emulator, owners: httpx.Client) -> None:
    emulator.reply = (200, [("content-type", "application/json")], b"{}")
    here = {"Origin": str(owners.base_url).rstrip("/")}
    assert owners.post(APPROVAL, json={"suggestion_id": "s"}, headers=here).status_code == 200
    ((method, path, headers, body),) = emulator.asked
    assert (method, path) == ("POST", "/v1/prices/suggestions/tea%2Fmint/approve")
    assert (headers["authorization"], headers["content-type"]) == ("Bearer sk_test", "application/json")
    assert json.loads(body) == {"suggestion_id": "s"}


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Content-Type": "text/plain"}]
)
def test_a_form_of_another_site_decides_nothing(
    emulator: Emulator, owners: httpx.Client, headers: dict[str, str]
) -> None:
    here = {"Origin": str(owners.base_url).rstrip("/")} if "Content-Type" in headers else {}
    sent = {"Content-Type": "application/json"} | here | headers
    assert owners.post(APPROVAL, content=b"{}", headers=sent).status_code == 403
    assert emulator.asked == []


def test_another_sites_name_that_points_here_reads_nothing(emulator: Emulator, owners: httpx.Client) -> None:
    assert owners.get("/owner/feedback/themes", headers={"Host": "evil.example"}).status_code == 403
    assert emulator.asked == []


def test_without_a_key_there_is_no_owners_page(emulator: Emulator, shop: httpx.Client) -> None:
    assert shop.get("/owner/feedback/themes").status_code == 404
    assert emulator.asked == []
