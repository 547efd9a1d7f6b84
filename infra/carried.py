"""What an artefact carries besides our own code: made once for all functions that carry the same, and kept.

`sam build` runs the builder of every function at once, each in a process of its own, so who comes first makes it, and
the others wait and copy.
"""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def copy(home: Path, name: str, made_of: str, make: Callable[[Path], None], target: Path) -> None:
    """Copy `name` of `home` to `target`. It is made first, where it is not there or was made of something else."""
    with _made(home, name, made_of, make) as tree:
        shutil.copytree(tree, target, symlinks=True)


def made(home: Path, name: str, made_of: str, make: Callable[[Path], None]) -> Path:
    """Where `name` of `home` lies, to be read there and not changed. It is made first, as by `copy`."""
    with _made(home, name, made_of, make) as tree:
        return tree


@contextmanager
def _made(home: Path, name: str, made_of: str, make: Callable[[Path], None]) -> Iterator[Path]:
    """The tree, made of this, and as long as it is looked at nobody makes another."""
    home.mkdir(parents=True, exist_ok=True)
    tree, note = home / name, home / f"{name}.made-of"
    with (home / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists() or note.read_text() != made_of:
            # The note goes first and comes last: what broke off halfway has none.
            note.unlink(missing_ok=True)
            shutil.rmtree(tree, ignore_errors=True)
            make(tree)
            note.write_text(made_of)
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield tree
