"""An account with something to meter and to stop: moto, and a gateway's stage, whose update moto does not know."""

import copy
import json
from typing import Any

from shared.stores import clients
from tests.conftest import BUCKET, TABLE

API_ID = "api1"
FUNCTIONS = {"ingest": ["regulars-ingest", 512, "arm64"], "archive": ["regulars-archive", 512, "arm64"]}
FUNCTIONS |= {"recommend": ["regulars-recommend", 1024, "x86_64"]}
SCHEDULES = ["regulars-training", "regulars-compaction"]
ROLE = "arn:aws:iam::123456789012:role/runs-schedules"
TARGET = "arn:aws:lambda:us-east-1:123456789012:function:"
OPEN = {"ThrottlingRateLimit": 100.0, "ThrottlingBurstLimit": 200, "DetailedMetricsEnabled": True}


class Stage:
    """The part of API Gateway that the brake uses, with what it was told."""

    def __init__(self) -> None:
        self.default: dict[str, Any] = dict(OPEN)
        self.routes: dict[str, Any] = {}
        self.updates: list[dict[str, Any]] = []

    def get_stage(self, **asked: Any) -> dict[str, Any]:
        assert asked == {"ApiId": API_ID, "StageName": "$default"}
        return copy.deepcopy({"DefaultRouteSettings": self.default, "RouteSettings": self.routes})

    def update_stage(self, **update: Any) -> None:
        assert (update["ApiId"], update["StageName"]) == (API_ID, "$default")
        self.updates.append(update)
        self.default = update["DefaultRouteSettings"]
        self.routes = update.get("RouteSettings", self.routes)


def environment(topic: str, budget: float) -> dict[str, str]:
    return {
        "TABLE_NAME": TABLE,
        "BUCKET_NAME": BUCKET,
        "API_ID": API_ID,
        "TOPIC_ARN": topic,
        "FUNCTIONS": json.dumps(FUNCTIONS),
        "LOGS": "/regulars",
        "QUEUES": json.dumps(["privacy-jobs"]),
        "SCHEDULES": json.dumps(SCHEDULES),
        "TRAINING_STATE": "ENABLED",
        "MONTHLY_BUDGET": str(budget),
    }


def make_schedules() -> None:
    for name in SCHEDULES:
        clients.scheduler().create_schedule(
            Name=name,
            ScheduleExpression="cron(0 3 * * ? *)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": TARGET + name, "RoleArn": ROLE, "Input": json.dumps({"a": 1})},
            State="ENABLED",
        )


def states() -> dict[str, str]:
    return {name: clients.scheduler().get_schedule(Name=name)["State"] for name in SCHEDULES}
