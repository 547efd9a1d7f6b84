"""The bills of materials: exactly what the artefacts carry, by their files; with hashes as locked, and licences."""

import csv
import json
import re
import shutil
import subprocess
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from license_expression import get_spdx_licensing
from packaging.utils import canonicalize_name

from infra.build import SERVING, UNUSED_AT_SERVING, Function, build
from infra.local.tools import uv
from infra.supply import bom
from infra.template import Template

FUNCTIONS = sorted(Template.load().functions())
PERMISSIVE = {
    *("0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0"),
    *("MIT", "PSF-2.0", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "Zlib"),
}
"""What an artefact may carry without more duties than to name it. A new one is somebody's decision, made here."""

SPDX = get_spdx_licensing()

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All bills, as `make sbom` writes them."""
    folder = tmp_path_factory.mktemp("boms")
    bom.main(bom.BUILT, folder)
    return {function: json.loads((folder / f"{function}.cdx.json").read_text()) for function in FUNCTIONS}


def artefact(function: str) -> Path:
    return bom.BUILT / f"{function.capitalize()}Function"


def named(bill: dict[str, Any]) -> set[str]:
    return {f"{each['name']}=={each['version']}" for each in bill["components"]}


def unaccounted(folder: Path, names: set[str]) -> set[str]:
    """The files of an artefact that are neither the project's code nor recorded by a distribution of these names."""
    records = [each.read_text("RECORD") or "" for each in distributions(path=[str(folder)]) if each.name in names]
    recorded = {row[0] for row in csv.reader("".join(records).splitlines())}
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    foreign = {each for each in files if not re.match(r"(functions|shared|training)/", each)}
    return {each for each in foreign if not {each, made_of(each)} & recorded}


def made_of(file: str) -> str:
    """What the builder made this file of: bytecode of a source, and a description of an AWS service of a packed one."""
    if re.match(r"botocore/data/.*\.json$", file):
        return f"{file}.gz"
    return re.sub(r"__pycache__/([\w-]+)\.cpython-313\.pyc$", r"\1.py", file)


def model_files(bill: dict[str, Any]) -> set[str]:
    """The files of the models that an artefact carries, as its bill names them."""
    models = bill["metadata"]["component"].get("components", [])
    return {file["name"] for model in models for file in model["components"] if file["type"] == "file"}


@pytest.mark.parametrize("function", ["feedback", "reviews"])
def test_a_model_is_in_the_bill_as_its_card_has_it(bills: dict[str, Any], function: str) -> None:
    (model,) = bills[function]["metadata"]["component"]["components"]
    card = json.loads((artefact(function) / "sentiment/card.json").read_text())
    hashes = {each["name"]: each["hashes"][0]["content"] for each in model["components"] if each["type"] == "file"}
    assert model["name"] == card["model_id"]
    assert {f"sentiment/{name}": made for name, made in card["files"].items()}.items() <= hashes.items()
    (package,) = [each for each in model["components"] if each["type"] == "library"]
    assert (package["name"], package["licenses"]) == (card["encoder"]["package"], [{"license": {"id": "Apache-2.0"}}])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_file_is_accounted_for_and_every_component_is_there(bills: dict[str, Any], function: str) -> None:
    components = {canonicalize_name(each.name): each for each in distributions(path=[str(artefact(function))])}
    listed = {each["name"] for each in bills[function]["components"]}
    assert unaccounted(artefact(function), {components[name].name for name in listed}) == model_files(bills[function])
    for name in listed:
        code = [file for file in components[name].files or [] if ".dist-info" not in str(file)]
        assert any(Path(str(file.locate())).exists() for file in code), f"{name} has no file left in the artefact"


def test_what_slips_in_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "artefact"
    shutil.copytree(artefact("archive"), folder)
    (folder / "left.so").touch()
    shutil.rmtree(next(folder.glob("jmespath-*.dist-info")))
    names = {each.name for each in distributions(path=[str(folder)])}
    found = unaccounted(folder, names)
    assert "left.so" in found
    assert "jmespath/lexer.py" in found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_it_is_what_is_locked_for_the_function(bills: dict[str, Any], function: str) -> None:
    export = ["export", "--quiet", "--frozen", "--no-hashes", "--no-annotate", "--no-header", "--only-group", function]
    done = subprocess.run([str(uv()), *export], capture_output=True, text=True, check=True, cwd=bom.ROOT)
    locked = {line.partition(" ;")[0] for line in done.stdout.splitlines()}
    gone = {each.removesuffix("*") for each in UNUSED_AT_SERVING} if function in SERVING else set()
    assert named(bills[function]) == {each for each in locked if each.partition("==")[0] not in gone}


@pytest.mark.parametrize("function", ["ingest", "recommend", "reviews", "training"])
def test_the_document_is_valid_cyclonedx(bills: dict[str, Any], function: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bills[function])) is None
    assert bills[function]["metadata"]["component"]["name"] == f"regulars-{function}"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_wheel_has_the_hash_that_was_demanded_of_it(bills: dict[str, Any], function: str) -> None:
    lock = (bom.ROOT / "uv.lock").read_text()
    for component in bills[function]["components"]:
        (wheel,) = component["externalReferences"]
        (made,) = wheel["hashes"]
        assert re.search(rf'url = "{re.escape(wheel["url"])}", hash = "sha256:{made["content"]}"', lock)
        assert not re.search(r"win|macos|musllinux|cp314", wheel["url"].rpartition("/")[2])
    (architecture,) = bills[function]["metadata"]["component"]["properties"]
    assert architecture == {"name": "architecture", "value": "x86_64"}


def licences(component: dict[str, Any]) -> set[str]:
    stated = [each.get("expression") or each["license"]["id"] for each in component.get("licenses", [])]
    return {str(key) for each in stated for key in cheapest(SPDX.parse(each, validate=True))}


def cheapest(parsed: Any) -> list[Any]:
    """Of `A OR B` that which we choose; of `A AND B` both."""
    if not hasattr(parsed, "operator"):
        return [parsed]
    parts = [cheapest(each) for each in parsed.args]
    if parsed.operator.strip() == "OR":
        return next((each for each in parts if set(map(str, each)) <= PERMISSIVE), parts[0])
    return [key for part in parts for key in part]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_distribution_has_a_licence_that_asks_for_no_more_than_a_mention(
    bills: dict[str, Any], function: str
) -> None:
    for component in bills[function]["components"]:
        assert licences(component), f"{component['name']} has no licence"
        for each in (component, *component.get("components", [])):
            assert licences(each) <= PERMISSIVE, each["name"]


def distribution(folder: Path, metadata: str, name: str = "six", version: str = "1.17.0") -> Path:
    """An artefact with one distribution."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n")
    (info / "RECORD").write_text("six.py,,\n")
    return folder


def test_an_unclear_licence_stops_it(tmp_path: Path) -> None:
    with pytest.raises(bom.UnknownLicenceError, match="'do as you like'"):
        bom.bill(distribution(tmp_path / "a", "License: do as you like\n"), "ingest")
    with pytest.raises(bom.UnknownLicenceError, match="''"):
        bom.bill(distribution(tmp_path / "b", ""), "ingest")
    (six,) = bom.bill(distribution(tmp_path / "c", "License: MIT\n"), "ingest").components
    assert [str(each.id) for each in six.licenses] == ["MIT"]


def test_what_is_not_locked_stops_it(tmp_path: Path) -> None:
    with pytest.raises(bom.NotLockedError, match=r"six 1\.16\.0"):
        bom.bill(distribution(tmp_path, "License: MIT\n", version="1.16.0"), "ingest")


def test_libraries_of_others_within_a_wheel_are_listed(bills: dict[str, Any]) -> None:
    numpy = next(each for each in bills["recommend"]["components"] if each["name"] == "numpy")
    (openblas,) = numpy["components"]
    assert re.fullmatch(r"numpy\.libs/libscipy_openblas.*\.so", openblas["name"])
    core = next(each for each in bills["ingest"]["components"] if each["name"] == "pydantic-core")
    assert {"serde", "regex"} <= {each["name"] for each in core["components"]}


def test_the_bill_of_an_arm64_artefact_names_arm64_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHT_ARCHITECTURE", "arm64")
    build(Function("archive", "functions/archive"), tmp_path / "artefact")
    bill = bom.bill(tmp_path / "artefact", "archive")
    core = next(each for each in bill.components if each.name == "pydantic-core")
    (wheel,) = core.external_references
    assert "aarch64" in wheel.url.uri
    assert bill.metadata.component is not None
    assert [each.value for each in bill.metadata.component.properties] == ["arm64"]
