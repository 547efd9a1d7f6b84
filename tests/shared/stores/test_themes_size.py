"""What a run found must fit records of the table, of which one holds 400 KB."""

import secrets
from datetime import UTC, date, datetime

from shared.domain.feedback import Theme
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
