"""What the cards of models say of licences."""

from importlib.metadata import metadata

ON_DATA = "The shop's own events and catalogue. Nothing of anybody else's is in the model, nor any library's code."


def licence(package: str) -> str:
    """What an installed package says of its licence: the SPDX expression, or else the first line of its text."""
    said = metadata(package)
    text: str = said.get("License-Expression") or said.get("License") or "not stated"
    classifier = next((each for each in said.get_all("Classifier") or () if each.startswith("License ::")), None)
    return classifier.rpartition(" :: ")[2] if classifier else text.strip().splitlines()[0]
