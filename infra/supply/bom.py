"""The bill of materials of each built artefact, read from the artefact itself, as CycloneDX JSON.

What the lock file says is not what an artefact carries: markers choose, and the builder strips. So a component is a
distribution that lies in the artefact; the lock file says only which wheel of it that is, by its hash.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Annotated, Any

import typer
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.tags import Tag, parse_tag
from packaging.utils import canonicalize_name, parse_wheel_filename

from infra.template import Template

ROOT = Path(__file__).parents[2]
BUILT = ROOT / ".aws-sam/build"
BOMS = ROOT / ".aws-sam/bom"
LICENCES = {
    "flatbuffers": "Apache-2.0",
    "onnxruntime": "MIT",
    "protobuf": "BSD-3-Clause",
    "pycld2": "Apache-2.0",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "scipy": "BSD-3-Clause",
}
"""Of those whose metadata have a text that is no SPDX expression; read from the licences that they come with."""


class UnknownLicenceError(Exception):
    """A distribution does not say its licence in terms of SPDX, and LICENCES does not know it."""


class NotLockedError(Exception):
    """An artefact carries something that the lock file does not have."""


def bill(artefact: Path, function: str) -> Bom:
    """The bill of one artefact. Raises `UnknownLicenceError` and `NotLockedError`."""
    locked = _locked()
    carried = list(distributions(path=[str(artefact)]))
    bom = Bom(components=[_component(each, locked) for each in carried])
    bom.metadata.component = root = _own(function, _architecture(carried))
    root.components.update(_model(artefact))
    for component in bom.components:
        bom.register_dependency(component, component.components)
    bom.register_dependency(root, bom.components)
    return bom


def write(bom: Bom, path: Path) -> None:
    """As JSON by version 1.6 of the specification."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(JsonV1Dot6(bom).output_as_string(indent=2) + "\n")


def _architecture(carried: list[Distribution]) -> str:
    """Light artefacts may be built for either; every one has compiled wheels, which say for which."""
    machines = {tag.platform.rpartition("linux_")[2] for each in carried for tag in _tags(each)}
    return "arm64" if any(each.endswith("aarch64") for each in machines) else "x86_64"


def _own(function: str, architecture: str) -> Component:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return Component(
        type=ComponentType.APPLICATION,
        name=f"{project['name']}-{function}",
        version=project["version"],
        bom_ref=f"{project['name']}-{function}",
        licenses=[LicenseFactory().make_from_string(project["license"])],
        properties=[Property(name="architecture", value=architecture)],
    )


def _model(artefact: Path) -> Iterator[Component]:
    """The sentiment model where the artefact has one: our head, its files, and the encoder's package that it has."""
    folder = artefact / "sentiment"
    if not folder.is_dir():
        return
    card = json.loads((folder / "card.json").read_text())
    encoder = card["encoder"]
    purl = PackageURL("pypi", None, encoder["package"], encoder["version"])
    package = Component(
        type=ComponentType.LIBRARY,
        name=encoder["package"],
        version=encoder["version"],
        bom_ref=str(purl),
        purl=purl,
        licenses=[LicenseFactory().make_from_string(encoder["licence"])],
    )
    yield Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        name=card["model_id"],
        version=str(card["version"]),
        bom_ref=card["model_id"],
        components=[package, *(_file(path, f"sentiment/{path.name}") for path in sorted(folder.iterdir()))],
    )


def _component(distribution: Distribution, locked: dict[str, Any]) -> Component:
    name = canonicalize_name(distribution.name)
    purl = PackageURL("pypi", None, name, distribution.version)
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=distribution.version,
        bom_ref=str(purl),
        purl=purl,
        licenses=[LicenseFactory().make_from_string(licence(distribution))],
        external_references=[_wheel(distribution, locked)],
        components=[*_vendored(distribution, str(purl)), *_libraries(distribution, str(purl))],
    )


def licence(distribution: Distribution) -> str:
    """The licence as an SPDX expression."""
    metadata = distribution.metadata
    stated = LICENCES.get(canonicalize_name(distribution.name)) or metadata.get("License-Expression")
    text: str = stated or metadata.get("License") or ""
    if getattr(LicenseFactory().make_from_string(text), "name", None) or not text:
        raise UnknownLicenceError(f"{distribution.name} says of its licence {text[:80]!r}: add it to LICENCES.")
    return text


def _locked() -> dict[str, Any]:
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    return {f"{each['name']} {each['version']}": each.get("wheels", []) for each in packages}


def _wheel(distribution: Distribution, locked: dict[str, Any]) -> ExternalReference:
    """Where the installed wheel came from: of those that are locked, the one with the installed one's tags."""
    key = f"{canonicalize_name(distribution.name)} {distribution.version}"
    for wheel in locked.get(key, []):
        if parse_wheel_filename(wheel["url"].rpartition("/")[2])[3] & _tags(distribution):
            hashes = [HashType(alg=HashAlgorithm.SHA_256, content=wheel["hash"].removeprefix("sha256:"))]
            return ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(wheel["url"]), hashes=hashes)
    raise NotLockedError(f"{key} is not in uv.lock with a wheel of the installed tags.")


def _tags(distribution: Distribution) -> frozenset[Tag]:
    lines = re.findall(r"^Tag: (\S+)", distribution.read_text("WHEEL") or "", re.MULTILINE)
    return frozenset(tag for line in lines for tag in parse_tag(line))


def _vendored(distribution: Distribution, owner: str) -> Iterator[Component]:
    """What is compiled into the wheel, where its makers say so (PEP 770: a bill in the wheel)."""
    for path in distribution.files or []:
        if path.match("*.dist-info/sboms/*.json"):
            for each in json.loads(path.read_text()).get("components", []):
                if each.get("scope") != "excluded" and each["name"] != distribution.name:
                    yield _told(each, owner)


def _told(told: dict[str, Any], owner: str) -> Component:
    stated = [each.get("expression") or next(iter(each["license"].values())) for each in told.get("licenses", [])]
    return Component(
        type=ComponentType.LIBRARY,
        name=told["name"],
        version=told.get("version"),
        bom_ref=f"{owner}/{told['name']}@{told.get('version')}",
        purl=PackageURL.from_string(told["purl"]) if "purl" in told else None,
        licenses=[LicenseFactory().make_from_string(each.replace("/", " OR ")) for each in stated],
    )


def _libraries(distribution: Distribution, owner: str) -> Iterator[Component]:
    """Shared libraries of others that the wheel brings in its folder `NAME.libs`."""
    for path in distribution.files or []:
        if path.parts[0].endswith(".libs"):
            yield _file(Path(str(path.locate())), str(path), owner)


def _file(path: Path, name: str, owner: str = "") -> Component:
    return Component(
        type=ComponentType.FILE,
        name=name,
        bom_ref=f"{owner}/{name}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256(path.read_bytes()).hexdigest())],
    )


def main(
    built: Annotated[Path, typer.Option(help="Where `sam build` put the artefacts.")] = BUILT,
    boms: Annotated[Path, typer.Option(help="Where the bills go.")] = BOMS,
) -> None:
    """Write the bill of materials of each built artefact."""
    for name in sorted(Template.load().functions()):
        artefact = built / f"{name.capitalize()}Function"
        if not artefact.is_dir():
            raise typer.BadParameter(f"{artefact} is not there: run `make build` first.")
        bom = bill(artefact, name)
        write(bom, boms / f"{name}.cdx.json")
        inside = sum(len(each.components) for each in bom.components)
        typer.echo(f"{name}: {len(bom.components)} distributions, {inside} parts in them")


if __name__ == "__main__":
    typer.run(main)
