"""The programs that the local stack runs, each in an environment of its own and pinned.

The emulator pins its own botocore and `sam` brings half of PyPI with it: neither belongs among the project's
dependencies. `uv tool run` (also known as `uvx`) keeps them apart and caches them. The emulator runs the functions with
its own interpreter, so it is given ours: the Python version of the Lambda runtime.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from infra.local.errors import ToolMissingError

EMULATOR = "ministack[full]==1.5.33"
EMULATOR_BOTO3 = "boto3==1.43.106"
SAM = "aws-sam-cli==1.170.0"
RUNTIME = "awslambdaric==4.2.2"

_ROOT = Path(__file__).parents[2]
# What belongs to the developer's own account or environment must reach neither the tools nor the functions.
_PRIVATE = ("AWS_", "PYTHON", "SAM_", "UV_PYTHON", "VIRTUAL_ENV", "MINISTACK_", "LAMBDA_")


def uv() -> Path:
    """Find `uv`: the one that runs us, on the PATH, beside this Python, or in the repository's `.tools/`."""
    places = [Path(sys.prefix) / "bin", _ROOT / ".tools", _ROOT / ".tools" / "bin"]
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, places)])
    found = shutil.which(os.environ.get("UV", "uv")) or shutil.which("uv", path=path)
    if found is None:
        message = (
            "The local stack needs `uv`, and it is neither on the PATH nor in .tools/. "
            "Install it with `python -m pip install uv` or from your package manager, and try again."
        )
        raise ToolMissingError(message)
    return Path(found)


def emulator() -> list[str]:
    """Give the command line that runs the AWS emulator."""
    return [*_tool(str(uv()), ("--with", EMULATOR_BOTO3, "--from", EMULATOR)), "ministack"]


def sam(*arguments: str) -> list[str]:
    """Give the command line that runs AWS SAM with these arguments."""
    return [*_tool(str(uv()), ("--from", SAM)), "sam", *arguments]


@cache
def runtime() -> tuple[str, str]:
    """Give AWS's Runtime Interface Emulator, which `sam` has in it, and a Python with its client and boto3 only."""
    machine = {"aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    samcli = _said(_tool(str(uv()), ("--from", SAM)), "import samcli; print(samcli.__path__[0])")
    python = _said(_tool(str(uv()), ("--with", EMULATOR_BOTO3, "--from", RUNTIME)), "import sys; print(sys.executable)")
    return f"{samcli}/local/rapid/aws-lambda-rie-{machine}", python


def _said(command: Sequence[str], script: str) -> str:
    """Give what a script prints in a tool's environment."""
    done = subprocess.run(
        [*command, "python", "-c", script], env=environment({}), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Give the process environment for a tool: ours, without anything that leads to a real AWS account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_PRIVATE)}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return kept | nowhere | {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"} | dict(extra)


def is_installed(package: str) -> bool:
    """Say whether `uv` has this program already. Raises `ToolMissingError` where there is no `uv`."""
    extra = ("--with", EMULATOR_BOTO3) if package == EMULATOR else ()
    return _runs(_offline(str(uv()), (*extra, "--from", package))) is None


def _offline(uv_path: str, package: Sequence[str]) -> tuple[str, ...]:
    return (uv_path, "tool", "run", "--offline", "--python", os.path.realpath(sys.executable), *package)


@cache
def _tool(uv_path: str, package: Sequence[str]) -> tuple[str, ...]:
    """Install the package if need be, and give the command line up to the program's name.

    Once it is installed, `--offline` is both quicker (no look at the index) and works on a train.
    """
    python = ("--python", os.path.realpath(sys.executable))
    offline = _offline(uv_path, package)
    online = (uv_path, "tool", "run", *python, *package)
    if _runs(offline) is None:
        return offline
    problem = _runs(online)
    if problem is not None:
        raise ToolMissingError(f"`uv` could not install {package[-1]}:\n{problem}")
    return online


def _runs(command: Sequence[str]) -> str | None:
    """Say what is wrong with this command, or None when it runs."""
    done = subprocess.run(
        [*command, "python", "-c", ""], env=environment({}), capture_output=True, text=True, check=False
    )
    return None if done.returncode == 0 else done.stderr.strip()
