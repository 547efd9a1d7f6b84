"""Setting up webhooks: the secrets that deliveries are signed with, and where to send them."""

import secrets
import sys
from enum import StrEnum

import typer

from infra.cli.deployment import Deployment
from shared.domain.signatures import rotated, secrets_in


class ShopSystem(StrEnum):
    """Who sends webhooks."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"


class NoSecretError(Exception):
    """What was given is no secret; the message says why."""


def ask(system: ShopSystem) -> str:
    """The secret from the keyboard, unseen, or from a pipe; never from the command line, which others can read."""
    given: str = typer.prompt(f"Secret of {system}", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    secret = given.strip()
    if not secret or len(secret.splitlines()) > 1:
        raise NoSecretError("A secret is one line, and not an empty one.")
    return secret


def generate(system: ShopSystem) -> str:
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
