"""What infra/scale.md and the README say of scale and of the budget's overshoot is what the simulations give."""

import re
from pathlib import Path

import pytest

from functions.ingest.limiter import A_SECOND
from functions.recommend.live import REFRESH_SECONDS
from tests.bench import bench_budget, bench_scale
from tests.bench.bench_budget import Burst, bursts, worst
from tests.bench.bench_scale import READS, WRITES, bot, counted, held, load, reads, shopper, written

ROOT = Path(__file__).parents[2]
SCALE = (ROOT / "infra/scale.md").read_text()


def viral(_: int) -> str:
    return "lamp"


def many(n: int) -> str:
    return f"item-{n * 7919 % 5000}"


def test_a_viral_item_is_counted_far_below_what_a_partition_takes() -> None:
    assert counted(1_000, viral).units < WRITES / 50
    assert counted(1_000, many).units < WRITES / 2


def test_counting_each_event_by_itself_would_not_be() -> None:
    """What the aggregation is for: without it a unit an event goes into one partition."""
    assert counted(1_500, viral, one_by_one=True).units > WRITES


def test_events_of_many_customers_meet_in_no_partition_and_those_of_one_do() -> None:
    assert written(1_000, shopper).units == 1
    assert written(1_500, bot).units > WRITES


def test_a_bot_is_held_to_what_the_limit_says() -> None:
    assert held(2_000, functions=2).units == pytest.approx(2 * A_SECOND, rel=0.05)
    assert held(60, functions=2).units == pytest.approx(60, rel=0.05), "who sends less is not held back"


def test_what_every_function_reads_allows_for_hundreds_of_them() -> None:
    """The counters are the first to be hot; without their memory, each list would read them."""
    least = min(read.environments() for read in reads())
    counters = next(read for read in reads() if "counters" in read.name)
    assert least == counters.environments() > 200
    lists_without_memory = READS / counters.units
    assert lists_without_memory < load(10_000_000).lists < least * REFRESH_SECONDS


@pytest.mark.parametrize("customers", bench_scale.CUSTOMERS)
def test_three_shops_are_told_as_they_are_computed(customers: int) -> None:
    found = load(customers)
    column = bench_scale.CUSTOMERS.index(customers) + 1
    for name, told in bench_scale.ROWS.items():
        (row,) = (line for line in SCALE.splitlines() if line.startswith(f"| {name} |"))
        assert row.split("|")[column + 1].strip() == told(found), name


def test_a_shop_of_ten_million_counts_its_busiest_second_but_cannot_train_in_one_function() -> None:
    small, large = load(10_000), load(10_000_000)
    assert large.events < large.shards * large.counted_by_a_shard
    assert small.training_seconds < 900 < large.training_seconds


def test_the_overshoot_grows_with_the_delay_and_with_the_burst() -> None:
    small, large = Burst("a", 0.01), Burst("b", 0.02)
    assert worst(large).usd == pytest.approx(2 * worst(small).usd)
    assert worst(small, seen_after=600).usd > worst(small, seen_after=0).usd
    assert worst(small, every=60).usd < worst(small).usd


def test_without_the_stop_there_would_be_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A meter whose level never stops anything is told from one that does."""
    runs: list[float] = []

    def endless(*_: object) -> None:
        runs.append(1)
        if len(runs) > 100:
            raise TimeoutError

    monkeypatch.setattr(bench_budget, "meter", endless)
    with pytest.raises(TimeoutError):
        worst(Burst("a", 0.01))


def test_the_overshoot_is_told_as_it_is_computed() -> None:
    for burst in bursts():
        result = worst(burst)
        (row,) = (line for line in SCALE.splitlines() if line.startswith(f"| {burst.name} |"))
        cells = [cell.strip() for cell in row.split("|")[2:5]]
        assert cells == [f"{burst.usd_a_second:.4f}", f"{result.seconds:.0f}", f"{result.usd:.2f}"]


def test_the_readme_tells_the_worst_of_them() -> None:
    readme = " ".join((ROOT / "README.md").read_text().split())
    typical, *_, worst_of_all = (worst(burst).usd for burst in bursts())
    assert re.search(rf"\${typical:.2f} .* \${worst_of_all:.0f} ", readme)
