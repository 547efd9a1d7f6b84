"""`regulars webhooks`: secrets that are never on the command line, rotation, and the URLs to paste."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from infra.cli import app as cli
from infra.cli import webhooks
from infra.cli.webhooks import NoSecretError, ShopSystem
from shared.domain.signatures import secrets_in
from shared.stores import clients
from tests.conftest import Keys
from tests.functions.webhooks.senders import Shopify, payload
from tests.infra.shop import InProcess

NAME = "/regulars-test/shopify-webhook-secret"


@pytest.fixture
def shop(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    deployment = InProcess(keys)
    monkeypatch.setattr(deployment, "_client", lambda service: getattr(clients, service)())
    monkeypatch.setattr(webhooks, "find", lambda *_: deployment)
    return deployment


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli.app, ["webhooks", *arguments], input=typed)


def kept(shop: InProcess, name: str = NAME) -> list[str]:
    shop.__dict__.pop("secrets", None)
    return secrets_in(shop.secrets.find(name))


def test_a_secret_is_read_from_a_pipe_and_not_shown(shop: InProcess) -> None:
    done = run("secret", "shopify", typed="shpss_1\n")
    assert done.exit_code == 0
    assert "shpss_1" not in done.output
    assert kept(shop) == ["shpss_1"]
    assert clients.ssm().get_parameter(Name=NAME)["Parameter"]["Type"] == "SecureString"


def test_the_secret_before_stays_valid_until_the_next(shop: InProcess) -> None:
    for secret in ("a", "b", "c"):
        run("secret", "shopify", typed=secret)
    assert kept(shop) == ["c", "b"]
    again = run("secret", "shopify", "--json", typed="c")
    assert (json.loads(again.stdout), kept(shop)) == ({"valid_secrets": "2"}, ["c", "b"])
    run("secret", "shopify", "--at-once", typed="c")
    assert kept(shop) == ["c"]


@pytest.mark.parametrize("typed", ["", "\n", "  \n", "two\nlines\n"])
def test_what_is_no_secret_changes_nothing(shop: InProcess, typed: str) -> None:
    run("secret", "shopify", typed="a")
    assert isinstance(run("secret", "shopify", typed=typed).exception, NoSecretError)
    assert kept(shop) == ["a"]


def test_woocommerces_secret_can_be_made_here_and_shopifys_cannot(shop: InProcess) -> None:
    made = json.loads(run("secret", "woocommerce", "--generate", "--json").stdout)["secret"]
    assert kept(shop, "/regulars-test/woocommerce-webhook-secret") == [made]
    assert len(made) >= 43
    with pytest.raises(NoSecretError, match="client secret"):
        webhooks.generated(ShopSystem.SHOPIFY)


def test_the_urls_are_the_apis(shop: InProcess) -> None:  # noqa: ARG001 - answers the command
    assert json.loads(run("urls", "--json").stdout) == {
        "shopify": "https://api.example.com/v1/webhooks/shopify",
        "woocommerce": "https://api.example.com/v1/webhooks/woocommerce",
    }


def test_what_was_set_opens_the_route(shop: InProcess) -> None:
    sender = Shopify(shop._api)
    body: dict[str, Any] = payload("shopify-order")
    assert sender.send("orders/create", body, secret="shpss_1").status == 401
    run("secret", "shopify", typed="shpss_1")
    shop._api.apps["webhooks"].secrets.cache_clear()
    assert sender.told("orders/create", body, secret="shpss_1")["status"] == "done"
