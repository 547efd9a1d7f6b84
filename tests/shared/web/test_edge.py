"""The HTTPS edge around a small app: bounds, keys, bodies, and every failure a problem."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel

from shared.domain.errors import ConflictError, NotFoundError, StoreUnavailableError
from shared.domain.keys import KeyKind, KeyRecord, hash_key, new_key
from shared.web.auth import Authenticator
from shared.web.edge import Edge, new_app
from shared.web.routes import AnyCaller, SecretCaller
from tests.gateway import Context, Gateway, Response, http_event

MOST = 1_000
SECRET, PUBLISHABLE = new_key(KeyKind.SECRET), new_key(KeyKind.PUBLISHABLE)
FAILURES: dict[str, Exception] = {
    "missing": NotFoundError("There is none."),
    "conflict": ConflictError("Too late."),
    "down": StoreUnavailableError("Later.", retry_after_seconds=3),
    "broken": RuntimeError("the password is hunter2"),
}
app = new_app()


class Note(BaseModel):
    text: str
    n: int = 0


@app.post("/v1/echo")
def post_echo(body: Annotated[Note, Body()]) -> Note:
    return body


@app.get("/v1/echo/<name>")
def get_echo(name: Annotated[str, Path()], n: Annotated[int, Query(ge=1)] = 1) -> Note:
    return Note(text=name, n=n)


@app.get("/v1/fail/<name>")
def get_failure(name: Annotated[str, Path()]) -> Note:
    raise FAILURES[name]


@app.get("/v1/caller")
def get_caller(caller: AnyCaller) -> Note:
    return Note(text=caller.kind)


@app.get("/v1/server")
def get_server(caller: SecretCaller) -> Note:
    return Note(text=caller.kind)


@app.get("/v1/public")
def get_public() -> Note:
    return Note(text="public")


def find(key_hash: str) -> KeyRecord | None:
    kinds = {hash_key(SECRET, "pepper"): KeyKind.SECRET, hash_key(PUBLISHABLE, "pepper"): KeyKind.PUBLISHABLE}
    made = datetime(2026, 1, 1, tzinfo=UTC)
    kind = kinds.get(key_hash)
    return KeyRecord(key_hash=key_hash, kind=kind, label="", created_at=made) if kind else None


def authenticator() -> Authenticator:
    return Authenticator(find, lambda: "pepper", lambda: datetime(2026, 5, 1, tzinfo=UTC))


edge = Edge(app, authenticator, MOST, public=frozenset({"/v1/public"}))
shop = Gateway(edge, SECRET)


def at(path: str, key: str | None = SECRET) -> Response:
    """GET a path as the gateway has decoded it."""

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return edge(event | {"rawPath": path}, context)

    return Gateway(handler, key).get("/any")


def assert_problem(reply: Response, status: int) -> Any:
    problem = reply.json()
    assert reply.headers["content-type"] == "application/problem+json"
    assert (reply.status, problem["status"], problem["instance"]) == (status, status, "request-1")
    assert problem["title"]
    assert problem["detail"]
    return problem


def test_a_call_is_answered() -> None:
    assert shop.post("/v1/echo", {"text": "hello"}).json() == {"text": "hello", "n": 0}
    assert shop.get("/v1/echo/hello?n=2").json() == {"text": "hello", "n": 2}


def test_a_body_over_the_limit_is_refused_before_the_key_and_before_it_is_parsed() -> None:
    problem = assert_problem(Gateway(edge).post("/v1/echo", "{" * (MOST + 1)), 413)
    assert "1,000 bytes" in problem["detail"]


@pytest.mark.parametrize("encode", [str, str.encode], ids=["text", "base64"])
@pytest.mark.parametrize(("letter", "width"), [("x", 1), ("ü", 2)])
def test_the_limit_is_in_bytes_of_what_was_sent(encode: Any, letter: str, width: int) -> None:
    around = len('{"text": ""}')
    fits = encode('{"text": "' + letter * ((MOST - around) // width) + '"}')
    over = encode('{"text": "' + letter * ((MOST - around) // width + 4) + '"}')
    assert shop.post("/v1/echo", fits).status == 200
    assert_problem(shop.post("/v1/echo", over), 413)


def test_a_base64_body_is_read() -> None:
    assert shop.post("/v1/echo", '{"text": "grüß"}'.encode()).json()["text"] == "grüß"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", "", "application/json"],
)
def test_a_body_is_json_whatever_its_type_says(content_type: str) -> None:
    reply = shop.call("POST", "/v1/echo", {"text": "beacon"}, headers={"content-type": content_type})
    assert (reply.status, reply.json()["text"]) == (200, "beacon")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "line 1 column 2"),
        ('{"text": NaN}', "NaN is not JSON"),
        ('{"text": -Infinity}', "Infinity is not JSON"),
        ("not json", "line 1 column 1"),
        ('{"n": ' + "1" * 900 * 5 + "}", "4300 digits"),
        ("[" * 90_000, "recursion"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_body_that_is_no_json_is_named(body: str | bytes, said: str) -> None:
    large = Gateway(Edge(app, authenticator, 100_000), SECRET)
    assert said in assert_problem(large.post("/v1/echo", body), 400)["detail"]


def test_a_body_said_to_be_base64_that_is_not_is_named() -> None:
    def broken(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return edge(event | {"isBase64Encoded": True, "body": "*"}, context)

    assert_problem(Gateway(broken, SECRET).post("/v1/echo", "x"), 400)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (None, "body"),
        ("", "body"),
        ("[]", "body"),
        ('"text"', "body"),
        ("null", "body"),
        ("{}", "text"),
        ('{"text": 1}', "text"),
        ('{"text": "x", "n": "many"}', "n"),
    ],
)
def test_a_bad_field_is_named(body: str | None, field: str) -> None:
    problem = assert_problem(shop.call("POST", "/v1/echo", body), 400)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert all(error["message"] for error in problem["errors"])


def test_a_bad_parameter_is_named() -> None:
    problem = assert_problem(shop.get("/v1/echo/x?n=0"), 400)
    assert [error["field"] for error in problem["errors"]] == ["query.n"]


@pytest.mark.parametrize("name", ["a/b", "ü", "a b", "%", "%2F", "💡", 'a"b', "a\nb", "\\", "events", "a\n"])
def test_a_path_parameter_is_whatever_the_gateway_decoded(name: str) -> None:
    assert at(f"/v1/echo/{name}").json()["text"] == name


@pytest.mark.parametrize(("name", "status"), [("missing", 404), ("conflict", 409), ("down", 503)])
def test_a_domain_error_is_a_problem(name: str, status: int) -> None:
    reply = shop.get(f"/v1/fail/{name}")
    assert assert_problem(reply, status)["detail"] == str(FAILURES[name])
    assert reply.headers.get("retry-after") == ("3" if name == "down" else None)


def test_what_nobody_expected_is_a_500_that_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    reply = shop.get("/v1/fail/broken")
    assert_problem(reply, 500)
    assert "hunter2" not in reply.text
    assert "RuntimeError" not in reply.text
    assert SECRET not in "".join(capsys.readouterr())


def test_one_request_knows_nothing_of_the_one_before() -> None:
    for before in ("/v1/server", "/v1/fail/broken", "/v1/fail/missing", "/v1/nowhere"):
        shop.get(before)
        assert_problem(Gateway(edge).get("/v1/caller"), 401)
        assert Gateway(edge, PUBLISHABLE).get("/v1/caller").json()["text"] == "pk"


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v1/echo", "/v1/public/", "/v1/caller\n"])
def test_a_path_without_a_route_is_a_problem(path: str) -> None:
    assert_problem(at(path), 404)


@pytest.mark.parametrize("path", ["/nothing", "/v1/caller", "/v1/server", "/v1/public"])
@pytest.mark.parametrize("key", [None, SECRET, "malformed"], ids=["none", "secret", "malformed"])
def test_what_the_gateway_has_no_route_for_is_a_404_even_where_the_path_looks_like_one_of_ours(
    path: str, key: str | None
) -> None:
    reply = Gateway(edge, key).call("GET", path, route="$default")
    assert f"GET {path}" in assert_problem(reply, 404)["detail"]


def test_keys() -> None:
    assert_problem(Gateway(edge).get("/v1/caller"), 401)
    assert_problem(Gateway(edge, "malformed").get("/v1/caller"), 401)
    assert_problem(Gateway(edge, new_key(KeyKind.SECRET)).get("/v1/caller"), 401)
    assert_problem(Gateway(edge, PUBLISHABLE).get("/v1/server"), 403)
    assert Gateway(edge, PUBLISHABLE).get("/v1/caller").json()["text"] == "pk"
    assert shop.get("/v1/server").json()["text"] == "sk"
    assert Gateway(edge).get("/v1/public").json()["text"] == "public"


@pytest.mark.parametrize(
    "header",
    ["Basic " + base64.b64encode(f"{SECRET}:".encode()).decode(), f"bearer {SECRET}"],
    ids=["basic", "bearer"],
)
def test_segments_libraries_authenticate_with_basic(header: str) -> None:
    reply = Gateway(edge).call("GET", "/v1/server", headers={"authorization": header})
    assert reply.status == 200


def test_a_call_without_headers_is_one_without_a_key() -> None:
    def bare(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return edge({name: value for name, value in event.items() if name != "headers"}, context)

    assert_problem(Gateway(bare).get("/v1/caller"), 401)
    assert Gateway(bare).get("/v1/public").status == 200


def test_a_problem_is_json_to_the_letter() -> None:
    reply = shop.get('/v1/"odd"\n')
    assert json.loads(reply.text)["status"] == 404


def test_a_request_that_finds_no_memory_may_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAILURES, "full", MemoryError())
    reply = shop.get("/v1/fail/full")
    assert (reply.status, reply.headers["retry-after"]) == (503, "2")


@pytest.mark.parametrize(("minutes", "status"), [(-20, 503), (-10, 200), (0, 200), (10, 200), (20, 503)])
def test_a_clock_far_from_the_gateways_judges_nothing(minutes: int, status: int) -> None:
    """But for what is public, which no clock is needed for; and where the gateway tells no time, ours is believed."""
    at = int((datetime.now(UTC) + timedelta(minutes=minutes)).timestamp() * 1000)
    for route, expected in (("/v1/caller", status), ("/v1/public", 200)):
        event = http_event("GET", route, None, SECRET, "", {})
        event["requestContext"]["timeEpoch"] = at
        assert edge(event, Context())["statusCode"] == expected


def test_the_time_that_a_request_has_is_told() -> None:
    told: list[float] = []
    hurried = Edge(app, authenticator, MOST, within=told.append)
    assert hurried(http_event("GET", "/v1/caller", None, SECRET, "", {}), Context())["statusCode"] == 200
    assert told == [Context().get_remaining_time_in_millis() / 1000]
