"""What the answer to each event must hold; it may hold more. A body is JSON in text."""

import json
from collections.abc import Mapping
from typing import Any

PROBLEM = "application/problem+json"
IN_THE_LOG = "the function's log has where it came from."


def http(code: int, **body: Any) -> dict[str, Any]:
    return {"statusCode": code, "isBase64Encoded": False, "body": body}


def problem(code: int, **body: Any) -> dict[str, Any]:
    return http(code, status=code, **body) | {"headers": {"Content-Type": PROBLEM}}


def error(kind: str, message: str) -> dict[str, Any]:
    return {"errorType": kind, "errorMessage": message}


ANSWERS: Mapping[tuple[str, str], Any] = {
    ("archive", "smoke-stream"): {"objects": 1, "batchItemFailures": []},
    ("archive", "failure-poison"): {"objects": 1, "batchItemFailures": []},
    ("archive", "failure-redriven-again"): error("NotDoneError", "not done from 100000000000000000004 on"),
    ("catalogue", "smoke-put"): http(200, accepted=1, rejected=[]),
    ("catalogue", "smoke-get"): http(200, item_id="lamp", title="Lamp"),
    ("catalogue", "failure-not-found"): problem(404, detail="There is no item sofa."),
    ("catalogue", "failure-publishable-key"): problem(403),
    ("compact", "smoke-nightly"): {"deleted": 0, "columns": 0, "skipped": []},
    ("compact", "failure-no-bucket"): error("FailedError", f"NoSuchBucket of ListObjectsV2: {IN_THE_LOG}"),
    ("customers", "smoke-value"): http(200, orders=2),
    ("customers", "failure-no-value"): problem(404),
    ("customers", "failure-publishable-key"): problem(403),
    ("feedback", "smoke-sentiment"): http(200, results=[{"label": "positive"}, {"label": "negative"}], rejected=[]),
    ("feedback", "smoke-keep"): http(200, accepted=1, rejected=[]),
    ("feedback", "smoke-summary"): http(200, period="week"),
    ("feedback", "failure-one-of-two"): http(207, accepted=1, rejected=[{"index": 1, "field": "rating"}]),
    ("feedback", "failure-nothing-to-read"): problem(400, errors=[{"field": "texts.0"}]),
    ("feedback", "failure-publishable-key"): problem(403),
    ("fulfil", "smoke-export"): None,
    ("fulfil", "failure-unknown-job"): error("NotFoundError", "There is no such job."),
    ("fulfil", "failure-not-a-request"): error("FailedError", f"ValidationError: {IN_THE_LOG}"),
    ("ingest", "smoke-track"): http(200, accepted=1, rejected=[]),
    ("ingest", "smoke-read-back"): http(200),
    ("ingest", "failure-one-of-two"): http(207, accepted=1, rejected=[{"index": 1, "field": "event"}]),
    ("ingest", "failure-no-key"): problem(401) | {"headers": {"WWW-Authenticate": "Bearer"}},
    ("ingest", "failure-not-json"): problem(400),
    ("meter", "smoke-schedule"): {"level": "normal", "budget": 0.0},
    ("meter", "failure-no-table"): error("FailedError", f"ResourceNotFoundException of PutItem: {IN_THE_LOG}"),
    ("prices", "smoke-price"): http(200, item_id="lamp", price={"amount": "12.50", "currency": "EUR"}),
    ("prices", "smoke-set-limits"): http(200, scope="item:lamp"),
    ("prices", "failure-claim"): problem(422, reason="too_new"),
    ("prices", "failure-publishable-key"): problem(403),
    ("offers", "smoke-put"): http(200, offer_id="back", version=1),
    ("offers", "smoke-ask"): http(200, offer=None, personalised=False),
    ("offers", "failure-surcharge"): problem(400, errors=[{"field": "discount.percent.percent"}]),
    ("offers", "failure-forged-token"): problem(403),
    ("pricing", "smoke-nightly"): {"suggestions": 0, "new": 0, "autopilot": {}},
    ("pricing", "failure-no-bucket"): error("FailedError", f"NoSuchBucket of ListObjectsV2: {IN_THE_LOG}"),
    ("privacy", "smoke-consent"): http(200, standing=[{"purpose": "analytics", "granted": True, "version": "v1"}]),
    ("privacy", "smoke-erasure"): http(202, status="queued"),
    ("privacy", "failure-unknown-export"): problem(404),
    ("privacy", "failure-nobody"): problem(400, errors=[{"field": "body"}]),
    ("project", "smoke-stream"): {"batchItemFailures": []},
    ("project", "failure-poison"): {"batchItemFailures": []},
    ("project", "failure-no-room-for-poison"): {"batchItemFailures": [{"itemIdentifier": "100000000000000000007"}]},
    ("quotes", "smoke-quote"): http(200, total={"amount": "25.00", "currency": "EUR"}),
    ("quotes", "failure-unknown-item"): problem(400, errors=[{"field": "lines.0.item_id"}]),
    ("quotes", "failure-unknown-code"): problem(422, errors=[{"field": "code"}], reason="code_unknown"),
    ("quotes", "failure-altered"): problem(400, errors=[{"field": "token"}]),
    ("recommend", "smoke-similar"): http(200, served_by="model", model_id="m1", surface="similar"),
    ("recommend", "smoke-for-you"): http(200, surface="for-you", personalised=True),
    ("recommend", "failure-unknown-surface"): problem(400, errors=[{"field": "surface"}]),
    ("recommend", "failure-forged-token"): problem(403),
    ("reviews", "smoke-reviews"): {"batchItemFailures": []},
    ("reviews", "failure-one-of-two"): {
        "batchItemFailures": [{"itemIdentifier": "6f9c2a3e-3b43-4d6a-9d5b-0c9f5f1f7b11"}]
    },
    ("themes", "smoke-nightly"): {"note": "all of it", "open_issues": 0, "told": 0},
    ("themes", "failure-no-table"): error("FailedError", f"ResourceNotFoundException of GetItem: {IN_THE_LOG}"),
    ("training", "smoke-nightly"): {"not_promoted": None, "card": {"window": {"events": 302, "customers": 31}}},
    ("training", "failure-no-history"): {"model_id": None},
    ("value", "smoke-nightly"): {"customers": 31, "written": 31, "pooled": True},
    ("value", "failure-no-bucket"): error("FailedError", f"NoSuchBucket of ListObjectsV2: {IN_THE_LOG}"),
    ("webhooks", "smoke-shopify-order"): http(200, status="done", events=1),
    ("webhooks", "failure-forged"): problem(401) | {"headers": {"WWW-Authenticate": "HMAC-SHA256"}},
    ("webhooks", "failure-not-an-order"): http(200, status="unmapped", events=0),
}


def holds(answer: Any, wanted: Any) -> bool:
    """Whether the answer has all that is wanted; a body is JSON in text."""
    match wanted:
        case dict():
            told = json.loads(answer) if isinstance(answer, str) else answer
            return isinstance(told, dict) and all(name in told and holds(told[name], wanted[name]) for name in wanted)
        case list():
            return isinstance(answer, list) and len(answer) == len(wanted) and all(map(holds, answer, wanted))
    return bool(answer == wanted)
