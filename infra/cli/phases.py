"""The phases of a long job: each is announced, timed, and in the end listed."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table


class Phases:
    """Times what runs inside `with phases("name"):`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.seconds: dict[str, float] = {}
        self._parts: dict[str, dict[str, float]] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        self._console.print(f"[bold cyan]»[/bold cyan] {name} ...", highlight=False)
        yield
        self.seconds[name] = time.perf_counter() - start
        self._console.print(f"[green]✓[/green] {name}: {self.seconds[name]:.1f} s", highlight=False)

    def parts(self, name: str, seconds: Mapping[str, float]) -> None:
        """Name the parts of a phase; they are within its time, not beside it."""
        self._parts[name] = dict(seconds)

    def summary(self) -> None:
        """Print all phases with their times."""
        table = Table("phase", "seconds", box=None, header_style="bold")
        for name, seconds in self.seconds.items():
            table.add_row(name, f"{seconds:.1f}")
            for part, each in self._parts.get(name, {}).items():
                table.add_row(f"[dim]  {part}[/dim]", f"[dim]{each:.1f}[/dim]")
        table.add_row("all", f"{sum(self.seconds.values()):.1f}")
        self._console.print(table)
