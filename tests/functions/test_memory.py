"""The largest requests that are taken leave most of the function's memory free: in a process of its own, as Lambda's.

What a process has ever had in memory is its own figure, so none of the tests' libraries are in it; AWS is a server of a
few lines beside it, which keeps nothing.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from infra.template import Template
from shared.domain.keys import KeyKind, KeyRecord, hash_key, new_key
from tests.gateway import http_event

PEPPER, KEY = "pepper", new_key(KeyKind.SECRET)
TIME = "2026-11-01T10:00:00Z"
SHARE = 0.5
CHILD = """
import importlib, json, re, sys
class Context:
    function_name, memory_limit_in_mb, aws_request_id = "largest", 512, "1"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:largest"
    def get_remaining_time_in_millis(self): return 3_600_000
name, event = json.load(sys.stdin)
reply = importlib.import_module(f"functions.{name}.app").handler(event, Context())
peak = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]
print(json.dumps([reply["statusCode"], int(peak) / 1024]))
"""
"""`getrusage` would have the peak of this process, from which the child was forked, too."""


def filled(most_bytes: int, count: int, record: dict[str, Any], into: str) -> tuple[int, str]:
    """So many of these records that the body has nearly `most_bytes`; each with an id, and a text to fill it."""
    text = "x" * (most_bytes // count - len(json.dumps(record)) - 20)
    records = [
        {name: value.replace("ID", f"{n:06d}").replace("TEXT", text) for name, value in record.items()}
        for n in range(count)
    ]
    return count, json.dumps({into: records})


CALL = {"type": "track", "event": "Viewed", "userId": "cID", "messageId": "mID", "timestamp": TIME, "x": "TEXT"}
EVENT = {"event": "Viewed", "customer_id": "cID", "message_id": "mID", "timestamp": TIME, "x": "TEXT"}
LARGEST = {
    ("ingest", "POST", "/v1/batch"): filled(500_000, 2_500, CALL, "batch"),
    ("ingest", "POST", "/v1/events"): filled(1_000_000, 1_000, EVENT, "events"),
    ("catalogue", "PUT", "/v1/items"): filled(
        1_000_000, 200, {"item_id": "iID", "title": "T", "text": "TEXT"}, "items"
    ),
}


class Aws(BaseHTTPRequestHandler):
    """Knows one key and the pepper, and takes everything."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps(self._answer(self.headers["x-amz-target"].partition(".")[2], asked)).encode()
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.0")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        match operation:
            case "GetParameter":
                return {"Parameter": {"Name": asked["Name"], "Value": PEPPER}}
            case "GetItem" if asked["Key"]["pk"]["S"].startswith("KEY#"):
                key_hash = hash_key(KEY, PEPPER)
                key = KeyRecord(key_hash=key_hash, kind=KeyKind.SECRET, label="", created_at=datetime.now(UTC))
                return {"Item": {"body": {"S": key.model_dump_json()}}}
            case "BatchGetItem":
                return {"Responses": {}, "UnprocessedKeys": {}}
        return {}


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Aws) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("request_", LARGEST, ids=lambda each: " ".join(each[1:]))
def test_the_largest_requests_leave_memory_free(url: str, request_: tuple[str, str, str]) -> None:
    function, method, path = request_
    count, body = LARGEST[request_]
    assert count * 150 < len(body)
    names = dict.fromkeys(Template.load().environment(function), "x")
    settings = names | {"CONSENT_UNASKED": "granted", "CONSENT_WITHOUT_ANALYTICS": "strip", "AWS_ENDPOINT_URL": url}
    access = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
    told = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps([function, http_event(method, path, body, KEY, "", {})]),
        env=dict(os.environ) | settings | access | {"POWERTOOLS_METRICS_NAMESPACE": "x"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()[-1]
    status, megabytes = json.loads(told)
    assert status == 200
    assert 40 < megabytes < SHARE * Template.load().functions()[function]["MemorySize"]
