"""The picture in the README is the template's, and follows what the template allows."""

import re
from copy import deepcopy
from typing import Any

import pytest

from infra import picture
from infra.template import Template

TEMPLATE = Template.load()


def lines(template: Template) -> set[str]:
    return {line.strip() for line in picture.mermaid(template).splitlines()}


def changed(function: str) -> tuple[Template, dict[str, Any]]:
    """A copy of the template, and a function's properties in it."""
    copy = Template(deepcopy(TEMPLATE.document))
    return copy, copy.properties(f"{function.title()}Function")


def test_the_readme_has_the_picture_of_this_template() -> None:
    text = picture.README.read_text()
    assert picture.drawn(text, TEMPLATE) == text, "run `make picture`"


def test_every_function_and_every_store_that_is_used_is_drawn_and_connected() -> None:
    text = picture.mermaid(TEMPLATE)
    failures = {name for name in TEMPLATE.of_type("AWS::SQS::Queue") if name.endswith("Failures")}
    stores = {name for kind in picture.STORES for name in TEMPLATE.of_type(kind)} - failures
    for name in stores | set(TEMPLATE.functions()):
        assert re.search(rf"^    {name}\b(?! <?--)", text, re.MULTILINE), f"{name} is not drawn"
        assert re.search(rf"-->.*\b{name}$|^    {name} <?-->", text, re.MULTILINE), f"{name} hangs in the air"


@pytest.mark.parametrize(
    "line",
    [
        'Bucket -->|"models"| recommend',
        'Table -->|"stream"| archive',
        'archive -->|"events, poison"| Bucket',
        'callers -->|"webhooks"| webhooks',
        "at_rate_5_minutes --> meter",
        "fulfil <--> PrivacyJobs",
    ],
)
def test_what_flows_is_as_the_functions_are_known_to_work(line: str) -> None:
    assert line in lines(TEMPLATE)


def test_a_permission_more_is_an_arrow_more() -> None:
    copy, properties = changed("catalogue")
    properties["Policies"][0]["Statement"].append(
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": {"Fn::Sub": "${Bucket.Arn}/pictures/*"}}
    )
    assert lines(copy) - lines(TEMPLATE) == {'catalogue -->|"pictures"| Bucket'}


def test_a_trigger_less_is_an_arrow_less() -> None:
    copy, properties = changed("training")
    del properties["Events"]["Nightly"]
    assert "at_cron_0_3 --> training" in lines(TEMPLATE) - lines(copy)


def test_a_readme_without_a_place_for_it_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        picture.drawn("# Regulars\n", TEMPLATE)
