"""The price list: positive, in named units, with a source; and bills made of it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from functions.meter.prices import FOLDER, HOME, Line, PriceList, Used, price_list, total

PRICES = price_list()
UNITS = st.floats(0.001, 1e12)
LINES = st.sampled_from(sorted(PRICES.lines))
REGIONS = ("us-east-1", "eu-west-1", "eu-central-1")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_list_is_of_the_day_that_it_is_called_by(path: Path) -> None:
    assert path.stem == str(PriceList.model_validate_json(path.read_text()).known)


@pytest.mark.parametrize("name", PRICES.lines)
def test_every_price_is_positive_has_a_unit_a_source_and_is_known_at_home(name: str) -> None:
    line = PRICES.lines[name]
    assert line.unit
    assert line.source.startswith("https://aws.amazon.com/")
    assert set(line.usd) <= set(REGIONS)
    assert HOME in line.usd
    assert set(line.confirmed) <= set(line.usd)
    assert all(price > 0 for price in line.usd.values())
    assert line.above is None or all(line.above.usd[region] < price for region, price in line.usd.items())


@pytest.mark.parametrize(
    "broken", [{"usd": {HOME: 0.0}}, {"usd": {HOME: -1.0}}, {"usd": {}}, {"unit": ""}, {"source": "me"}, {"per": 0}]
)
def test_a_price_that_is_none_is_refused(broken: dict[str, object]) -> None:
    good = json.loads(PRICES.lines["sqs_request"].model_dump_json(exclude_none=True))
    assert Line.model_validate(good)
    with pytest.raises(ValidationError):
        Line.model_validate(good | broken)


def test_the_newest_list_counts(tmp_path: Path) -> None:
    for day, price in (("2026-11-22", 1.0), ("2027-02-01", 2.0)):
        document = json.loads((FOLDER / "2026-11-22.json").read_text()) | {"known": day}
        document["lines"]["http_api_request"]["usd"][HOME] = price
        (tmp_path / f"{day}.json").write_text(json.dumps(document))
    assert price_list(tmp_path).unit("http_api_request") == 2e-6


@given(LINES, UNITS, UNITS, st.sampled_from(REGIONS))
def test_more_costs_more_and_never_less_than_nothing(name: str, some: float, more: float, region: str) -> None:
    line = PRICES.lines[name]
    assert 0 < line.dollars(some, region) < line.dollars(some + max(more, some / 1000), region)


@given(st.lists(st.tuples(st.sampled_from("ab"), LINES, UNITS), max_size=8), st.sampled_from(REGIONS))
def test_the_parts_of_a_bill_are_the_whole(parts: list[tuple[str, str, float]], region: str) -> None:
    charges = PRICES.bill([Used(*each) for each in parts], region)
    whole = {name: sum(units for _, line, units in parts if line == name) for _, name, _ in parts}
    assert total(charges) == pytest.approx(sum(PRICES.lines[n].dollars(u, region) for n, u in whole.items()))


@given(LINES, UNITS)
def test_free_units_are_taken_off_once(name: str, units: float) -> None:
    line = PRICES.lines[name]
    halves = [Used("a", name, units / 2), Used("b", name, units / 2)]
    charged = total(PRICES.bill(halves, HOME, free=True))
    assert charged == pytest.approx(line.dollars(max(0.0, units - line.free), HOME))


def test_above_its_step_a_price_falls() -> None:
    assert PRICES.lines["http_api_request"].dollars(400e6, HOME) == pytest.approx(300 + 90)


def test_a_region_without_a_price_of_its_own_is_charged_as_home() -> None:
    used = [Used("a", "sqs_request", 1e6)]
    assert PRICES.bill(used, "ap-south-2") == PRICES.bill(used, HOME)
