"""Small logs as files, and what a cut of one says, in the log's own words."""

from pathlib import Path

import numpy as np

from infra.evaluation import data, numbering
from infra.evaluation.protocols import MOST_CASES, Cases, Protocol, Question, parse
from infra.imports.layouts import Options
from training.interactions import Interactions
from training.sparse import Csr

DAY = 86_400


def written(folder: Path, *lines: str, header: str = "customer,item,timestamp") -> Path:
    path = folder / "events.csv"
    path.write_text("\n".join((header, *lines)) + "\n")
    return path


def view_of(path: Path, protocol: Protocol, seed: int = 0) -> Interactions:
    return numbering.interactions(data.read(path, Options()), seed, protocol.by_session)


def cut(path: Path, protocol: str, *, repeat: bool = False, seed: int = 0, most: int = MOST_CASES) -> Cases:
    parsed = parse(protocol, repeat)
    view = view_of(path, parsed, seed)
    return parsed.cut(view, Question(float(view.event_time.max()) + 1.0, most, seed))


def own(text: str) -> str:
    """An id as the log has it: without the number in front, and of a session's id only the session."""
    return text.split(":", 1)[1].replace("\x1f", " ").strip()


def pairs_of(matrix: Csr, view: Interactions) -> set[tuple[str, str]]:
    return {(own(view.customers[row]), own(view.items[item])) for row, item in zip(*matrix.nonzero(), strict=True)}


def events_of(view: Interactions) -> set[tuple[str, str]]:
    customers, items = view.customer.tolist(), view.item.tolist()
    return {
        (own(view.customers[customer]), own(view.items[item])) for customer, item in zip(customers, items, strict=True)
    }


def ring(folder: Path, customers: int = 400, items: int = 120, length: int = 6, gap: int = 60) -> Path:
    """Items in a ring, all equally popular: each customer starts somewhere and takes the next every `gap` seconds."""
    draw = np.random.default_rng(3)
    starts, began = draw.integers(items, size=customers), draw.integers(100 * DAY, size=customers)
    places = [(n, step) for n in range(customers) for step in range(length)]
    return written(folder, *(f"c{n},i{(starts[n] + step) % items},{began[n] + step * gap}" for n, step in places))
