"""What a recipe that is a week old loses, on The Complete Journey: `python -m tests.bench.bench_standing [DAYS ...]`.

A recipe is searched once a week (`training.contest`). Here one is searched on the data of a week before, and another on
those of today; both are fitted on the past of today's test window and asked there, as the gate does it. For several
days, each so many before the data's last. Two to four CPU minutes a day.
"""

import sys
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from infra.datasets import completejourney
from shared.inference.card import Card
from training.contest import SEARCHED_EVERY
from training.train import train

DAYS = (0, 60, 120)


def main(days: tuple[int, ...] = DAYS) -> None:
    """Print the searched recipe's NDCG@10 as times the older one's, with 95% intervals."""
    items, events = list(completejourney.items()), list(completejourney.events())
    last = max(event.time for event in events)
    console = Console(width=140)
    table = Table("days before the end", "surface", "a week old", "of today", "times", "tested", box=None)
    for before in days:
        end = last - timedelta(days=before)

        def trained(until: datetime, champion: Card | None) -> Card:
            some = [event for event in events if event.time <= until]
            return train(some, items, champion, lambda _: None, created=datetime.now(UTC)).card

        older = trained(end - SEARCHED_EVERY, None)
        found = trained(end, older.model_copy(update={"searched": None}))
        for name, surface in found.surfaces.items():
            if (times := surface.ratio_to_champion) is not None:
                old, new = (surface.metrics[way].ndcg_at_10 for way in ("champion", "challenger"))
                interval = f"{new / old:.3f} [{times.low:.3f}, {times.high:.3f}]"
                table.add_row(str(before), name, f"{old:.4f}", f"{new:.4f}", interval, f"{surface.tested:,}")
        console.print(f"{before}: {older.recipe.matrix} {older.recipe.query}\n   -> {found.recipe.matrix}", style="dim")
    console.print(table)


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or DAYS)
