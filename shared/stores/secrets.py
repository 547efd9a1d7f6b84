"""The deployment's secrets, kept in Systems Manager's parameter store as SecureStrings."""

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.domain.errors import StoreUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class SecretStore:
    """Reads a secret once per process; creates it where it does not exist."""

    def __init__(self, client: "SSMClient") -> None:
        self._client = client
        self._known: dict[str, str] = {}

    def get(self, name: str) -> str:
        """The secret's value. Raises `StoreUnavailableError` while it cannot be read or does not exist."""
        if name not in self._known:
            try:
                reply = self._client.get_parameter(Name=name, WithDecryption=True)
            except (ClientError, BotoCoreError) as error:
                raise StoreUnavailableError("A secret of this deployment cannot be read.") from error
            self._known[name] = reply["Parameter"]["Value"]
        return self._known[name]

    def find(self, name: str) -> str | None:
        """The secret's value as it is now; None where it was never set. Raises `StoreUnavailableError`."""
        try:
            reply = self._client.get_parameter(Name=name, WithDecryption=True)
        except self._client.exceptions.ParameterNotFound:
            return None
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailableError("A secret of this deployment cannot be read.") from error
        return reply["Parameter"]["Value"]

    def replace(self, name: str, value: str) -> None:
        """Set the secret, over what it was."""
        self._client.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)

    def ensure(self, name: str) -> str:
        """The secret's value, made of 256 random bits on first use."""
        with suppress(self._client.exceptions.ParameterAlreadyExists):
            self._client.put_parameter(Name=name, Value=secrets.token_urlsafe(32), Type="SecureString", Overwrite=False)
        return self.get(name)
