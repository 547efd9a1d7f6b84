"""Whose history a request may use."""

from collections.abc import Callable
from datetime import datetime

from functions.recommend.request import Who
from shared.domain.events import CustomerRef
from shared.stores.links import LinkStore
from shared.stores.permitted import opened
from shared.web.auth import Caller, may_read


def readable(
    request: Who, caller: Caller, links: LinkStore, token_secret: Callable[[], str], now: datetime
) -> list[CustomerRef]:
    """The ids whose events this caller may be shown the effect of.

    A known customer with all linked ids, for a secret key or with the customer's token; otherwise only what the
    anonymous id itself did. Raises `ForbiddenError` on a token that does not hold.
    """
    known = request.customer_id
    may = known is not None and may_read(caller, known, request.customer_token, token_secret, now)
    return opened(known if may else None, request.anonymous_id, links)
