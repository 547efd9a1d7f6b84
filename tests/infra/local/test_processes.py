"""A process is told from another that has its number later."""

import os
import subprocess
import sys
from pathlib import Path

from infra.local import processes
from infra.local.processes import Process


def test_a_process_is_known_again_and_no_other_is_taken_for_it() -> None:
    mine = Process.of(os.getpid())
    assert mine.lives()
    assert mine == Process.of(os.getpid())
    assert mine.born != processes.born(os.getppid())
    assert not mine._replace(born="").lives()


def test_it_began_when_the_machine_says() -> None:
    """The clock's ticks since the machine's start, as the system's own list of processes has them."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as young:
        _, _, ticks = (processes.born(young.pid) or "").partition(" ")
        uptime = float(Path("/proc/uptime").read_text().split()[0])
        age = uptime - int(ticks) / os.sysconf("SC_CLK_TCK")
        young.kill()
    assert 0 <= age < 60


def test_a_name_with_brackets_and_spaces_misleads_nobody(tmp_path: Path) -> None:
    odd = tmp_path / "a) Z (1"
    odd.symlink_to("/bin/sleep")
    with subprocess.Popen([str(odd), "600"]) as named:
        assert Process.of(named.pid).lives()
        named.kill()


def test_one_that_ended_is_gone_though_nobody_asked_for_its_end() -> None:
    child = subprocess.Popen(["sleep", "600"])
    process = Process.of(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not process.lives()
    assert processes.ended(process, 1)
    child.wait()


def test_only_the_process_itself_is_asked_to_end() -> None:
    with subprocess.Popen(["sleep", "600"]) as child:
        process = Process.of(child.pid)
        assert processes.ended(process._replace(born="another-boot 1"), 1)
        assert process.lives()
        assert processes.ended(process, 10)
    assert child.returncode == -15
