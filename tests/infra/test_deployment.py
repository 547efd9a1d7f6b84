"""How the command line finds a deployment, and what it says where there is none."""

import stat
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from pydantic import SecretStr

from infra.cli.deployment import Access, Deployment, NoDeploymentError, access_of
from infra.cli.keys import make_key
from shared.domain.keys import KeyKind, hash_key, is_well_formed
from shared.stores.table import Table
from tests.infra.shop import ACCESS

OUTPUTS = {
    "ApiUrl": "https://api.example.com",
    "TableName": "table",
    "BucketName": "bucket",
    "TrainingFunctionName": "training",
    "ApiId": "x",
}


class CloudFormation:
    """Knows one stack."""

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - the API's name
        if StackName != "shop":
            message = f"Stack with id {StackName} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks")
        return {"Stacks": [{"Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in OUTPUTS.items()]}]}


@pytest.fixture
def _cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "client", lambda name: {"cloudformation": CloudFormation()}[name])


def test_what_is_saved_is_found_again_and_is_its_owners_alone(tmp_path: Path) -> None:
    access = ACCESS.model_copy(update={"secret_key": SecretStr("sk_test"), "endpoint_url": "http://127.0.0.1:1"})
    access.save(tmp_path)
    assert Deployment.on_this_machine(tmp_path).access == access
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    ACCESS.save(tmp_path)
    assert Deployment.on_this_machine(tmp_path).access.secret_key is None


def test_a_key_is_not_shown_by_accident() -> None:
    assert "sk_test" not in repr(access_of("shop", OUTPUTS, "sk_test"))


def test_without_a_local_stack_it_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(NoDeploymentError, match="make demo"):
        Deployment.on_this_machine(tmp_path)


@pytest.mark.usefixtures("_cloud")
def test_a_stack_in_the_cloud_is_found_by_its_outputs() -> None:
    access = Deployment.in_cloud("shop", "sk_test").access
    expected = Access(
        stack="shop",
        api_url="https://api.example.com",
        table_name="table",
        bucket_name="bucket",
        training_function="training",
        secret_key=SecretStr("sk_test"),
    )
    assert access == expected


@pytest.mark.usefixtures("_cloud")
def test_a_stack_that_does_not_exist_is_said() -> None:
    with pytest.raises(NoDeploymentError, match=r"The stack other cannot be read: .*does not exist"):
        Deployment.in_cloud("other", None)


def test_a_client_carries_the_key_given_or_the_one_remembered() -> None:
    remembered = Deployment(ACCESS.model_copy(update={"secret_key": SecretStr("sk_remembered")}))
    with remembered.api() as own, remembered.api("pk_given") as other:
        assert own.headers["authorization"] == "Bearer sk_remembered"
        assert other.headers["authorization"] == "Bearer pk_given"
        assert own.base_url == "https://api.example.com"
    with pytest.raises(NoDeploymentError, match="regulars keys create"):
        Deployment(ACCESS).api()


def test_a_key_is_made_with_the_deployments_own_secrets(table: Table) -> None:
    assert table
    deployment = Deployment(ACCESS)
    made = [make_key(deployment, kind, "test") for kind in (KeyKind.SECRET, KeyKind.PUBLISHABLE)]
    pepper = deployment.secrets.get("/regulars-test/key-pepper")
    for key, kind in zip(made, ("sk", "pk"), strict=True):
        assert is_well_formed(key)
        found = deployment.keys.find(hash_key(key, pepper))
        assert found
        assert (found.kind, found.label) == (kind, "test")
    assert deployment.secrets.get(deployment.token_secret_name) != pepper
