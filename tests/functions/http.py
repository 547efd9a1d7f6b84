"""The whole API in this process, as something that speaks HTTP: what an HTTP API makes of a request on the wire."""

from threading import Lock

import httpx

from tests.functions.api import Api


def transport(api: Api) -> httpx.MockTransport:
    """Hands on a body as text, and one that is compressed in base64, as an HTTP API does what is no text.

    One request at a time, as Lambda gives them to an environment: a page may send two at once.
    """
    busy = Lock()

    def answer(request: httpx.Request) -> httpx.Response:
        headers = dict(request.headers) | {"x-forwarded-proto": request.url.scheme}
        body = request.content if "content-encoding" in headers else request.content.decode()
        url = request.url.raw_path.decode("ascii")
        with busy:
            reply = api.caller(None).call(request.method, url, body or None, headers=headers)
        return httpx.Response(reply.status, headers=reply.headers, text=reply.text)

    return httpx.MockTransport(answer)
