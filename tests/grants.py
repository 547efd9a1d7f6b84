"""What the functions ask of AWS, held against what the template grants them: no emulator checks that.

Every call of the table, the bucket, the queues and the secrets that a handler makes in any test is looked at, in
whichever thread; one that would be refused fails the test.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from threading import current_thread, get_ident
from typing import Any, NamedTuple

from infra.template import Template
from shared.stores import clients
from shared.telemetry import log

QUEUES = {"privacy-jobs": "PrivacyJobs", "feedback": "FeedbackQueue"}
"""What the tests call the template's queues."""
S3_ACTIONS = {"HeadObject": "GetObject", "ListObjectsV2": "ListBucket", "DeleteObjects": "DeleteObject"}
_FIRST_VALUE = re.compile(r":\w+")


class Ask(NamedTuple):
    """What IAM is asked: an action on a resource, as the template names it; of the table, with its partition."""

    action: str
    resource: str
    partition: str = ""


class Grant(NamedTuple):
    """Patterns of actions, resources and partitions that one statement allows."""

    actions: list[str]
    resources: list[str]
    partitions: list[str]

    def allows(self, ask: Ask) -> bool:
        return (
            ask.action in self.actions
            and any(fnmatchcase(ask.resource, each) for each in self.resources)
            and any(fnmatchcase(ask.partition, each) for each in self.partitions)
        )


@cache
def grants(function: str) -> list[Grant]:
    """What the template's own statements allow a function."""
    found = []
    for policy in Template.load().functions()[function]["Policies"]:
        for statement in policy["Statement"]:
            (condition,) = statement.get("Condition", {"": {}}).values()
            keys = condition.get("dynamodb:LeadingKeys", ["*"])
            found.append(Grant(_listed(statement["Action"]), [*map(_name, _listed(statement["Resource"]))], keys))
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _name(resource: Any) -> str:
    """A resource by its logical id, and what of it: `Table/index/newest`, `Bucket/models/*`."""
    ((how, text),) = resource.items() if isinstance(resource, dict) else [("", resource)]
    if how == "Fn::If":
        return _name(text[1])
    return re.sub(r"\$\{(\w+)\.Arn\}|(\w+)\.Arn$", r"\1\2", str(text)).removeprefix(
        "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:"
    )


def asks(service: str, operation: str, params: Mapping[str, Any]) -> Iterator[Ask]:
    """What IAM would ask of a call; nothing of services whose resources tests name freely."""
    if service == "dynamodb":
        yield from (Ask(f"dynamodb:{action}", *where) for action, *where in _of_table(operation, params))
    elif service == "s3":
        action = f"s3:{S3_ACTIONS.get(operation, operation)}"
        keys = [each["Key"] for each in params.get("Delete", {}).get("Objects", [])] or [params.get("Key")]
        yield from (Ask(action, f"Bucket/{key}" if key else "Bucket") for key in keys)
    elif service == "ssm":
        yield Ask(f"ssm:{operation}", "parameter/${AWS::StackName}/" + params["Name"].rpartition("/")[2])
    elif service == "sqs":
        queue = params["QueueUrl"].rpartition("/")[2]
        yield Ask(f"sqs:{operation.removesuffix('Batch')}", QUEUES.get(queue, queue))


def _of_table(operation: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if operation == "TransactWriteItems":
        for each in params["TransactItems"]:
            for kind, write in each.items():
                yield f"{kind}Item", "Table", _partition(write)
    elif operation == "TransactGetItems":
        yield from (("GetItem", "Table", _partition(each["Get"])) for each in params["TransactItems"])
    elif operation == "BatchGetItem":
        yield from ((operation, "Table", _partition({"Key": key})) for key in _every(params, "Keys"))
    elif operation == "BatchWriteItem":
        for requests in params["RequestItems"].values():
            yield from ((operation, "Table", _partition(next(iter(each.values())))) for each in requests)
    elif operation == "Query":
        (value, *_) = _FIRST_VALUE.findall(params["KeyConditionExpression"])
        index = params.get("IndexName")
        yield operation, f"Table/index/{index}" if index else "Table", params["ExpressionAttributeValues"][value]["S"]
    elif "Key" in params or "Item" in params:
        yield operation, "Table", _partition(params)
    else:
        yield operation, "Table", ""


def _every(params: Mapping[str, Any], what: str) -> Iterator[Any]:
    return (each for table in params["RequestItems"].values() for each in table[what])


def _partition(of: Mapping[str, Any]) -> str:
    found: str = of.get("Item", of.get("Key"))["pk"]["S"]
    return found


class Watch:
    """Which handlers run, and what they asked for: `refused` holds what the template does not grant."""

    def __init__(self) -> None:
        self.running: list[tuple[int, str]] = []
        """Each with its thread."""
        self.refused: set[tuple[str, Ask]] = set()

    def observed(self, real: Callable[[str], Any]) -> Callable[[str], Any]:
        """The decorator of handlers, which then says when one runs."""

        def observed(function: str) -> Any:
            def observe(handler: Any) -> Any:
                inner = real(function)(handler)

                def handle(event: Any, context: Any) -> Any:
                    mine = (get_ident(), function)
                    self.running.append(mine)
                    try:
                        return inner(event, context)
                    finally:
                        self.running.remove(mine)

                return handle

            return observe

        return observed

    def client(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """The maker of clients, whose calls are then looked at."""

        def make(service: str, config: Any) -> Any:
            client = real(service, config)
            client.meta.events.register(
                f"provide-client-params.{service}.*", lambda params, model, **_: self.see(service, model.name, params)
            )
            return client

        return make

    def see(self, service: str, operation: str, params: Mapping[str, Any]) -> None:
        """A thread of a pool does not say whose it is: where several functions run, one that may is enough."""
        of_pool = current_thread().name.startswith("ThreadPool")
        running = {name for thread, name in self.running if of_pool or thread == get_ident()}
        if running := running & Template.load().functions().keys():
            refused = (ask for ask in asks(service, operation, params) if not may_any(running, ask))
            self.refused |= {(" or ".join(sorted(running)), ask) for ask in refused}


def may_any(functions: Iterable[str], ask: Ask) -> bool:
    """Whether the template lets one of these do it."""
    return any(grant.allows(ask) for function in functions for grant in grants(function))


WATCH = Watch()


def watch() -> None:
    """From now on; before any function's module is imported."""
    log.observed = WATCH.observed(log.observed)  # type: ignore[assignment]
    clients._client = WATCH.client(clients._client)
