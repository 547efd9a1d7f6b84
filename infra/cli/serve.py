"""`regulars local start`: the local stack in a process of its own, which ends gently when it is asked to."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from infra.cli import local
from infra.cli.deployment import Access, Deployment
from infra.local.errors import LocalStackError, StateInUseError

LOG = "local.log"
START_SECONDS = 300.0
ROOT = Path(__file__).parents[2]


def run(state: Path, port: int | None, say: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C, or until the emulator is gone, which raises; the state stays."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    state.mkdir(parents=True, exist_ok=True)
    with ExitStack() as running, suppress(KeyboardInterrupt):
        stack = running.enter_context(local.started(state, say))
        # A second signal must not cut the saving short.
        running.callback(signal.signal, signal.SIGTERM, signal.SIG_IGN)
        outputs = local.deploy(stack, state)
        proxy = running.enter_context(local.proxy_of(stack, outputs, port))
        deployment = local.deployment(stack, outputs, proxy, local.remembered_key(state))
        deployment.access.save(state)
        running.enter_context(local.announced(state))
        say(f"The API is at {proxy.url}.")
        while True:
            stack.check()
            time.sleep(1)


def start(state: Path, port: int | None, say: Callable[[str], None]) -> Access:
    """Start it in the background, and wait until it serves, saying what it says; how to get in. Raises
    `LocalStackError` with its last words.
    """
    noted = local.holder(state)
    if noted and noted.lives():
        raise StateInUseError(
            f"A local stack runs on {state} already (process {noted.pid}): `regulars local stop` ends it."
        )
    (state / local.PID).unlink(missing_ok=True)
    log = local.folder_of(state) / "logs" / LOG
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, "-m", "infra.cli.serve", str(state.resolve()), str(port or 0)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # the terminal's Ctrl-C is not for it
        )
    _wait(child, state, log, say)
    return Deployment.on_this_machine(state).access


def _wait(child: "subprocess.Popen[bytes]", state: Path, log: Path, say: Callable[[str], None]) -> None:
    deadline = time.monotonic() + START_SECONDS
    told = 0
    while True:
        gone = child.poll() is not None or time.monotonic() > deadline
        serves = (noted := local.holder(state)) is not None and noted.pid == child.pid
        words = log.read_text(errors="replace").splitlines()
        if gone and not serves:
            child.terminate()
            raise LocalStackError(f"The local stack did not start ({log}): {words[-1] if words else 'no word'}")
        for line in words[told:]:
            say(line)
        told = len(words)
        if serves:
            return
        time.sleep(0.2)


def main() -> None:
    """For `start`: the state's folder and the port (0 for any)."""
    try:
        run(Path(sys.argv[1]), int(sys.argv[2]) or None, lambda words: print(words, flush=True))
    except (LocalStackError, local.NotBuiltError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
