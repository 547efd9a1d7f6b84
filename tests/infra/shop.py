"""A deployment in process: the functions behind httpx, and moto behind the stores."""

import threading

import httpx

from infra.cli.deployment import Access, Deployment
from tests.conftest import BUCKET, TABLE, Keys
from tests.functions.api import Api

ACCESS = Access(
    stack="regulars-test",
    api_url="https://api.example.com",
    table_name=TABLE,
    bucket_name=BUCKET,
    training_function="training",
)


class InProcess(Deployment):
    """The deployment of the test's table; its API is called without a network."""

    def __init__(self, keys: Keys) -> None:
        super().__init__(ACCESS)
        self._api = Api(keys)
        self._one_at_a_time = threading.Lock()  # a Lambda environment serves one request at a time

    def api(self, key: str | None = None) -> httpx.Client:
        caller = self._api.caller(key or self._api.keys.secret)

        def answer(request: httpx.Request) -> httpx.Response:
            with self._one_at_a_time:
                reply = caller.call(request.method, request.url.raw_path.decode(), request.read().decode() or None)
            return httpx.Response(reply.status, headers=reply.headers, text=reply.text)

        return httpx.Client(base_url=self.access.api_url, transport=httpx.MockTransport(answer))
