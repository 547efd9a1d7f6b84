"""What training reads of the quick archive is what it reads of the whole one."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from shared.stores.archive import ArchiveStore
from tests.bench import shopcolumns, shoplog
from tests.bench.shoplog import FolderBucket, Size
from training.archived import Archived
from training.interactions import Interactions, collect

END = datetime(2026, 11, 22, tzinfo=UTC)


def read(bucket: Any) -> Interactions:
    return collect(Archived(ArchiveStore(bucket, "bench"), END, lambda _: None))


def test_both_archives_tell_the_same(tmp_path: Path) -> None:
    whole, quick = (FolderBucket(tmp_path / name) for name in ("whole", "quick"))
    shoplog.write(whole, Size.of(3_000), END)
    shopcolumns.write(quick, Size.of(3_000), END)
    by_lines, by_columns = read(whole), read(quick)
    assert len(by_lines.item) > 2_500
    assert by_lines.customers == by_columns.customers
    assert by_lines.items == by_columns.items
    assert by_lines.names == by_columns.names
    for name in ("event_customer", "event_name", "item", "event"):
        assert np.array_equal(getattr(by_lines, name), getattr(by_columns, name)), name
    assert np.allclose(by_lines.event_time, by_columns.event_time, rtol=0, atol=1e-5)
