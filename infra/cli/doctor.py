"""`regulars doctor`: what is wrong on this machine, or with its way to AWS, and the command that mends it.

Each check says how a thing stands, what that means, and what to type. Only what stops the work fails; what stops a part
of it warns.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.cli import local
from infra.cli.findings import Finding, fail, ok, unknown, warn
from infra.cli.local import BUILT, DEPLOYED
from infra.local import processes, tools
from infra.local.emulator import running_on
from infra.local.errors import ToolMissingError

ROOT = Path(__file__).parents[2]
PYTHON = (3, 13)
PAGE_PORT = 8080
DISK_GB, TIGHT_DISK_GB = 2.0, 6.0
MEMORY_GB, TIGHT_MEMORY_GB = 2.0, 4.0
"""The demo's import and training hold 1.5 GB at once, beside the emulator."""
SKEW_SECONDS = 60
MOST_SKEW_SECONDS = 300
"""AWS refuses signatures that are off by more than five minutes."""
COMMAND_SECONDS = 30


def doctor(state: Path, stack: str | None = None) -> Iterator[Finding]:
    """Everything about this machine; with `stack`, about the way to it too."""
    yield from _python()
    yield from _programs()
    yield from _machine()
    yield from _room(ROOT)
    yield from _memory()
    yield from _ports(state)
    yield from _leftovers(state)
    yield from _artefacts()
    if stack:
        yield from _cloud(stack)


def _python() -> Iterator[Finding]:
    found = sys.version_info[:2]
    if found == PYTHON:
        yield ok("python", platform.python_version())
    else:
        yield fail(
            "python", f"{platform.python_version()}; functions run on 3.13, and the lock is for it", "make setup"
        )


def _programs() -> Iterator[Finding]:
    try:
        yield ok("uv", _version([str(tools.uv()), "--version"]))
    except ToolMissingError:
        yield fail("uv", "is missing: it installs packages, the emulator and sam", "make setup")
    if shutil.which("make"):
        yield ok("make", _version(["make", "--version"]))
    else:
        yield fail("make", "is missing: every target is its", "apt-get install make, or xcode-select --install")
    if shutil.which("git"):
        yield ok("git", _version(["git", "--version"]))
    else:
        yield warn("git", "is missing: the runbook goes back a commit with it", "apt-get install git")
    yield from _emulator()
    yield from _browser()
    yield from _docker()


def _emulator() -> Iterator[Finding]:
    """Both come from the package index when first needed; that takes a minute, and a way to it."""
    for name, package in (("emulator", tools.EMULATOR), ("sam", tools.SAM)):
        try:
            there = tools.is_installed(package)
        except ToolMissingError:
            yield unknown(name, f"{package}: without uv nobody knows")
            continue
        if there:
            yield ok(name, package)
        else:
            yield warn(name, f"{package} is not installed yet: the first use downloads it", "regulars local start")


def _browser() -> Iterator[Finding]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found:
        yield ok("chromium", found)
    else:
        yield warn("chromium", "is missing: the browser tests need it, nothing else", "sh infra/chromium.sh")
    node = shutil.which("node", path=os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ.get("PATH", "")]))
    if node:
        yield ok("node", _version([node, "--version"]))
    else:
        yield warn("node", "is missing: the tests of Segment's JavaScript libraries need it", "make setup")


def _docker() -> Iterator[Finding]:
    found = shutil.which("docker")
    if not found:
        yield warn("docker", "is missing: only `make serve` (sam local) and the training image need it")
    elif _runs([found, "info"]):
        yield ok("docker", _version([found, "--version"]))
    else:
        yield warn(
            "docker", "is there, and its daemon does not answer: `make serve` cannot run", "systemctl start docker"
        )


def _machine() -> Iterator[Finding]:
    if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
        yield ok("machine", "Linux on x86-64, as the local stack's artefacts")
    else:
        yield warn(
            "machine", f"{platform.system()} on {platform.machine()}: the local stack runs x86-64 Linux artefacts only"
        )


def _room(folder: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(folder).free / 1e9
    says = f"{free:.1f} GB free where the repository lies"
    if free < DISK_GB:
        yield fail("disk", f"{says}; environment, artefacts and tools take {DISK_GB:.0f}", "make clean")
    elif free < TIGHT_DISK_GB:
        yield warn("disk", f"{says}; with the demo's state it becomes tight", "make clean")
    else:
        yield ok("disk", says)


def _memory(info: Path = Path("/proc/meminfo")) -> Iterator[Finding]:
    if not info.exists():
        yield unknown("memory", "this system does not say")
        return
    words = dict(line.split(":", 1) for line in info.read_text().splitlines() if ":" in line)
    free = int(words["MemAvailable"].split()[0]) * 1024 / 1e9
    says = f"{free:.1f} GB available"
    if free < MEMORY_GB:
        yield fail("memory", f"{says}; the demo's training and the emulator take {MEMORY_GB:.0f}", "end other programs")
    elif free < TIGHT_MEMORY_GB:
        yield warn("memory", f"{says}; the demo becomes slow below {TIGHT_MEMORY_GB:.0f}")
    else:
        yield ok("memory", says)


def _ports(state: Path) -> Iterator[Finding]:
    if processes.is_free(PAGE_PORT):
        yield ok("port 8080", "is free for the shop's page")
    elif running_on(local.folder_of(state)):
        yield ok("port 8080", "is taken, and a local stack runs here")
    else:
        yield warn("port 8080", "belongs to another process", "regulars demo --port 8081")


def _leftovers(state: Path) -> Iterator[Finding]:
    """What an unclean end has left behind: the tables it held are lost, and every later start says so."""
    running = state / "stack" / "running.json"
    if not running.exists():
        yield ok("local stack", "is not running" if state.exists() else "has not been started here yet")
    elif running_on(local.folder_of(state)):
        yield ok("local stack", f"runs; its logs are in {state / 'stack' / 'logs'}")
    else:
        yield fail("local stack", "was killed before it saved its tables, so they are lost", "regulars local reset")
    noted = local.holder(state)
    if noted and not noted.lives():
        yield warn("process file", f"{state / local.PID} names a process that is gone", "regulars local stop")
    build = BUILT.stat().st_mtime_ns if BUILT.exists() else None
    deployed = state / DEPLOYED
    if build and deployed.exists() and deployed.read_text() != str(build):
        yield warn("deployed", "the local stack runs an older build than there is", "regulars local start")


def _artefacts(built: Path = BUILT, root: Path = ROOT) -> Iterator[Finding]:
    if not built.exists():
        yield warn("artefacts", "nothing is built yet", "make build LIGHT_ARCHITECTURE=x86_64")
        return
    newer = [path for path in _sources(root) if path.stat().st_mtime > built.stat().st_mtime]
    if newer:
        some = ", ".join(str(path.relative_to(root)) for path in newer[:3])
        yield warn(
            "artefacts",
            f"{len(newer)} files are newer than the build, such as {some}: what runs is not what you see",
            "make build LIGHT_ARCHITECTURE=x86_64",
        )
    else:
        yield ok("artefacts", f"built {datetime.fromtimestamp(built.stat().st_mtime, UTC):%d %B %H:%M} UTC")


def _sources(root: Path) -> Iterator[Path]:
    """What artefacts are made of; the Makefile has the same."""
    for folder in ("functions", "shared", "training"):
        yield from (path for path in (root / folder).rglob("*") if path.suffix in {".py", ".json"})
    yield from (path for path in (root / "training/sentiment/head").rglob("*") if path.is_file())
    builder = ("build", "carried", "deferred", "descriptions", "sentiment")
    yield from (root / name for name in ("template.yaml", "uv.lock", *(f"infra/{each}.py" for each in builder)))


def _cloud(stack: str) -> Iterator[Finding]:
    """From the credentials to the stack, each only where the one before is there."""
    session = boto3.Session()
    profile = os.environ.get("AWS_PROFILE")
    try:
        credentials = session.get_credentials()
    except BotoCoreError as error:
        yield fail("credentials", str(error), "aws configure")
        return
    if credentials is None:
        yield fail("credentials", "there are none in the environment, a profile or a role", "aws configure")
        return
    yield ok("credentials", f"by {credentials.method}" + (f", profile {profile}" if profile else ""))
    if not session.region_name:
        yield fail("region", "none is set, so nobody knows where the stack is", "export AWS_REGION=eu-west-1")
        return
    yield ok("region", session.region_name)
    yield from _account(session, stack)


def _account(session: boto3.Session, stack: str) -> Iterator[Finding]:
    try:
        caller = session.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        yield fail("account", f"AWS does not take the credentials: {error}", "aws sts get-caller-identity")
        return
    yield ok("account", f"{caller['Account']} as {caller['Arn'].rpartition('/')[2]}")
    yield from _clock(caller["ResponseMetadata"]["HTTPHeaders"].get("date"))
    yield from _stack(session, stack)


def _clock(date: str | None, now: datetime | None = None) -> Iterator[Finding]:
    if not date:
        yield unknown("clock", "AWS did not say what time it is")
        return
    skew = ((now or datetime.now(UTC)) - parsedate_to_datetime(date)).total_seconds()
    says = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} AWS's"
    if abs(skew) > MOST_SKEW_SECONDS:
        yield fail(
            "clock", f"{says}: signatures are refused, and events come from the future", "timedatectl set-ntp true"
        )
    elif abs(skew) > SKEW_SECONDS:
        yield warn("clock", f"{says}; beyond five minutes AWS refuses signatures", "timedatectl set-ntp true")
    else:
        yield ok("clock", says)


def _stack(session: boto3.Session, stack: str) -> Iterator[Finding]:
    try:
        (found,) = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        missing = "does not exist" in str(error)
        says = f"there is no {stack} in {session.region_name}" if missing else str(error)
        yield fail("stack", says, "make deploy" if missing else "aws cloudformation describe-stacks")
        return
    except BotoCoreError as error:
        yield fail("stack", str(error), "aws cloudformation describe-stacks")
        return
    yield _standing(stack, found)


def _standing(stack: str, found: Any) -> Finding:
    status = found["StackStatus"]
    if status.endswith("_IN_PROGRESS"):
        return warn("stack", f"{stack} is {status}: wait until that is over", "regulars status")
    if "FAILED" in status or status.startswith("ROLLBACK"):
        reason = found.get("StackStatusReason", "")
        return fail("stack", f"{stack} is {status}. {reason}".strip(), "aws cloudformation describe-stack-events")
    return ok("stack", f"{stack} is {status}")


def _version(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)
    return (done.stdout or done.stderr).strip().splitlines()[0] if (done.stdout or done.stderr).strip() else "is there"


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=COMMAND_SECONDS, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False
