"""What a run found must fit records of the table, of which one holds 400 KB."""

import secrets
from datetime import UTC, date, datetime

import pytest

from shared.domain.feedback import ItemCount, Theme
from shared.domain.themes import Centroid, FoundTheme, Run
from shared.stores.table import Table
from shared.stores.themes import MOST_BYTES, ThemeStore

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
MANY = 800
DAY = date(2026, 11, 22)


def theme(number: int) -> FoundTheme:
    """One whose words cannot be compressed."""
    return FoundTheme(
        theme=Theme(
            theme_id=f"th_{number}",
            label=secrets.token_hex(600),
            terms=("a",),
            count=MANY - number,
            net_sentiment=0.0,
            weeks=(),
            first_seen=DAY,
        )
    )


def centroid(number: int) -> Centroid:
    return Centroid(
        theme_id=f"th_{number}", label="a", first_seen=DAY, last_seen=DAY, vector=number.to_bytes(2) + bytes(766)
    )


@pytest.mark.parametrize("strange", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c", "\n", "\r"])
def test_an_id_with_a_separator_of_lines_is_read_back(table: Table, strange: str) -> None:
    store = ThemeStore(table)
    found = theme(1)
    items = (ItemCount(item_id=f"a{strange}b", count=3),)
    found = found.model_copy(update={"theme": found.theme.model_copy(update={"items": items})})
    run = Run(run_id="r1", revision=1, as_of=NOW, themes=(found,))
    store.publish(run, [centroid(1).model_copy(update={"label": f"a{strange}b"})])
    assert store.current() == run
    assert store.centroids("r1")[0].label == f"a{strange}b"


def test_what_does_not_fit_a_record_is_left_out_from_the_end(table: Table) -> None:
    store = ThemeStore(table)
    every = tuple(theme(number) for number in range(MANY))
    run = Run(run_id="r1", revision=1, as_of=NOW, themes=every)
    store.publish(run, [centroid(number) for number in range(MANY)])
    found, places = store.current(), store.centroids("r1")
    assert found is not None
    assert 0 < len(found.themes) < MANY
    assert found.themes == every[: len(found.themes)]
    assert 0 < len(places) < MANY
    assert [each.theme_id for each in places] == [f"th_{number}" for number in range(len(places))]
    for name in ("THEMES", "CENTROIDS"):
        record = table.get("THEMES#r1", name)
        assert record is not None
        assert (
            MOST_BYTES * 0.8 < sum(len(bytes(record[part])) for part in ("body", "vectors") if part in record) < 400_000
        )
