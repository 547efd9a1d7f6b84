"""The audit: what an index tells is believed, what it does not is said, and an exception does not last for ever."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from infra.supply import audit
from infra.supply.audit import Ignored, Package, Vulnerability

TODAY = date(2026, 11, 22)
TOLD = {
    "id": "PYSEC-2026-7",
    "aliases": ["CVE-2026-7", "GHSA-7"],
    "details": "long",
    "summary": "short",
    "link": "https://example.com/7",
    "fixed_in": ["1.1"],
    "source": "osv",
    "withdrawn": None,
}
AGAIN = TOLD | {"id": "GHSA-7", "aliases": ["CVE-2026-7", "PYSEC-2026-7"]}
PACKAGE = Package("lamp", "1.0")
FOUND = {PACKAGE: [Vulnerability.model_validate(TOLD), Vulnerability.model_validate(AGAIN)]}


def release(version: str, *vulnerabilities: dict[str, Any]) -> dict[str, Any]:
    return {"info": {"version": version}, "vulnerabilities": list(vulnerabilities)}


def asked(pages: dict[str, Any]) -> audit.Answer:
    """What is made of an index with these pages."""

    def reply(request: httpx.Request) -> httpx.Response:
        page = pages.get(request.url.path)
        return httpx.Response(404) if page is None else httpx.Response(200, json=page)

    with httpx.Client(base_url="https://index.example", transport=httpx.MockTransport(reply)) as client:
        return audit.ask(client, PACKAGE)


def ignored(until: date = TODAY, package: str = "lamp", id_: str = "CVE-2026-7") -> Ignored:
    return Ignored(id=id_, package=package, reason="never called", seen=TODAY - timedelta(days=9), until=until)


def test_a_versions_own_page_is_believed() -> None:
    pages = {"/pypi/lamp/1.0/json": release("1.0", TOLD), "/pypi/lamp/json": release("1.1")}
    assert [each.id for each in asked(pages) or []] == ["PYSEC-2026-7"]
    assert asked({"/pypi/lamp/1.0/json": release("1.0")}) == []


def test_an_index_that_knows_the_latest_version_only_answers_for_that_one() -> None:
    assert [each.id for each in asked({"/pypi/lamp/json": release("1.0", TOLD)}) or []] == ["PYSEC-2026-7"]
    assert asked({"/pypi/lamp/json": release("1.1")}) is None
    assert asked({}) is None
    assert asked({"/pypi/lamp/1.0/json": {"info": {"version": "1.0"}}}) is None


def test_what_was_withdrawn_is_none() -> None:
    assert asked({"/pypi/lamp/1.0/json": release("1.0", TOLD | {"withdrawn": "2026-11-01T00:00:00Z"})}) == []


def test_a_known_vulnerability_fails_once_under_all_its_names() -> None:
    found = audit.audit(FOUND, [], TODAY)
    assert [(package, each.id) for package, each in found.known] == [(PACKAGE, "PYSEC-2026-7")]
    assert audit.status(found, unaudited_allowed=True) == audit.KNOWN


@pytest.mark.parametrize("id_", ["PYSEC-2026-7", "CVE-2026-7", "GHSA-7"])
def test_it_may_be_ignored_under_any_of_its_names_until_the_day(id_: str) -> None:
    assert audit.status(audit.audit(FOUND, [ignored(id_=id_)], TODAY), unaudited_allowed=False) == 0
    late = audit.audit(FOUND, [ignored(id_=id_)], TODAY + timedelta(days=1))
    assert late.known
    assert late.idle
    assert audit.status(late, unaudited_allowed=True) == audit.KNOWN


def test_an_exception_is_for_one_package_and_goes_when_nothing_needs_it() -> None:
    other = audit.audit(FOUND, [ignored(package="shade")], TODAY)
    assert other.known
    assert other.idle == [], "nothing was asked about the shade"
    mended = audit.audit({PACKAGE: []}, [ignored()], TODAY)
    assert mended.idle == [ignored()]
    assert audit.status(mended, unaudited_allowed=True) == audit.KNOWN


def test_what_was_not_told_fails_unless_that_is_allowed_and_is_said_either_way() -> None:
    found = audit.audit({PACKAGE: None}, [ignored()], TODAY)
    assert audit.status(found, unaudited_allowed=False) == audit.UNANSWERED
    assert audit.status(found, unaudited_allowed=True) == 0
    said: list[str] = []
    audit.show(found, said.append)
    assert "NOT AUDITED, the index told nothing of these versions: lamp 1.0" in said
    assert said[-1] == "audit: 0 of 1 locked packages audited, 0 vulnerabilities known"


def test_everything_from_an_index_is_asked_about_and_the_project_is_not() -> None:
    lock = (audit.ROOT / "uv.lock").read_text()
    names = {each.name for each in audit.locked(lock)}
    assert {"numpy", "botocore", "pytest"} <= names
    assert "regulars" not in names
    assert len(audit.locked(lock)) == lock.count("[[package]]") - 1


def test_every_exception_of_the_list_has_a_reason_and_not_more_than_half_a_year() -> None:
    for each in audit.exceptions(audit.IGNORED.read_text()):
        assert len(each.reason) > 20
        assert each.until - each.seen <= timedelta(days=183)


class Index(BaseHTTPRequestHandler):
    """An index on loopback: every version is there and in order, but for one package."""

    vulnerable = "numpy"

    def do_GET(self) -> None:
        _, name, version, _ = self.path.strip("/").split("/")
        page = json.dumps(release(version, *([TOLD] if name == self.vulnerable else []))).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the standard library's name
        pass


@contextmanager
def index(vulnerable: str) -> Iterator[str]:
    handler = type("One", (Index,), {"vulnerable": vulnerable})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def exit_status(url: str, allow: bool = False) -> int:
    with pytest.raises(typer.Exit) as caught:
        audit.main(allow, url)
    return caught.value.exit_code


@pytest.fixture
def no_exceptions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ignored.toml").touch()
    monkeypatch.setattr(audit, "IGNORED", tmp_path / "ignored.toml")


@pytest.mark.usefixtures("no_exceptions")
def test_the_command_fails_for_one_vulnerable_package_of_the_lock_file(capsys: pytest.CaptureFixture[str]) -> None:
    with index("numpy") as url:
        assert exit_status(url, allow=True) == audit.KNOWN
    assert "VULNERABLE: numpy 2." in capsys.readouterr().err
    with index("nothing") as url:
        assert exit_status(url) == 0


@pytest.mark.usefixtures("no_exceptions")
def test_without_a_network_it_says_so_and_fails_unless_that_is_allowed(capsys: pytest.CaptureFixture[str]) -> None:
    with index("nothing") as url:
        pass
    assert exit_status(url) == audit.UNANSWERED
    assert exit_status(url, allow=True) == 0
    assert capsys.readouterr().err.count("NOT AUDITED at all") == 2
