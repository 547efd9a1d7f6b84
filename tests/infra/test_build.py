"""The builder, with a stand-in for uv: what goes into an artefact, what does not, and that all of it is precompiled."""

import importlib.util
import json
import marshal
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from infra import build
from infra.build import HEAVY, START_OBJECTS, Function
from infra.template import Template
from shared.inference.sentiment.card import CARD, HEAD, MADE

UV = """#!{python}
import json, pathlib, sys
arguments = sys.argv[1:]
with open({log!r}, "a") as log:
    log.write(json.dumps(arguments) + "\\n")
if "export" in arguments:
    pathlib.Path(arguments[-1]).write_text({locked!r})
else:
    target = pathlib.Path(arguments[arguments.index("--target") + 1])
    for name, text in {files!r}.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text)
sys.exit({status})
"""
INSTALLED = {
    "package/__init__.py": "WHERE = 1",
    "package/py.typed": "",
    "package/types.pyi": "",
    "package/tests/test_it.py": "",
    "bin/tool": "",
    "numpy/f2py/__init__.py": "",
    "onnxruntime/capi/libonnxruntime.so.1": "",
    "onnxruntime/capi/state.so": "",
    "onnxruntime/tools/tool.py": "",
    "google/protobuf/__init__.py": "",
}


class Uv:
    """The stand-in: notes its calls, and installs a few files."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log = folder / "uv.log"
        self.program = folder / "uv"
        monkeypatch.setenv("UV", str(self.program))
        self.installs(INSTALLED)

    def installs(self, files: dict[str, str], status: int = 0, locked: str = "package==1") -> None:
        text = UV.format(python=sys.executable, log=str(self.log), files=files, status=status, locked=locked)
        self.program.write_text(text)
        self.program.chmod(0o755)

    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Uv:
    monkeypatch.setattr(build, "CARRIED", tmp_path / "carried")
    return Uv(tmp_path, monkeypatch)


def built(name: str, target: Path) -> set[str]:
    """Build, and list the files of the artefact."""
    build.main(name, target)
    return {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["ingest", "recommend", "training"])
def test_an_artefact_has_its_own_code_and_shared_and_no_other_functions(uv: Uv, tmp_path: Path, name: str) -> None:
    assert uv
    files = built(name, tmp_path / "out")
    rooms = {file.split("/")[0] for file in files}
    assert rooms == {"package", "shared", "onnxruntime", *({"google", "numpy"} - _unused(name)), _room(name)}
    assert {file.split("/")[1] for file in files if file.startswith("functions/")} <= {
        name,
        "__init__.py",
        "__pycache__",
    }
    assert f"{_room(name)}/app.py" in files or f"functions/{name}/app.py" in files
    assert not [file for file in files if file.startswith(("tests/", "infra/"))]


def _room(name: str) -> str:
    return "training" if name == "training" else "functions"


def _unused(name: str) -> set[str]:
    return {"google", "numpy"} if name == "recommend" else set()


@pytest.mark.parametrize(("name", "has"), [("feedback", True), ("recommend", False), ("training", False)])
def test_who_speaks_of_sentiment_carries_the_model(uv: Uv, tmp_path: Path, name: str, has: bool) -> None:
    """And nobody carries what makes it."""
    assert uv
    files = built(name, tmp_path / "out")
    assert {file for file in files if file.startswith("sentiment/")} == (
        {f"sentiment/{file}" for file in (CARD, *HEAD, *MADE)} if has else set()
    )
    assert not [file for file in files if file.startswith("training/sentiment")]
    assert "shared/inference/sentiment/model.py" in files


def test_what_no_function_needs_is_left_out(uv: Uv, tmp_path: Path) -> None:
    assert uv
    files = built("recommend", tmp_path / "out")
    assert "package/__init__.py" in files
    assert "onnxruntime/capi/state.so" in files
    for gone in ("py.typed", ".pyi", "test_it.py", "bin/", "f2py", "libonnxruntime.so", "onnxruntime/tools", "google"):
        assert not [file for file in files if gone in file]


def test_everything_is_precompiled_without_a_look_at_dates_or_at_this_machines_paths(uv: Uv, tmp_path: Path) -> None:
    assert uv
    target = tmp_path / "out"
    sources = {file for file in built("ingest", target) if file.endswith(".py")}
    assert len(sources) > 20
    for source in sources:
        compiled = Path(importlib.util.cache_from_source(str(target / source))).read_bytes()
        assert int.from_bytes(compiled[4:8], "little") == 0b01, f"{source}: hash-based, and not checked"
        assert marshal.loads(compiled[16:]).co_filename == source  # noqa: S302 - made just above


@pytest.mark.parametrize("name", ["ingest", "training"])
def test_the_collector_waits_from_the_first_import_on(uv: Uv, tmp_path: Path, name: str) -> None:
    assert uv
    built(name, tmp_path / "out")
    path = f"import sys; sys.path.insert(0, {str(tmp_path / 'out')!r})"
    script = f"{path}\nimport gc, {_room(name)}\nprint(gc.get_threshold()[0])"
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) == START_OBJECTS


def test_dependencies_are_what_is_locked_for_the_group_and_come_with_hashes(uv: Uv, tmp_path: Path) -> None:
    built("archive", tmp_path / "out")
    export, install = uv.calls()
    assert export[:7] == ["--quiet", "export", "--frozen", "--no-header", "--no-annotate", "--only-group", "archive"]
    assert "--no-emit-package" not in export
    for option in ("--no-deps", "--require-hashes", "--only-binary"):
        assert option in install
    assert install[install.index("--requirement") + 1] == export[-1]
    assert not Path(export[-1]).exists()


@pytest.mark.parametrize(
    ("name", "light", "platform"),
    [
        ("ingest", None, "aarch64-manylinux_2_28"),
        ("ingest", "x86_64", "x86_64-manylinux_2_28"),
        ("recommend", None, "x86_64-manylinux_2_28"),
        ("training", "arm64", "x86_64-manylinux_2_28"),
    ],
)
def test_wheels_are_for_the_functions_architecture(
    uv: Uv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, light: str | None, platform: str
) -> None:
    monkeypatch.delenv("LIGHT_ARCHITECTURE", raising=False)
    if light:
        monkeypatch.setenv("LIGHT_ARCHITECTURE", light)
    built(name, tmp_path / "out")
    install = uv.calls()[1]
    assert install[install.index("--python-platform") + 1] == platform


def test_building_again_leaves_nothing_of_the_last_time(uv: Uv, tmp_path: Path) -> None:
    target = tmp_path / "out"
    built("ingest", target)
    uv.installs({"other/__init__.py": ""}, locked="other==1")
    (target / "left.txt").touch()
    files = built("ingest", target)
    assert "other/__init__.py" in files
    assert not {"left.txt", "package/__init__.py"} & files


def installed(uv: Uv) -> int:
    return sum("install" in call for call in uv.calls())


def test_functions_that_carry_the_same_install_it_once_and_get_it_whole(uv: Uv, tmp_path: Path) -> None:
    files = {name: built(name, tmp_path / name) for name in ("ingest", "catalogue", "ingest")}
    assert installed(uv) == 1
    carried = {name: {file for file in each if file.startswith("package")} for name, each in files.items()}
    assert carried["ingest"] == carried["catalogue"] != set()
    assert any(file.endswith(".pyc") for file in carried["ingest"])
    built("recommend", tmp_path / "recommend")
    assert installed(uv) == 2, "it is cut otherwise, and for another machine"


def test_what_is_carried_is_made_anew_for_another_lock_file_or_another_builder(
    uv: Uv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built("ingest", tmp_path / "out")
    uv.installs(INSTALLED, locked="package==2")
    built("ingest", tmp_path / "out")
    assert installed(uv) == 2
    root = tmp_path / "root"
    for folder in ("infra", "functions/ingest", "shared"):
        shutil.copytree(build.ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(build.ROOT / "functions/__init__.py", root / "functions")
    (root / "infra/build.py").write_text("# another one\n")
    monkeypatch.setattr(build, "ROOT", root)
    built("ingest", tmp_path / "out")
    assert installed(uv) == 3


def test_what_broke_off_is_made_again(uv: Uv, tmp_path: Path) -> None:
    uv.installs({"package/broken.py": "def"})
    with pytest.raises(RuntimeError, match="does not compile"):
        built("ingest", tmp_path / "out")
    uv.installs(INSTALLED)
    assert "package/__init__.py" in built("ingest", tmp_path / "out")
    assert "package/broken.py" not in built("ingest", tmp_path / "out")


def test_a_build_that_fails_says_so(uv: Uv, tmp_path: Path) -> None:
    uv.installs({}, status=2)
    with pytest.raises(subprocess.CalledProcessError):
        built("ingest", tmp_path / "out")
    uv.installs({"package/broken.py": "def"})
    with pytest.raises(RuntimeError, match="does not compile"):
        built("ingest", tmp_path / "out")


@pytest.mark.parametrize("name", sorted(Template.load().functions()))
def test_the_builder_the_template_and_the_groups_agree(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIGHT_ARCHITECTURE", raising=False)
    properties: dict[str, Any] = Template.load().functions()[name]
    heavy = properties["Architectures"] == ["x86_64"]
    assert heavy or properties["Architectures"] == [{"Ref": "LightArchitecture"}]
    assert (name in HEAVY) == heavy
    assert Function(name, "").architecture == (
        "x86_64" if heavy else Template.load().document["Parameters"]["LightArchitecture"]["Default"]
    )
    assert name in tomllib.loads((build.ROOT / "pyproject.toml").read_text())["dependency-groups"]
