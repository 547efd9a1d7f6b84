"""`regulars status`: one screen of how a deployment stands, each line with what to do where something is wrong.

It only reads. What cannot be read (a permission, a figure that CloudWatch does not have yet) is said to be unknown, and
the rest is told all the same.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from infra.cli import letters
from infra.cli.deployment import Deployment, NoDeploymentError
from infra.cli.findings import Finding, fail, ok, unknown, warn
from infra.cli.models import card_of
from infra.cli.nights import STALE, nights, span
from shared.domain.budget import MEANS, NO_BUDGET, Level
from shared.domain.errors import DomainError

LATEST = timedelta(minutes=15)
BEHIND_SECONDS = 1800.0
"""As the alarm on the stream's readers has it."""
SLOW_SECONDS = 5.0
UNREADABLE = (BotoCoreError, ClientError, DomainError, httpx.HTTPError, NoDeploymentError)

Look = Callable[[Deployment], Iterator[Finding]]


def status(deployment: Deployment, key: str | None = None) -> Iterator[Finding]:
    """How everything stands, line by line."""
    looks: dict[str, Look] = {
        "api": _api,
        "surfaces": lambda found: _surfaces(found, key),
        "model": _model,
        "stream": _stream,
        "set aside": _poison,
        "queues": _queues,
        "alarms": _alarms,
        "nightly": lambda found: nights(found, datetime.now(UTC)),
        "budget": _budget,
    }
    for name, look in looks.items():
        try:
            yield from look(deployment)
        except UNREADABLE as error:
            yield unknown(name, f"could not be read: {_first_line(error)}")


def _api(deployment: Deployment) -> Iterator[Finding]:
    url, started = deployment.access.api_url, time.monotonic()
    try:
        with deployment.anybody() as api:
            reply = api.get("/v1/openapi.json")
    except httpx.HTTPError as error:
        how = "regulars local start" if deployment.is_local else "regulars logs catalogue --since 15m --level ERROR"
        yield fail("api", f"{url} does not answer: {_first_line(error)}", how)
        return
    seconds = time.monotonic() - started
    if reply.is_error:
        refused = reply.status_code == httpx.codes.TOO_MANY_REQUESTS
        mend = "regulars budget show" if refused else "regulars logs --level ERROR"
        yield fail("api", f"{url} answers {reply.status_code}", mend)
    elif seconds > SLOW_SECONDS:
        yield warn("api", f"{url} took {seconds:.1f} s to answer", "regulars logs catalogue --since 15m")
    else:
        yield ok("api", f"{url} answers in {seconds * 1000:.0f} ms")


def _surfaces(deployment: Deployment, key: str | None) -> Iterator[Finding]:
    """What serves each surface, as the API says it."""
    if not (key or deployment.access.secret_key):
        yield unknown("surfaces", "what serves them is told to a secret key only", "regulars status --key sk_...")
        return
    with deployment.api(key) as api:
        reply = api.get("/v1/readiness")
    if reply.is_error:
        mend = "regulars logs recommend --level WARNING"
        yield fail("surfaces", f"GET /v1/readiness answers {reply.status_code}", mend)
        return
    told = reply.json()
    for serves in dict.fromkeys(each["serves"] for each in told["surfaces"]):
        names = ", ".join(each["surface"] for each in told["surfaces"] if each["serves"] == serves)
        line = warn if serves == "nothing" else ok
        yield line("surfaces", f"by {serves}: {names}")


def _model(deployment: Deployment) -> Iterator[Finding]:
    champion = deployment.models.champion()
    if champion is None:
        yield warn("model", "there is none yet: lists are what is popular or new", "regulars train")
        return
    card = card_of(deployment.models, champion)
    age = datetime.now(UTC) - card.created
    says = f"{champion}, {span(age)} old"
    yield warn("model", says, "regulars train") if age > STALE and not deployment.is_local else ok("model", says)


def _stream(deployment: Deployment) -> Iterator[Finding]:
    for consumer, function in deployment.access.stream_functions.items():
        name = f"stream, {consumer}"
        mappings = deployment.functions.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
        if any(each.get("State") not in {"Enabled", "Enabling", "Updating"} for each in mappings) or not mappings:
            states = ", ".join(str(each.get("State")) for each in mappings) or "missing"
            yield fail(name, f"the function is not fed: its event source is {states}", "make deploy")
            continue
        behind = _behind(deployment, function)
        if behind is None:
            yield ok(name, "is fed; no figure of the last 15 minutes of how far behind it is")
        elif behind > BEHIND_SECONDS:
            yield fail(name, f"{span(timedelta(seconds=behind))} behind", f"regulars logs {consumer} --level WARNING")
        else:
            yield ok(name, f"{behind:.0f} s behind")


def _behind(deployment: Deployment, function: str) -> float | None:
    """How many seconds the function was behind the table at most, in the last minutes."""
    now = datetime.now(UTC)
    points = deployment.cloudwatch.get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="IteratorAge",
        Dimensions=[{"Name": "FunctionName", "Value": function}],
        StartTime=now - LATEST,
        EndTime=now,
        Period=300,
        Statistics=["Maximum"],
    )["Datapoints"]
    return max(point["Maximum"] for point in points) / 1000 if points else None


def _poison(deployment: Deployment) -> Iterator[Finding]:
    count = sum(1 for _ in deployment.poison.all())
    yield (
        fail("set aside", f"{count:,} records of the stream", "regulars redrive") if count else ok("set aside", "none")
    )


def _queues(deployment: Deployment) -> Iterator[Finding]:
    for name, url in deployment.access.queues.items():
        count = letters.depth(deployment, url)
        if name.endswith("failures"):
            yield fail(name, f"{count:,} dead letters", "regulars redrive") if count else ok(name, "none")
        else:
            yield ok(name, f"{count:,} waiting")


def _alarms(deployment: Deployment) -> Iterator[Finding]:
    prefix = f"{deployment.access.stack}-"
    pages = deployment.cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
    alarms: list[Any] = [alarm for page in pages for alarm in page.get("MetricAlarms", [])]
    ringing = [alarm for alarm in alarms if alarm["StateValue"] == "ALARM"]
    for alarm in ringing:
        name = alarm["AlarmName"].removeprefix(prefix)
        yield fail("alarm", f"{name}: {alarm.get('AlarmDescription', '')}", "infra/runbook.md has its section")
    if not ringing:
        yield ok("alarms", f"none of {len(alarms)} rings")


def _budget(deployment: Deployment) -> Iterator[Finding]:
    standing = deployment.budgets.standing()
    if standing is None or standing.budget <= NO_BUDGET:
        yield ok("budget", "none: nothing is priced, and nothing switched off")
        return
    says = f"about ${standing.spent:.2f} of ${standing.budget:.2f} in {standing.month}. {MEANS[standing.level]}"
    if standing.level is Level.NORMAL:
        yield ok("budget", says)
    elif standing.level.saves:
        yield fail("budget", says, "regulars budget lift")
    else:
        yield warn("budget", says, "regulars budget set AMOUNT")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
