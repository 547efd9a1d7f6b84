"""What artefacts carry is made once, whole, however many ask at once."""

import threading
import time
from pathlib import Path

import pytest

from infra import carried


def test_of_all_who_ask_at_once_one_makes_it_and_each_gets_it_whole(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(tree: Path) -> None:
        made.append(tree)
        tree.mkdir()
        for n in range(20):
            (tree / f"{n}.py").write_text(str(n))
            time.sleep(0.005)

    def ask(n: int) -> None:
        carried.copy(tmp_path / "home", "light", "v1", make, tmp_path / f"out{n}")

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert {len(list((tmp_path / f"out{n}").iterdir())) for n in range(6)} == {20}


def test_half_of_it_is_never_taken_for_all(tmp_path: Path) -> None:
    def breaks(tree: Path) -> None:
        tree.mkdir()
        (tree / "half.py").touch()
        raise OSError("no space left")

    def works(tree: Path) -> None:
        tree.mkdir()
        (tree / "whole.py").touch()

    home = tmp_path / "home"
    with pytest.raises(OSError, match="no space"):
        carried.copy(home, "light", "v1", breaks, tmp_path / "first")
    carried.copy(home, "light", "v1", works, tmp_path / "second")
    assert [path.name for path in (tmp_path / "second").iterdir()] == ["whole.py"]


def test_a_copy_may_be_changed_without_changing_the_next(tmp_path: Path) -> None:
    def make(tree: Path) -> None:
        tree.mkdir()
        (tree / "a.py").write_text("one")

    carried.copy(tmp_path / "home", "light", "v1", make, tmp_path / "first")
    (tmp_path / "first/a.py").write_text("two")
    carried.copy(tmp_path / "home", "light", "v1", make, tmp_path / "second")
    assert (tmp_path / "second/a.py").read_text() == "one"
