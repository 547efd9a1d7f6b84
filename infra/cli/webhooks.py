"""The commands about webhooks: the secrets that deliveries are signed with, and where to send them."""

import secrets
import sys
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from infra.cli import show
from infra.cli.deployment import Deployment
from infra.cli.options import AsJson, Local, Stack, find
from shared.domain.signatures import rotated, secrets_in

app = typer.Typer(no_args_is_help=True, help="Webhooks of Shopify and WooCommerce.")
console = Console(stderr=True)


class ShopSystem(StrEnum):
    """Who sends webhooks."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"


class NoSecretError(Exception):
    """What was given is no secret; the message says why."""


@app.command("secret")
def webhook_secret(
    system: Annotated[ShopSystem, typer.Argument(help="Whose deliveries it signs.")],
    generate: Annotated[bool, typer.Option("--generate", help="Make one and print it, this one time.")] = False,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="The secret before is not valid any more, since others know it.")
    ] = False,
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """Set the secret, typed or piped in. The one before stays valid beside it, until the next. It holds in a minute."""
    secret = generated(system) if generate else ask(system)
    valid = keep(find(local, stack), system, secret, at_once=at_once)
    console.print(f"Kept. {valid} of {system}'s secrets are valid now." if valid > 1 else "Kept.")
    show.plain({"secret": secret} if generate else {"valid_secrets": str(valid)} if as_json else {}, as_json)


@app.command("urls")
def webhook_urls(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """Print where Shopify and WooCommerce are to send their webhooks."""
    show.plain(urls(find(local, stack)), as_json)


def ask(system: ShopSystem) -> str:
    """The secret from the keyboard, unseen, or from a pipe; never from the command line, which others can read."""
    given: str = typer.prompt(f"Secret of {system}", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    secret = given.strip()
    if not secret or len(secret.splitlines()) > 1:
        raise NoSecretError("A secret is one line, and not an empty one.")
    return secret


def generated(system: ShopSystem) -> str:
    """A new secret of 256 random bits, for a system that lets the shop choose."""
    if system is ShopSystem.SHOPIFY:
        raise NoSecretError("Shopify chooses the secret: it is the app's client secret, or stands below the webhooks.")
    return secrets.token_urlsafe(32)


def keep(deployment: Deployment, system: ShopSystem, secret: str, *, at_once: bool) -> int:
    """Keep the secret, beside the one before unless `at_once`; how many are valid then."""
    name = deployment.webhook_secret_name(system)
    kept = deployment.secrets.find(name)
    if kept is None or secrets_in(kept)[:1] != [secret] or at_once:
        kept = rotated(kept, secret, at_once=at_once)
        deployment.secrets.replace(name, kept)
    return len(secrets_in(kept))


def urls(deployment: Deployment) -> dict[str, str]:
    """Where each system sends its deliveries."""
    return {system: f"{deployment.access.api_url.rstrip('/')}/v1/webhooks/{system}" for system in ShopSystem}
