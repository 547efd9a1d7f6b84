"""A template goes to the emulator with its parameters' values as their defaults."""

from pathlib import Path

import pytest

from infra.local.errors import DeployFailedError
from infra.local.templates import read, with_values

TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Name: {Type: String, Default: before}
  Size: {Type: Number}
Resources:
  Thing:
    Properties:
      Arn: !GetAtt Other.Stream.Arn
      Name: !Sub "${Name}-x"
      Sizes: !Split [",", !Ref Size]
      More: !If [Big, {Fn::Sub: a}, !Ref AWS::NoValue]
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return path


def test_values_become_defaults_in_a_passing_copy(template: Path) -> None:
    with with_values(template, {"Name": "after", "Size": "3"}, "shop") as copy:
        assert copy.parent == template.parent
        content = read(copy)
    assert not copy.exists()
    assert content["AWSTemplateFormatVersion"] == "2010-09-09"
    assert content["Parameters"] == {
        "Name": {"Type": "String", "Default": "after"},
        "Size": {"Type": "Number", "Default": "3"},
    }
    assert template.read_text() == TEMPLATE


def test_short_forms_are_spelled_out(template: Path) -> None:
    assert read(template)["Resources"]["Thing"]["Properties"] == {
        "Arn": {"Fn::GetAtt": ["Other", "Stream.Arn"]},
        "Name": {"Fn::Sub": "${Name}-x"},
        "Sizes": {"Fn::Split": [",", {"Ref": "Size"}]},
        "More": {"Fn::If": ["Big", {"Fn::Sub": "a"}, {"Ref": "AWS::NoValue"}]},
    }


def test_a_parameter_that_the_template_lacks_is_refused(template: Path) -> None:
    with (
        pytest.raises(DeployFailedError, match="no parameter Colour; it has Name, Size"),
        with_values(template, {"Colour": "red"}, "shop"),
    ):
        pass
    assert list(template.parent.iterdir()) == [template]
