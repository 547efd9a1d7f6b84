"""The HTTPS edge that every function with routes shares: bounds, keys, validation, problem replies."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, NoReturn

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoRouteError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse, OpenAPIResponseContentModel
from pydantic import BaseModel

from shared.domain.errors import DomainError, FieldError, InvalidInputError, NotFoundError, StoreUnavailableError
from shared.telemetry.log import logger
from shared.web.auth import Authenticator, key_in, key_of
from shared.web.bodies import check_size, raw, with_bytes, with_text
from shared.web.problems import problem, problem_of

Reply = dict[str, Any]
Check = Callable[[Mapping[str, str], bytes], None]
"""Raises a `DomainError` unless the sender signed the body, byte for byte as it came, in one of the headers."""
CLOCKS_APART = timedelta(minutes=15)
"""AWS refuses what is signed by a clock that is further off, or sooner."""


class Resolver(APIGatewayHttpResolver):
    """Lets a path parameter be any id: the gateway decodes the path, so that even a slash may stand in one."""

    @staticmethod
    def _compile_regex(rule: str, base_regex: str = r"^{}\Z") -> re.Pattern[str]:
        return re.compile(base_regex.format(re.sub(r"<(\w+)>", r"(?P<\1>.+)", rule)), re.DOTALL)


def new_app() -> APIGatewayHttpResolver:
    """A resolver that validates by type and answers every failure as a problem."""
    app = Resolver(enable_validation=True, strip_prefixes=[], json_body_deserializer=_json)

    def domain_error(error: DomainError) -> Response[str]:
        return problem_of(error, request_id(app))

    def invalid(error: RequestValidationError) -> Response[str]:
        return problem_of(_invalid_input(error), request_id(app))

    def no_route(_: NoRouteError) -> Response[str]:
        detail = f"There is no {app.current_event.http_method} {app.current_event.path}."
        return problem(HTTPStatus.NOT_FOUND, detail, request_id(app))

    app.exception_handler(DomainError)(domain_error)
    app.exception_handler(RequestValidationError)(invalid)
    app.not_found(no_route)
    return app


class Edge:
    """Serves one function's routes. The body is bounded and the key is checked before anything is parsed.

    `public` are the paths that need no key, `larger` those with a limit of their own, both as the routes have them.
    With `key_in_body`, a request without an Authorization header may carry its key as `writeKey`, as a beacon must.
    `signed` are the paths whose requests carry no key and are signed instead. `within` is told the seconds that Lambda
    gives each request.
    """

    def __init__(  # noqa: PLR0913 - all that differs between functions
        self,
        app: APIGatewayHttpResolver,
        authenticator: Callable[[], Authenticator],
        max_body_bytes: int,
        public: frozenset[str] = frozenset(),
        *,
        larger: Mapping[str, int] | None = None,
        key_in_body: bool = False,
        signed: Mapping[str, Check] | None = None,
        within: Callable[[float], None] | None = None,
    ) -> None:
        self._app = app
        self._authenticator = authenticator
        self._max_body_bytes = max_body_bytes
        self._public = public
        self._larger = larger or {}
        self._key_in_body = key_in_body
        self._signed = signed or {}
        self._within = within

    def __call__(self, event: dict[str, Any], context: Any) -> Reply:
        """The reply to an HTTP API event (payload format 2.0)."""
        if self._within:
            self._within(context.get_remaining_time_in_millis() / 1000)
        reply = self._reply(event, context)
        _note(event, reply["statusCode"])
        return reply

    def _reply(self, event: dict[str, Any], context: Any) -> Reply:
        try:
            return self._app.resolve(self._admitted(event), context)
        except DomainError as error:
            return _as_reply(problem_of(error, _request_id(event)))
        except MemoryError:
            logger.exception("out of memory")
            return _as_reply(problem_of(StoreUnavailableError("There is no memory left here."), _request_id(event)))
        except Exception:
            logger.exception("unhandled")
            detail = "Something failed on our side; the request may be repeated."
            return _as_reply(problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, _request_id(event)))

    def _admitted(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event with its body as text, once its size and its key have passed."""
        route = event["requestContext"].get("routeKey") or event["routeKey"]
        if route == "$default":
            # The path may still look like one of ours: decoding comes after the gateway has chosen the route.
            raise NotFoundError(f"There is no {event['requestContext']['http']['method']} {event['rawPath']}.")
        path = route.partition(" ")[2]
        most_bytes = self._larger.get(path, self._max_body_bytes)
        check_size(event, most_bytes)
        if path in self._public:
            return with_text(event, most_bytes)
        _check_clock(event)
        headers = event.get("headers") or {}
        if path in self._signed:
            body = raw(event)
            self._signed[path](headers, body)
            return with_bytes(event, body)
        if headers.get("authorization") or not self._key_in_body:
            self._app.context["caller"] = self._authenticator().caller(key_of(headers.get("authorization", "")))
            return with_text(event, most_bytes)
        readable = with_text(event, most_bytes)
        self._app.context["caller"] = self._authenticator().caller(key_in(readable["body"]))
        return readable


def accepted(told: type[BaseModel]) -> dict[int, OpenAPIResponse]:
    """The reply to what is carried out later, for the API's description."""
    content: OpenAPIResponseContentModel = {"model": told}
    return {202: {"description": "It will be carried out.", "content": {"application/json": content}}}


def request_id(app: APIGatewayHttpResolver) -> str:
    """The gateway's id of the request that is being answered."""
    return _request_id(app.current_event.raw_event)


def now() -> datetime:
    """The current time, UTC."""
    return datetime.now(UTC)


def _json(text: str) -> Any:
    """The body as RFC 8259 has it, without what only Python's reader takes (NaN) and what it cannot hold."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"The body is not JSON that can be read: {error}.") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _invalid_input(error: RequestValidationError) -> InvalidInputError:
    named = [FieldError(_field(each["loc"]), each["msg"]) for each in error.errors()]
    return InvalidInputError("The request is not valid.", named)


def _field(location: tuple[Any, ...]) -> str:
    """`('body', 'items', 0, 'title')` as `items.0.title`; what stands outside the body keeps its place's name."""
    parts = [str(part) for part in location]
    return ".".join(parts[1:] if parts[0] == "body" and len(parts) > 1 else parts)


def _check_clock(event: dict[str, Any]) -> None:
    """Raises where this machine's clock is far from the gateway's: it would misjudge every time that it is told."""
    sent = event["requestContext"].get("timeEpoch")
    if sent and abs(now() - datetime.fromtimestamp(sent / 1000, UTC)) > CLOCKS_APART:
        raise StoreUnavailableError("The clock here is wrong.")


def _request_id(event: dict[str, Any]) -> str:
    return str(event["requestContext"].get("requestId", "unknown"))


def _note(event: dict[str, Any], status: int) -> None:
    """A line for what was refused or failed, so that the `instance` of a problem leads somewhere. A path may name a
    shopper, so the route stands for it."""
    if status >= HTTPStatus.BAD_REQUEST:
        level = logger.error if status >= HTTPStatus.INTERNAL_SERVER_ERROR else logger.warning
        route = event["requestContext"].get("routeKey") or event["routeKey"]
        level("answered", extra={"route": route, "status": status})


def _as_reply(response: Response[str]) -> Reply:
    headers = {"Content-Type": response.headers["Content-Type"], **response.headers}
    return {"statusCode": response.status_code, "headers": headers, "body": response.body, "isBase64Encoded": False}
