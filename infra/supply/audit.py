"""Known vulnerabilities of everything that is locked, by what the package index itself says of each version.

Why not pip-audit: see infra/decisions.md.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import httpx
import typer
from pydantic import BaseModel, ConfigDict
from rich.console import Console

ROOT = Path(__file__).parents[2]
IGNORED = Path(__file__).parent / "ignored.toml"
INDEX = "https://pypi.org"
KNOWN, UNANSWERED = 1, 2
"""Exit statuses: something is known to be vulnerable, or not all could be asked about."""


class Package(NamedTuple):
    """A version that is locked."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Vulnerability(BaseModel):
    """What the index says; only the fields that are used here."""

    id: str
    aliases: list[str] = []
    summary: str | None = None
    link: str | None = None
    fixed_in: list[str] = []
    withdrawn: str | None = None

    @property
    def names(self) -> set[str]:
        """All names that it goes by; the same one may be told twice, under each of them."""
        return {self.id, *self.aliases}


class Ignored(BaseModel):
    """A vulnerability that somebody looked at, and why it does not matter here, for the time being."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    package: str
    reason: str
    seen: date
    until: date


Answer = list[Vulnerability] | None
"""None where the index has no data on that very version."""


class Audit(NamedTuple):
    """What is known, what is in order because somebody said so, and what nobody could be asked about."""

    known: list[tuple[Package, Vulnerability]]
    ignored: list[Ignored]
    idle: list[Ignored]
    unanswered: list[Package]
    asked: int


def locked(lock: str) -> list[Package]:
    """All that comes from an index; not the project itself."""
    packages = tomllib.loads(lock)["package"]
    return sorted({Package(each["name"], each["version"]) for each in packages if "registry" in each["source"]})


def ask(client: httpx.Client, package: Package) -> Answer:
    """The index's answer about a version. Raises `httpx.HTTPError` where it cannot be reached.

    A mirror may have data on a project's latest version only, which then must be the locked one.
    """
    of_version = client.get(f"/pypi/{package.name}/{package.version}/json")
    reply = client.get(f"/pypi/{package.name}/json") if of_version.status_code == httpx.codes.NOT_FOUND else of_version
    if reply.status_code == httpx.codes.NOT_FOUND:
        return None
    told: dict[str, Any] = reply.raise_for_status().json()
    if told["info"]["version"] != package.version or "vulnerabilities" not in told:
        return None
    found = [Vulnerability.model_validate(each) for each in told["vulnerabilities"]]
    return [each for each in found if each.withdrawn is None]


def audit(answers: Mapping[Package, Answer], ignored: Iterable[Ignored], today: date) -> Audit:
    """Judge the answers. An exception that has run out, or that nothing calls for any more, counts no longer."""
    entries = [each for each in ignored if today <= each.until]
    used = {entry for entry in entries for package, each in _all(answers) if _covers(entry, package, each)}
    known = [pair for pair in _all(answers) if not any(_covers(entry, *pair) for entry in used)]
    answered = {package.name for package, answer in answers.items() if answer is not None}
    idle = [each for each in ignored if each not in used and (each not in entries or each.package in answered)]
    silent = [package for package, answer in answers.items() if answer is None]
    return Audit(known, sorted(used, key=lambda each: each.id), idle, silent, len(answers))


def _all(answers: Mapping[Package, Answer]) -> Iterator[tuple[Package, Vulnerability]]:
    """Each vulnerability once, though the index may tell it under two names."""
    for package, answer in answers.items():
        told: set[str] = set()
        for each in answer or []:
            if not each.names & told:
                yield package, each
            told |= each.names


def _covers(entry: Ignored, package: Package, vulnerability: Vulnerability) -> bool:
    return entry.package == package.name and entry.id in vulnerability.names


def status(found: Audit, unaudited_allowed: bool) -> int:
    """What the command exits with."""
    if found.known or found.idle:
        return KNOWN
    return UNANSWERED if found.unanswered and not unaudited_allowed else 0


def show(found: Audit, say: Callable[[str], None]) -> None:
    """In words, what was found and what was not looked at."""
    for package, each in found.known:
        fixed = f"fixed in {', '.join(each.fixed_in)}" if each.fixed_in else "not fixed yet"
        say(f"VULNERABLE: {package}: {', '.join(sorted(each.names))} ({fixed}) {each.summary or ''} {each.link or ''}")
    for entry in found.ignored:
        say(f"ignored until {entry.until}: {entry.package}: {entry.id}: {entry.reason}")
    for entry in found.idle:
        say(f"OUT OF DATE: {entry.package}: {entry.id} of {IGNORED.name} has run out or is no longer told of")
    if found.unanswered:
        say(f"NOT AUDITED, the index told nothing of these versions: {', '.join(map(str, found.unanswered))}")
    told = found.asked - len(found.unanswered)
    say(f"audit: {told} of {found.asked} locked packages audited, {len(found.known)} vulnerabilities known")


def answers(client: httpx.Client, packages: list[Package]) -> dict[Package, Answer]:
    """Ask about each, eight at a time."""
    with ThreadPoolExecutor(8) as pool:
        return dict(zip(packages, pool.map(lambda package: ask(client, package), packages), strict=True))


def exceptions(text: str) -> list[Ignored]:
    """The list of what is ignored."""
    return [Ignored.model_validate(each) for each in tomllib.loads(text).get("ignored", [])]


def main(
    allow_unaudited: Annotated[
        bool, typer.Option("--allow-unaudited", help="Succeed, and say so, where the index has no data or is away.")
    ] = False,
    index: Annotated[str, typer.Option(help="The package index.")] = INDEX,
) -> None:
    """Fail if a locked package has a known vulnerability."""
    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    packages = locked((ROOT / "uv.lock").read_text())
    retries = httpx.HTTPTransport(retries=2)
    try:
        with httpx.Client(base_url=index, timeout=20, follow_redirects=True, transport=retries) as client:
            told = answers(client, packages)
    except httpx.HTTPError as error:
        console.print(f"NOT AUDITED at all: {index} cannot be asked: {error!r}")
        raise typer.Exit(0 if allow_unaudited else UNANSWERED) from error
    found = audit(told, exceptions(IGNORED.read_text()), date.today())  # noqa: DTZ011 - days, wherever one is
    show(found, console.print)
    raise typer.Exit(status(found, allow_unaudited))


if __name__ == "__main__":
    typer.run(main)
