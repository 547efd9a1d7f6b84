"""Creating keys."""

from datetime import UTC, datetime

from infra.cli.deployment import Deployment
from shared.domain.keys import KeyKind, hash_key, new_key


def make_key(deployment: Deployment, kind: KeyKind, label: str) -> str:
    """A new key of the deployment; makes the deployment's two secrets on first use."""
    pepper = deployment.secrets.ensure(deployment.pepper_name)
    deployment.secrets.ensure(deployment.token_secret_name)
    key = new_key(kind)
    deployment.keys.create(hash_key(key, pepper), kind, label, datetime.now(UTC))
    return key
