"""What one cold start does, in a fresh interpreter that has only an artefact: run by `bench_cold`, as a script.

Prints, as JSON, the milliseconds of CPU at which it had imported and at which it was done, what it answered, and, where
it is asked to, what each import took of them.
"""

import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WARM_CALLS = 60


class Context:
    """What Lambda tells a handler about itself."""

    function_name = "start"
    memory_limit_in_mb = "3008"
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:start"
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


def light() -> tuple[float, Any]:
    """The floor of a light function: boto3, one client of DynamoDB, and an answer."""
    import boto3  # noqa: PLC0415

    imported = time.process_time()
    boto3.client("dynamodb")
    return imported, {"statusCode": 200}


def heavy(graph: str) -> tuple[float, Any]:
    """The floor of `recommend`: numpy, onnxruntime, and the model's graph opened."""
    import numpy  # noqa: F401, PLC0415
    import onnxruntime  # noqa: PLC0415

    imported = time.process_time()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return imported, {"statusCode": 200}


def libraries(graph: str) -> tuple[float, Any]:
    """That floor, and what else any function needs that is written with these libraries: three clients, a resolver."""
    import botocore.session  # noqa: PLC0415
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Depends  # noqa: F401, PLC0415
    from pydantic import BaseModel  # noqa: F401, PLC0415

    imported, answer = heavy(graph)
    session: Any = botocore.session.get_session()
    for service in ("dynamodb", "s3", "ssm"):
        session.create_client(service)
    return imported, answer


def whole(handler: str, event: str) -> tuple[float, Any]:
    """The function, up to its first answer."""
    return _answered(handler, Path(event).read_text())


def fresh(handler: str, event: str) -> tuple[float, Any]:
    """The same on feedback that was never there: what is known already is not judged again."""
    return _answered(handler, Path(event).read_text().replace("event-", f"event-{time.time_ns()}-"))


def _answered(handler: str, event: str) -> tuple[float, Any]:
    module, _, name = handler.rpartition(".")
    function = getattr(importlib.import_module(module), name)
    imported = time.process_time()
    return imported, function(json.loads(event), Context())


def numbers() -> tuple[float, Any]:
    """The floor of `themes`: numpy, and what of scipy finds groups and tells chance from more."""
    import numpy  # noqa: F401, PLC0415
    import scipy.cluster.hierarchy  # noqa: PLC0415
    import scipy.optimize  # noqa: PLC0415
    import scipy.special  # noqa: F401, PLC0415

    return time.process_time(), {"statusCode": 200}


def warm(handler: str, event: str) -> tuple[float, Any]:
    """The function's later calls: what the median one takes, in milliseconds of CPU, stands beside its answer."""
    imported, answer = whole(handler, event)
    module, _, name = handler.rpartition(".")
    function, asked, taken = getattr(sys.modules[module], name), Path(event).read_text(), list[float]()
    for _ in range(WARM_CALLS):
        began = time.process_time()
        function(json.loads(asked), Context())
        taken.append(time.process_time() - began)
    return imported, answer | {"warm_ms": statistics.median(taken) * 1e3}


WAYS: dict[str, Callable[..., tuple[float, Any]]] = {
    "light": light,
    "heavy": heavy,
    "libraries": libraries,
    "numbers": numbers,
    "whole": whole,
    "fresh": fresh,
    "warm": warm,
}


def _peak_mb() -> float:
    """By the kernel's own count of this program: that of `getrusage` begins with what started it."""
    (line,) = (each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


def main() -> None:
    way, path, timed, *arguments = sys.argv[1:]
    imports = None
    if timed:
        sys.path.insert(0, str(Path(__file__).parent))
        imports = importlib.import_module("imports").Imports()
        imports.install()
    sys.path.insert(0, path)
    imported, answer = WAYS[way](*arguments)
    done = time.process_time()
    told = {
        "peak_mb": _peak_mb(),
        "imported": imported * 1e3,
        "done": done * 1e3,
        "answer": answer,
        "own": imports.own if imports else {},
    }
    print(json.dumps(told, default=str), flush=True)
    os._exit(0)  # what the interpreter's end costs is nobody's cold start


if __name__ == "__main__":
    main()
