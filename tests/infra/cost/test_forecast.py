"""The forecast follows from what was measured: every input and figure moves the bill, and nothing goes uncharged."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from functions.meter.prices import HOME, price_list, total
from functions.recommend.live import REFRESH_SECONDS
from infra.cli.app import app
from infra.cost import forecast as forecasting
from infra.cost import report
from infra.cost.forecast import forecast
from infra.cost.managed import services
from infra.cost.nights import feedback_of_a_night, limits
from infra.cost.report import GROUPS, LEVERS, SCALES, bill
from infra.cost.units import HOURS, NIGHTS, Shop, figures
from infra.template import Template
from shared.domain.rules import Surface
from training.pricing.run import MOST_SUGGESTIONS

ROOT = Path(__file__).parents[3]
SMALL = Shop.like(100_000)._replace(feedback=1_000, prices=10_000, quotes=2_000, offers=5_000, values=500)
SIZES = st.integers(0, 10**8)
shops = st.builds(Shop, *[SIZES] * 5, st.integers(1, 100), st.integers(0, 60), *[SIZES] * 5)


def dollars(shop: Shop, **options: Any) -> float:
    return bill(shop, **options).usd


@given(shops)
def test_every_line_has_a_price_a_lever_and_a_row(shop: Shop) -> None:
    lines = {used.line for used in forecast(shop, capped=True)}
    assert lines <= set(price_list().lines)
    assert lines <= set(LEVERS)
    grouped = [line for some in GROUPS.values() for line in some]
    assert len(grouped) == len(set(grouped))
    assert {used.line for used in forecast(shop)} <= set(grouped)
    assert all(used.units >= 0 for used in forecast(shop))


ASKED = ["feedback", "prices", "quotes", "offers", "values"]
FIELDS = ["recommendations", "events", "items", "customers", "months", *ASKED]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("lists", [1_000, 100_000, 10_000_000])
def test_more_of_anything_costs_more(field: str, lists: int) -> None:
    shop = Shop.like(lists)._replace(**dict.fromkeys(ASKED, 100))
    assert dollars(shop._replace(**{field: getattr(shop, field) * 2})) > dollars(shop)


@pytest.mark.parametrize("lists", [10_000, 1_000_000, 100_000_000])
def test_events_in_batches_cost_less(lists: int) -> None:
    shop = Shop.like(lists)
    assert dollars(shop._replace(batch=20)) < dollars(shop)


def broken(path: tuple[str, ...], factor: float) -> Any:
    """The figures with one of them changed."""
    changed = deepcopy(figures())
    place = changed
    for name in path[:-1]:
        place = place[int(name)] if isinstance(place, list) else place[name]
    last: Any = int(path[-1]) if isinstance(place, list) else path[-1]
    place[last] = place[last] * factor
    return patch.dict(figures(), changed)


MEASURED = [
    ("of_batches", "1", "ingest", "cpu_ms"),
    ("of_batches", "1", "ingest", "writes"),
    ("of_batches", "1", "ingest", "reads"),
    ("of_batches", "1", "project", "cpu_ms"),
    ("of_batches", "1", "project", "writes"),
    ("of_batches", "20", "archive", "cpu_ms"),
    ("of_batches", "1", "archive", "reads"),
    ("bytes", "event_in_table"),
    ("bytes", "item_in_table"),
    ("bytes", "metrics_of_a_list"),
    ("bytes", "reply_of_ingest"),
    ("bytes", "reply_of_recommend"),
    ("recommend", "rows", "0", "item_units"),
    ("recommend", "rows", "0", "cpu_ms"),
    ("recommend", "other_units"),
    ("cold_seconds", "recommend"),
    ("cold_seconds", "ingest"),
    ("cold_seconds", "feedback"),
    ("feedback", "cpu_ms"),
    ("feedback", "writes"),
    ("feedback", "reads"),
    ("feedback", "bytes_in_table"),
    ("themes", "cpu_seconds"),
    ("themes", "cpu_seconds_of_reading"),
    ("themes", "units_to_list_a_piece"),
    ("themes", "units_to_read_a_piece"),
    ("themes", "writes_a_night"),
    ("training", "cpu_seconds"),
    ("value", "read_cpu_seconds"),
    ("value", "cpu_seconds"),
    ("value", "changed"),
    ("pricing", "cpu_seconds"),
    ("pricing", "reads_an_item"),
    ("pricing", "writes_an_item"),
    ("selling", "calls", "prices", "cpu_ms"),
    ("selling", "calls", "prices", "reads"),
    ("selling", "calls", "quotes: in a session", "writes"),
    ("selling", "calls", "quotes: in a session", "reply_bytes"),
    ("selling", "calls", "quotes: verified", "cpu_ms"),
    ("selling", "calls", "quotes: redeemed", "writes"),
    ("selling", "calls", "offers", "writes"),
    ("selling", "calls", "offers: asked again", "reads"),
    ("selling", "calls", "customers", "reads"),
    ("selling", "stream", "an order with a code", "writes"),
    ("selling", "stream", "an order with a code", "cpu_ms"),
    ("cold_seconds", "prices"),
    ("cold_seconds", "quotes"),
    ("cold_seconds", "offers"),
    ("cold_seconds", "customers"),
    ("assumed", "share_of_quotes_redeemed", "value"),
    ("assumed", "share_of_offers_new", "value"),
    ("assumed", "share_of_offers_redeemed", "value"),
    ("compaction", "cpu_seconds"),
    ("compaction", "archive_bytes"),
    ("catalogue_read", "units"),
    ("live_counters_read", "units_by_events_a_day", "1", "1"),
]


@pytest.mark.parametrize("path", MEASURED, ids=".".join)
def test_every_measured_figure_moves_the_bill(path: tuple[str, ...]) -> None:
    before = dollars(SMALL)
    with broken(path, 2.0):
        assert dollars(SMALL) > before


@pytest.mark.parametrize(
    ("feedback", "months", "there", "read"),
    [
        (1_000, 12, 5_980, 5_980),
        (1_000, 3, 3_000, 3_000),
        (20_000, 12, 119_589, 39_199),
        (1_000_000, 12, 5_979_466, 60_000),
        (1_000, 0, 0, 0),
    ],
)
def test_a_night_of_themes_reads_half_a_year_and_no_more_than_it_may(
    feedback: int, months: int, there: int, read: int
) -> None:
    """By hand: 182 days of 30.44 to a month; of the last 14 and of the others 30,000 each are read."""
    shop = Shop.like(10_000)._replace(feedback=feedback, months=months)
    assert feedback_of_a_night(shop) == pytest.approx((there, read), rel=1e-3)


def test_a_shop_without_feedback_pays_for_no_night_of_themes() -> None:
    parts = {used.part for used in forecast(SMALL._replace(feedback=0))}
    assert "themes" not in parts
    assert "themes" in {used.part for used in forecast(SMALL)}


def test_a_shop_that_asks_for_no_price_quote_offer_or_value_pays_for_none() -> None:
    """But for the nights, whose results wait for whoever asks."""
    parts = {used.part for used in forecast(Shop.like(100_000))}
    assert not parts & {"prices", "quotes", "offers", "customers"}
    assert {"suggested prices", "customers' values"} <= parts
    assert {"prices", "quotes", "offers", "customers"} <= {used.part for used in forecast(SMALL)}


def test_a_night_of_prices_writes_no_more_suggestions_than_it_keeps() -> None:
    assert figures()["pricing"]["most_suggestions"] == MOST_SUGGESTIONS
    shop = Shop.like(10_000)

    def written(items: float) -> float:
        used = forecast(shop._replace(items=items))
        return sum(each.units for each in used if (each.part, each.line) == ("suggested prices", "dynamodb_write_unit"))

    most = MOST_SUGGESTIONS / figures()["pricing"]["suggestions_an_item"]
    assert written(most / 2) == pytest.approx(written(most) / 2)
    assert written(most * 3) == pytest.approx(written(most))


def test_memory_is_the_templates() -> None:
    before = dollars(SMALL)
    functions = deepcopy(Template.load().functions())
    functions["recommend"]["MemorySize"] *= 4
    with patch.object(Template, "functions", lambda _: functions):
        assert dollars(SMALL) > before


def test_a_thousandth_of_the_price_list_is_a_thousandth_of_the_bill() -> None:
    """The bill is the price list times the forecast, and nothing else."""
    used = forecast(SMALL)
    by_hand = sum(price_list().lines[each.line].dollars(each.units, HOME) for each in used)
    assert dollars(SMALL) == pytest.approx(by_hand) == pytest.approx(total(price_list().bill(used)))


@given(shops)
def test_free_amounts_never_raise_a_bill(shop: Shop) -> None:
    assert dollars(shop, free=True) <= dollars(shop) + 1e-9


def test_an_idle_shop_costs_next_to_nothing() -> None:
    """But for what watches it, and for looking into its queues."""
    lines = bill(Shop(0, 0, 0, 5_000, 0)).lines()
    watch = {"alarm_month", "dashboard_month", "custom_metric_month"}
    assert sum(usd for line, usd in lines.items() if line not in watch) < 0.75
    free = bill(Shop(0, 0, 0, 5_000, 0), free=True).lines()
    alarms = len(Template.load().of_type("AWS::CloudWatch::Alarm")) - price_list().lines["alarm_month"].free
    assert sum(free.values()) - alarms * price_list().unit("alarm_month") < 0.2


def test_a_metric_is_charged_in_the_hours_in_which_it_is_told_and_no_more() -> None:
    """All that `recommend` emits, and what the nights of training and themes do."""
    nights = forecasting.METRICS_OF_A_NIGHT * NIGHTS / HOURS
    most = len(get_args(Surface)) + 3 + nights
    told = {lists: _units("custom_metric_month", Shop.like(lists)) for lists in (0, 1_000, 10**8)}
    assert told[0] == pytest.approx(nights)
    assert told[0] < told[1_000] < told[10**8]
    assert told[10**8] == pytest.approx(most)


def _units(line: str, shop: Shop) -> float:
    return sum(each.units for each in forecast(shop) if each.line == line)


def test_limits_are_said_where_they_are_reached() -> None:
    assert limits(Shop.like(100_000)) == []
    assert any("training" in limit for limit in limits(Shop.like(10_000_000)))


def commands(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if "measured_by" in name:
                yield value
            else:
                yield from commands(value)


def test_every_figure_names_the_command_that_measured_it_or_why_it_is_believed() -> None:
    told = list(commands(figures()))
    assert len(told) == len(figures()) - 3, "all but what comes with its neighbour, and what is assumed"
    for each in told:
        module = each.split()[2].rstrip(",:")
        assert (ROOT / f"{module.replace('.', '/')}.py").exists(), module
    assert all(each["why"] for each in figures()["assumed"].values())


def test_the_counters_are_looked_at_as_often_as_is_reckoned() -> None:
    assert forecasting.LOOK_SECONDS == REFRESH_SECONDS


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["cost", *arguments])
    if result.exception:
        raise result.exception
    return result.stdout


def test_the_command_speaks_json() -> None:
    told = json.loads(run("--recommendations", "1000000", "--items", "2000", "--batch", "20", "--json"))
    assert told["shop"]["recommendations"] == 1_000_000
    assert told["shop"]["events"] == 1_500_000
    assert told["usd"] == pytest.approx(sum(charge["usd"] for charge in told["charges"]), rel=1e-4)
    assert told["usd"] == pytest.approx(sum(told["parts"].values()), rel=1e-4)
    assert len(told["levers"]) == 3
    assert {each["name"] for each in told["elsewhere"]} == {service.name for service in services()}


def test_people_see_every_line_the_sum_and_what_is_assumed() -> None:
    told = run("--visitors", "1000", "--region", "eu-west-1")
    assert "A month with 1,000 visitors, 6,000 lists" in " ".join(told.split())
    assert "in all" in told
    assert "dynamodb_pitr_gb_month as in us-east-1" in " ".join(told.split())
    assert "Assumed, not measured" in told


def test_the_table_of_the_readme_is_the_commands() -> None:
    assert run("--scales").strip() in (ROOT / "README.md").read_text(), "put `regulars cost --scales` into the README"


def test_the_scales_are_those_that_are_asked_about() -> None:
    assert SCALES == (10_000, 100_000, 1_000_000, 100_000_000)
    assert report.scales().count("\n") >= len(GROUPS) + 3


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
def test_a_managed_service_has_a_price_a_source_and_where_it_was_found(service: Any) -> None:
    assert all(step.usd > 0 for step in service.usd_per_1000)
    starts = [step.start for step in service.usd_per_1000]
    assert starts == sorted(set(starts))
    assert starts[0] == 0
    assert service.source.startswith("https://")
    assert service.found
    assert service.dollars(1_000_000) <= service.dollars(2_000_000)


def test_steps_are_charged_each_at_its_own_price() -> None:
    google = next(service for service in services() if service.name.startswith("Google"))
    assert google.dollars(20e6) == pytest.approx(5_400)
    assert google.dollars(320e6) == pytest.approx(20e6 * 0.00027 + 280e6 * 0.00018 + 20e6 * 0.0001)


def test_a_minimum_is_charged_and_what_has_no_price_is_left_out() -> None:
    personalize = next(service for service in services() if "Personalize" in service.name)
    assert personalize.dollars(0) == personalize.dollars(1_000_000) == pytest.approx(146.2, abs=0.1)
    assert personalize.dollars(100e6) == personalize.dollars(72e6)
