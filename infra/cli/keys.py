"""API keys: made, listed, replaced and revoked. A key is shown when it is made, and never again."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from infra.cli.deployment import Deployment
from shared.domain.errors import ConflictError, NotFoundError
from shared.domain.keys import KeyKind, KeyRecord, hash_key, is_well_formed, new_key

SHOWN = 12
"""So much of a key's hash names it: enough to tell keys apart, and nothing to call the API with."""


class Rotated(NamedTuple):
    """The new key, and the old one as it is now."""

    key: str
    old: KeyRecord


def make_key(deployment: Deployment, kind: KeyKind, label: str) -> str:
    """A new key of the deployment; makes the deployment's two secrets on first use."""
    pepper = deployment.secrets.ensure(deployment.pepper_name)
    deployment.secrets.ensure(deployment.token_secret_name)
    key = new_key(kind)
    deployment.keys.create(hash_key(key, pepper), kind, label, datetime.now(UTC))
    return key


def id_of(key: KeyRecord) -> str:
    """By what the commands name a key."""
    return key.key_hash[:SHOWN]


def find_key(deployment: Deployment, key: str) -> KeyRecord:
    """A key by itself, or by the id that `list` shows. Raises `NotFoundError`."""
    if is_well_formed(key):
        found = deployment.keys.find(hash_key(key, deployment.secrets.get(deployment.pepper_name)))
    else:
        named = [each for each in deployment.keys.all() if len(key) >= SHOWN and each.key_hash.startswith(key)]
        found = named[0] if len(named) == 1 else None
    if found is None:
        raise NotFoundError("This key is unknown here: mistyped, of another deployment, or revoked already.")
    return found


def rotate(deployment: Deployment, key: str, overlap: timedelta) -> Rotated:
    """A new key of the same kind and label; the old one ends when the overlap is over.

    In this order, so that whatever breaks off there is a valid key; run again, it makes another, and the one that
    nobody saw can be revoked by its id. Raises `NotFoundError`, and `ConflictError` for a key that ends already.
    """
    old, now = find_key(deployment, key), datetime.now(UTC)
    if old.expires_at is not None:
        raise ConflictError(f"This key was rotated before: it ends {old.expires_at:%d %B %Y %H:%M} UTC.")
    made = make_key(deployment, old.kind, old.label)
    if not deployment.keys.expire(old, now + overlap):
        deployment.keys.revoke(hash_key(made, deployment.secrets.get(deployment.pepper_name)))
        raise ConflictError("Somebody else has just revoked or rotated this key. Nothing was changed.")
    return Rotated(made, old.model_copy(update={"expires_at": now + overlap}))
