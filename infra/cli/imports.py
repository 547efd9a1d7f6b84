"""What the commands that import have in common: the mapping of columns, and the file of errors."""

import csv
from pathlib import Path

import typer
from rich.console import Console

from infra.imports.files import Problem, refuse
from infra.imports.layouts import Options


class Problems:
    """Told of bad lines: takes note of them where there is a file to write them to, and else ends the import."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.found: list[Problem] = []

    def __call__(self, problem: Problem) -> None:
        if self._path is None:
            refuse(problem)
        self.found.append(problem)

    def write(self, console: Console) -> None:
        """Write the file, also where no line was bad, so that an old one does not mislead."""
        if self._path is None:
            return
        with self._path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(Problem._fields)
            writer.writerows(self.found)
        if self.found:
            console.print(f"{len(self.found):,} bad lines are in {self._path}.", highlight=False)


def options_of(columns: list[str] | None, currency: str) -> Options:
    """The options that the command line gives; `columns` are texts as `title=Name`."""
    pairs = [each.partition("=") for each in columns or ()]
    if wrong := [ours + equals + theirs for ours, equals, theirs in pairs if not (ours and theirs)]:
        raise typer.BadParameter(f"{wrong[0]} is not of the form title=Name", param_hint="--map")
    return Options({ours: theirs for ours, _, theirs in pairs}, currency)
