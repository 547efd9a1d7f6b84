"""How long `sam build` takes from warm caches: all functions, for this machine; and what of it is whose.

The first build fills uv's cache; the second is measured. On a machine that does other work too, what is waited for says
little, so the CPU time is told beside it: the makefile builder runs as many functions at once as there are cores.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from infra.build import Function, build
from infra.local import tools
from infra.template import Template

MOST_SECONDS = 30.0
ROOT = Path(__file__).parents[2]


def sam_build(target: Path) -> None:
    """As `make build LIGHT_ARCHITECTURE=x86_64` does it, into a folder of its own."""
    parameters = ("--parameter-overrides", "LightArchitecture=x86_64")
    command = tools.sam("build", "--build-dir", str(target), *parameters)
    variables = os.environ | {"LIGHT_ARCHITECTURE": "x86_64", "SAM_CLI_TELEMETRY": "0", "UV": str(tools.uv())}
    subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True)


def cpu() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Build twice, and tell of the second time; then one function of each size alone."""
    with tempfile.TemporaryDirectory() as folder:
        sam_build(Path(folder) / "all")
        began, before = time.perf_counter(), cpu()
        sam_build(Path(folder) / "all")
        seconds, used = time.perf_counter() - began, cpu() - before
        cores = os.cpu_count() or 1
        print(f"sam build, {len(Template.load().functions())} functions: {seconds:.1f} s, {used:.1f} s of CPU")
        print(
            f"on {cores} cores that do nothing else at least {used / cores:.1f} s; wanted: under {MOST_SECONDS:.0f} s"
        )
        for name in ("archive", "recommend", "training"):
            _alone(name, Path(folder) / name)


def _alone(name: str, target: Path) -> None:
    began, own = time.perf_counter(), time.process_time() + cpu()
    build(Function(name, "training" if name == "training" else f"functions/{name}"), target)
    spent = time.process_time() + cpu() - own
    print(f"{name} alone: {time.perf_counter() - began:.1f} s, {spent:.1f} s of CPU")


if __name__ == "__main__":
    main()
