"""What an artefact carries besides our own code: made once for all functions that carry the same, and kept.

`sam build` runs the builder of every function at once, each in a process of its own, so who comes first makes it, and
the others wait and copy.
"""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path


def copy(home: Path, name: str, made_of: str, make: Callable[[Path], None], target: Path) -> None:
    """Copy `name` of `home` to `target`. It is made first, where it is not there or was made of something else."""
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
        shutil.copytree(tree, target, symlinks=True)
