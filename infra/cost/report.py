"""The bill of a month, item by item: what most of it goes on, how that is lowered, and the same at four scales."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from functions.meter.prices import HOME, Charge, PriceList, price_list, total
from infra.cost.forecast import forecast
from infra.cost.managed import elsewhere
from infra.cost.nights import limits
from infra.cost.units import Shop, figures

SCALES = (10_000, 100_000, 1_000_000, 100_000_000)
LARGEST = 3
LEVERS: Mapping[str, str] = json.loads(Path(__file__).with_name("levers.json").read_text("utf-8"))
"""How each line of the price list is lowered."""


class Bill(NamedTuple):
    """A month: its lines, the dearest first, and in all."""

    shop: Shop
    region: str
    prices: PriceList
    charges: list[Charge]
    free: bool

    @property
    def usd(self) -> float:
        return total(self.charges)

    def parts(self) -> dict[str, float]:
        """Dollars by part, the dearest first."""
        sums: dict[str, float] = defaultdict(float)
        for charge in self.charges:
            sums[charge.part] += charge.usd
        return dict(sorted(sums.items(), key=lambda pair: -pair[1]))

    def lines(self) -> dict[str, float]:
        """Dollars by what is charged for, the dearest first."""
        sums: dict[str, float] = defaultdict(float)
        for charge in self.charges:
            sums[charge.line] += charge.usd
        return dict(sorted(sums.items(), key=lambda pair: -pair[1]))

    def beyond(self) -> list[str]:
        """What such a shop needs more of than the deployment has: its bill leaves that out."""
        return limits(self.shop)

    def levers(self) -> dict[str, str]:
        """How the lines are lowered that most of it goes on."""
        return {line: LEVERS[line] for line in list(self.lines())[:LARGEST]}


def bill(shop: Shop, region: str = HOME, *, free: bool = False, capped: bool = False) -> Bill:
    """What the month costs; `free` without what an account has for nothing."""
    prices = price_list()
    charges = prices.bill(forecast(shop, capped=capped), region, free=free)
    return Bill(shop, region, prices, sorted(charges, key=lambda charge: -charge.usd), free)


def assumptions() -> dict[str, str]:
    """What nobody measured here, and why it is believed."""
    return {name: f"{each['value']}: {each['why']}" for name, each in figures()["assumed"].items()}


GROUPS: Mapping[str, Iterable[str]] = {
    "API calls": ("http_api_request",),
    "Lambda": ("lambda_request", "lambda_gb_second_x86_64", "lambda_gb_second_arm64"),
    "DynamoDB writes": ("dynamodb_write_unit",),
    "DynamoDB reads": ("dynamodb_read_unit",),
    "kept: table, backups, archive": ("dynamodb_storage_gb_month", "dynamodb_pitr_gb_month", "s3_storage_gb_month"),
    "S3 calls": ("s3_put", "s3_get"),
    "logs": ("logs_ingested_gb",),
    "data sent": ("transfer_out_gb",),
    "alarms, metrics, dashboard, and queues that are looked at": (
        "alarm_month",
        "custom_metric_month",
        "dashboard_month",
        "sqs_request",
    ),
}
"""Every line that a forecast has, as the README's table sums them up."""


def scales() -> str:
    """The README's table: the month at four scales, and what the lists alone would cost elsewhere, as Markdown."""
    bills = [bill(Shop.like(lists)) for lists in SCALES]
    rows = [["lists a month", *(f"{lists:,}" for lists in SCALES)], ["---"] * (len(SCALES) + 1)]
    rows.append(["events", *(f"{each.shop.events:,.0f}" for each in bills)])
    rows.append(["customers known", *(f"{each.shop.customers:,.0f}" for each in bills)])
    for group, lines in GROUPS.items():
        rows.append([group, *(_money(sum(each.lines().get(line, 0.0) for line in lines)) for each in bills)])
    rows.append(["**in all**", *(f"**{_money(each.usd)}**" for each in bills)])
    free = [bill(Shop.like(lists), free=True).usd for lists in SCALES]
    rows.append(["in all, what AWS gives every account for nothing taken off", *map(_money, free)])
    for service in elsewhere(0):
        months = [service.service.dollars(lists) for lists in SCALES]
        rows.append([f"{service.service.name}, the lists alone", *map(_money, months)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _money(usd: float) -> str:
    return f"${usd:,.0f}" if usd >= 100 else f"${usd:,.2f}"
