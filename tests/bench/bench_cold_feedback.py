"""Cold starts, memory and warm calls of what reads feedback: `python -m tests.bench.bench_cold_feedback`.

`feedback`, `reviews` and `themes` as they are built (`make .aws-sam/built-for-this-machine`), in fresh interpreters
like those of `bench_cold`, in turns with their floors, a minute or two. The floor of what judges texts imports numpy
and onnxruntime and opens the encoder's graph; that of `themes` imports numpy and the same parts of scipy; the light
floor is boto3 with one client. A ratio is of two medians of one run. `themes` has a night without feedback; what a full
one takes, `bench_themes` says. Memory is the most that was resident until the answer. Warm is the median of 60 further
calls in one process, with what it asks the local stack.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from infra.cli.local import BUILT
from infra.local.stack import LocalStack
from shared.inference.sentiment.card import ENCODER
from tests.bench.bench_cold import FUNCTIONS, RUNS, SITE, Start, Way, environment, in_turns
from tests.events import world
from tests.events.answers import ANSWERS, holds

LIGHT, JUDGES, COUNTS = "floor: boto3", "floor: numpy, onnxruntime, the encoder", "floor: numpy, scipy"


class Asked(NamedTuple):
    """A function, one of its events, how it is started, and which floor it stands on."""

    function: str
    event: str
    way: str
    floor: str


ASKED = {
    "`feedback`: two texts judged": Asked("feedback", "smoke-sentiment", "whole", JUDGES),
    "`feedback`: a piece kept": Asked("feedback", "smoke-keep", "fresh", JUDGES),
    "`feedback`: a summary, no model": Asked("feedback", "smoke-summary", "whole", LIGHT),
    "`reviews`: two reviews kept": Asked("reviews", "smoke-reviews", "fresh", JUDGES),
    "`themes`: nothing to read": Asked("themes", "smoke-nightly", "whole", COUNTS),
}


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, LocalStack(Path(folder) / "stack") as stack:
        access = environment(world.furnish(stack))
        ways = floors(Path(folder)) | {name: _way(asked, asked.way, Path(folder)) for name, asked in ASKED.items()}
        starts = in_turns(ways, dict.fromkeys(ways, access))
        for name, asked in ASKED.items():
            assert holds(starts[name].answer, ANSWERS[asked.function, asked.event]), starts[name].answer
        warm = {name: _warm(asked, Path(folder), access) for name, asked in ASKED.items() if asked.way == "whole"}
    Console(width=160).print(_table(starts, warm))


def floors(folder: Path) -> dict[str, Way]:
    """By name."""
    graph = str(_artefact("feedback") / "sentiment" / ENCODER)
    return {
        LIGHT: Way("light", SITE, (), folder),
        JUDGES: Way("heavy", _artefact("feedback"), (graph,), folder),
        COUNTS: Way("numbers", _artefact("themes"), (), folder),
    }


def _way(asked: Asked, way: str, folder: Path) -> Way:
    event = world.FOLDER / asked.function / f"{asked.event}.json"
    return Way(way, _artefact(asked.function), (FUNCTIONS[asked.function]["Handler"], str(event)), folder)


def _artefact(function: str) -> Path:
    return BUILT.parent / f"{function.capitalize()}Function"


def _warm(asked: Asked, folder: Path, access: Mapping[str, str]) -> Start:
    """Twice over, of which the better: another's work beside it is no part of it."""
    return min((_way(asked, "warm", folder).started(access) for _ in range(2)), key=lambda each: each.answer["warm_ms"])


def _table(starts: Mapping[str, Start], warm: Mapping[str, Start]) -> Table:
    columns = ("cold start", "of it imports", "of its floor", "of the light floor", "wall", "MB", "warm", "MB then")
    table = Table(f"ms of CPU, medians of {RUNS}", *columns, box=None)
    for name, found in starts.items():
        figures = [f"{found.done:.0f}", f"{found.imported:.0f}"]
        ratios = (
            ["", ""] if name not in ASKED else [_ratio(found, starts[ASKED[name].floor]), _ratio(found, starts[LIGHT])]
        )
        later = warm.get(name)
        told = [f"{later.answer['warm_ms']:.1f}", f"{later.peak_mb:.0f}"] if later else ["", ""]
        table.add_row(name, *figures, *ratios, f"{found.wall:.0f}", f"{found.peak_mb:.0f}", *told)
    return table


def _ratio(found: Start, floor: Start) -> str:
    return f"{found.done / floor.done:.2f} x"


if __name__ == "__main__":
    main()
