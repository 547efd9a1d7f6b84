"""Segment's own library for Python, unmodified, in a process of its own: one customer's day in a shop."""

import json
import subprocess
import sys
from typing import Any
from uuid import uuid4

SHOP = """
import json, sys
from segment.analytics import Client

options = json.loads(sys.argv[1])
customer, phone = options.pop("customer"), options.pop("phone")
failed = []
shop = Client(on_error=lambda error, items: failed.append(str(error)), **options)
shop.track(anonymous_id=phone, event="Product Viewed", properties={"product_id": "toys-1"})
shop.identify(customer, traits={"plan": "gold"}, anonymous_id=phone)
shop.alias(phone, customer)
shop.page(customer, "docs", "Home", {"path": "/"})
shop.screen(customer, "app", "Home")
shop.group(customer, "club")
shop.track(customer, "purchase", {"transaction_id": "o1", "items": [{"item_id": "toys-1"}, {"item_id": "toys-2"}]})
shop.track(customer, "Quiz Finished", {"score": 7})
shop.shutdown()
sys.exit("; ".join(failed) or None)
"""
NAMES = {
    "Product Viewed",
    "Customer Identified",
    "Customer Aliased",
    "Page Viewed",
    "Screen Viewed",
    "Group Joined",
    "Order Completed",
    "Quiz Finished",
}


def tell(host: str, key: str, **options: Any) -> str:
    """Let the library tell of a new customer's day to `host`; the customer's id. It fails where the library does."""
    customer = f"sdk-{uuid4()}"
    told = {"write_key": key, "host": host, "customer": customer, "phone": f"phone-{uuid4()}", "timeout": 65}
    process = subprocess.run(
        [sys.executable, "-c", SHOP, json.dumps(told | options)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return customer
