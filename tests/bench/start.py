"""What one cold start does, in a fresh interpreter that has only an artefact: run by `bench_cold`, as a script.

Prints, as JSON, the milliseconds of CPU at which it had imported and at which it was done.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any


class Context:
    """What Lambda tells a handler about itself."""

    function_name = "start"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:start"
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def floor(graph: str) -> float:
    """numpy, onnxruntime, and the model's graph opened."""
    import numpy  # noqa: F401, PLC0415
    import onnxruntime  # noqa: PLC0415

    imported = time.process_time()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return imported


def libraries(graph: str) -> float:
    """The floor, and what else any function needs that is written with these libraries: three clients, a resolver."""
    import botocore.session  # noqa: PLC0415
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Depends  # noqa: F401, PLC0415
    from pydantic import BaseModel  # noqa: F401, PLC0415

    imported = floor(graph)
    session: Any = botocore.session.get_session()
    for service in ("dynamodb", "s3", "ssm"):
        session.create_client(service)
    return imported


def whole(request: str) -> float:
    """The function, up to its first reply."""
    from functions.recommend.app import handler  # noqa: PLC0415

    imported = time.process_time()
    reply = handler(json.loads(Path(request).read_text()), Context())
    assert json.loads(reply["body"])["served_by"] == "model", reply
    return imported


def main() -> None:
    way, artefact, argument = sys.argv[1:]
    sys.path.insert(0, artefact)
    imported = {"floor": floor, "libraries": libraries, "whole": whole}[way](argument)
    print(json.dumps([imported * 1e3, time.process_time() * 1e3]), flush=True)
    os._exit(0)  # what the interpreter's end costs is nobody's cold start


if __name__ == "__main__":
    main()
