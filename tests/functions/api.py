"""The whole API in process: the template's routes in front of the functions' own handlers, and the stream behind them.

The gateway decodes the path before it hands it on, as an HTTP API does, and gives what has no route to `$default`.
"""

import importlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from infra.template import Route, Template
from shared.inference.understanding import Analysts
from shared.stores import clients
from tests.conftest import TABLE, Keys
from tests.functions.feedback.fakes import FakeModel
from tests.gateway import Gateway, Handler

TEMPLATE = Template.load()


def app(name: str) -> Any:
    """A function's app module, which remembers nothing of another test."""
    module = importlib.import_module(f"functions.{name}.app")
    for each in vars(module).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()
    return module


class Api:
    """The functions with routes; `browser` has a publishable key, `server` a secret one."""

    def __init__(self, keys: Keys) -> None:
        names = [name for name in TEMPLATE.functions() if TEMPLATE.routes(name)]
        self.apps = {name: app(name) for name in names}
        self.model = FakeModel()
        analysts = Analysts(lambda _: self.model)
        self.apps["feedback"].analysts = lambda: analysts
        self.keys = keys
        self.browser = self.caller(keys.publishable)
        self.server = self.caller(keys.secret)

    def caller(self, key: str | None) -> Gateway:
        return Gateway(self.route, key)

    def route(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        name, route = self._find(event["requestContext"]["http"]["method"], event["rawPath"])
        key = f"{route.method} {route.path}".strip()
        request = event["requestContext"] | {"routeKey": key}
        handler: Handler = self.apps[name].handler
        decoded = {"routeKey": key, "rawPath": unquote(event["rawPath"]), "requestContext": request}
        return handler(event | decoded, context)

    def _find(self, method: str, path: str) -> tuple[str, Route]:
        """A route without parameters before one with them, and `$default` last."""
        routes = [(name, route) for name in self.apps for route in TEMPLATE.routes(name)]
        for name, route in sorted(routes, key=lambda each: (each[1].path == "$default", "{" in each[1].path)):
            pattern = re.sub(r"{\w+}", "[^/]+", route.path)
            if route.path == "$default" or (method == route.method and re.fullmatch(pattern, path)):
                return name, route
        raise LookupError(path)


class Stream:
    """The table's stream to one function: what was written since the last look, through the template's own filter."""

    def __init__(self, function: str) -> None:
        (properties,) = (
            event["Properties"]
            for event in TEMPLATE.functions()[function]["Events"].values()
            if event["Type"] == "DynamoDB"
        )
        self._patterns = [json.loads(each["Pattern"]) for each in properties["FilterCriteria"]["Filters"]]
        self._seen: dict[str, Any] = {}

    def new(self) -> list[dict[str, Any]]:
        """The records since the last call."""
        return self.filtered(self._changes())

    def filtered(self, records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of these records that the function is given."""
        return [record for record in records if any(_matches(each, record) for each in self._patterns)]

    def _changes(self) -> Iterator[dict[str, Any]]:
        pages = clients.dynamodb().get_paginator("scan").paginate(TableName=TABLE)
        for item in (each for page in pages for each in page["Items"]):
            key = json.dumps([item["pk"], item["sk"]])
            if self._seen.get(key) != item:
                kind = "MODIFY" if key in self._seen else "INSERT"
                self._seen[key] = item
                keys = {"pk": item["pk"], "sk": item["sk"]}
                number = str(len(self._seen) * 10**18)
                yield {
                    "eventName": kind,
                    "dynamodb": {"Keys": keys, "NewImage": item, "SequenceNumber": number},
                }


def _matches(pattern: Any, value: Any) -> bool:
    """Lambda's event filtering, as far as the template uses it."""
    if isinstance(pattern, Mapping):
        inner = value if isinstance(value, Mapping) else {}
        return all(_matches(each, inner.get(name)) for name, each in pattern.items())
    return any(_rule(rule, value) for rule in pattern)


def _rule(rule: Any, value: Any) -> bool:
    match rule:
        case {"prefix": prefix}:
            return isinstance(value, str) and value.startswith(prefix)
        case {"exists": bool(exists)}:
            return (value is not None) == exists
        case str():
            return bool(rule == value)
    raise TypeError(f"no rule of ours: {rule}")
