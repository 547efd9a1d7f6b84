"""The training as a job: the same program, told the same, allowed the same, and made of what is locked."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from functions.fulfil.erase import LONGEST_TRAINING
from infra.local.tools import uv
from infra.template import Template

ROOT = Path(__file__).parents[2]
TEMPLATE = Template.load()
RESOURCES: dict[str, Any] = TEMPLATE.document["Resources"]
FUNCTION = TEMPLATE.functions()["training"]
JOB = TEMPLATE.properties("TrainingJob")
DOCKERFILE = (ROOT / "training/Dockerfile").read_text()
ONLY_ANY = {"ecr:GetAuthorizationToken"}
"""Actions of which AWS knows no resource."""


def statements(role: str) -> list[dict[str, Any]]:
    return [each for policy in TEMPLATE.properties(role)["Policies"] for each in policy["PolicyDocument"]["Statement"]]


def test_the_job_is_told_what_the_function_is() -> None:
    told = {each["Name"]: each["Value"] for each in JOB["ContainerProperties"]["Environment"]}
    assert told.pop("AWS_DEFAULT_REGION") == {"Ref": "AWS::Region"}
    shared = TEMPLATE.document["Globals"]["Function"]["Environment"]["Variables"]
    assert told == shared | FUNCTION["Environment"]["Variables"]


def test_the_job_may_do_what_the_function_may_and_no_more() -> None:
    (policy,) = FUNCTION["Policies"]
    assert statements("TrainingJobRole") == policy["Statement"]


def test_no_role_of_the_job_may_do_everything() -> None:
    for role in (name for name, each in RESOURCES.items() if each["Type"] == "AWS::IAM::Role"):
        for statement in statements(role):
            actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
            assert not [action for action in actions if "*" in action]
            assert statement["Resource"] != "*" or set(actions) <= ONLY_ANY


def test_one_of_the_two_trains_at_night_and_the_job_only_where_there_is_an_image() -> None:
    condition = TEMPLATE.document["Conditions"]["TrainsAsJob"]
    assert condition == {"Fn::Not": [{"Fn::Equals": [{"Ref": "TrainingImage"}, ""]}]}
    assert TEMPLATE.document["Parameters"]["TrainingImage"]["Default"] == ""
    of_function = FUNCTION["Events"]["Nightly"]["Properties"]
    assert of_function["State"] == {"Fn::If": ["TrainsAsJob", "DISABLED", {"Ref": "TrainingState"}]}
    of_job = TEMPLATE.properties("TrainingNight")
    assert of_job["ScheduleExpression"] == of_function["ScheduleExpression"]
    assert of_job["State"] == {"Ref": "TrainingState"}
    mine = [
        name for name, each in RESOURCES.items() if each["Type"].split("::")[1] in ("Batch", "Scheduler", "EC2", "IAM")
    ]
    assert len(mine) == 8
    assert [name for name in mine if RESOURCES[name].get("Condition") != "TrainsAsJob"] == []


def test_an_erasures_receipt_knows_how_long_a_training_may_last() -> None:
    longest = max(JOB["Timeout"]["AttemptDurationSeconds"], FUNCTION["Timeout"])
    assert longest <= LONGEST_TRAINING.total_seconds()


def test_the_image_has_what_the_dockerfile_copies_and_the_ignore_file_lets_through() -> None:
    copied = {
        word.removeprefix("./")
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.M)
        for word in line.split()
    }
    let_through = re.findall(r"^!(.*)$", (ROOT / "training/Dockerfile.dockerignore").read_text(), re.M)
    assert copied == set(let_through) == {"pyproject.toml", "uv.lock", "shared", "training"}
    assert re.findall(r"^ENTRYPOINT (.*)$", DOCKERFILE, re.M) == ['["python", "-m", "training"]']
    assert "USER 65534" in DOCKERFILE


@pytest.mark.local
def test_what_the_dockerfile_installs_is_enough_to_run(tmp_path: Path) -> None:
    """The build's own steps in a folder, with this machine's Python in place of the image's; it is not an image."""
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (install,) = re.findall(r"^RUN (uv sync .*)$", DOCKERFILE, re.M)
    this_python = {**os.environ, "UV_PYTHON": sys.executable}
    subprocess.run([uv(), *install.split()[1:], "--quiet"], cwd=tmp_path, env=this_python, check=True)
    for name in ("shared", "training"):
        shutil.copytree(ROOT / name, tmp_path / name)
    script = "import json, sys, training.__main__; print(json.dumps(sorted(m.split('.')[0] for m in sys.modules)))"
    python = tmp_path / ".venv/bin/python"
    done = subprocess.run([python, "-c", script], cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {"botocore", "numpy", "onnx", "onnxruntime", "scipy"} <= set(json.loads(done.stdout))
