"""Whose history a request may use."""

from collections.abc import Callable, Sequence
from datetime import datetime

from functions.recommend.request import Who
from shared.domain.consent import Policy, Purpose, latest
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.stores.consents import ConsentStore
from shared.stores.links import MOST_LINKS, LinkStore
from shared.web.auth import Caller, may_read


def readable(
    request: Who, caller: Caller, links: LinkStore, token_secret: Callable[[], str], now: datetime
) -> list[CustomerRef]:
    """The ids whose events this caller may be shown the effect of.

    A known customer with all linked ids, for a secret key or with the customer's token; otherwise only what the
    anonymous id itself did. Raises `ForbiddenError` on a token that does not hold.
    """
    anonymous = CustomerRef(kind=ANONYMOUS, id=request.anonymous_id) if request.anonymous_id else None
    if request.customer_id and may_read(caller, request.customer_id, request.customer_token, token_secret, now):
        known = CustomerRef(kind=KNOWN, id=request.customer_id)
        others = [each for each in links.linked(known)[1:] if each != anonymous]
        mine = [anonymous] if anonymous and links.owner(anonymous) in (None, known) else []
        # The id of this very request comes first: what was done on this device just now must be seen.
        return [known, *mine, *others][: MOST_LINKS + 1]
    return [anonymous] if anonymous else []


def objection(
    customers: Sequence[CustomerRef], links: LinkStore, consents: ConsentStore, policy: Policy, *, objected: bool
) -> str | None:
    """Why these ids' history may not be used; None where it may. The latest word counts, under whichever id.

    What its owner said holds for an anonymous id too.
    """
    if objected:
        return "Not personalised: the browser objects (Global Privacy Control)."
    owners = [links.owner(each) for each in customers[:1] if not each.is_known]
    found = consents.standing([*customers, *filter(None, owners)]).values() if customers else ()
    decided = latest(decision for standing in found for decision in standing.values())
    allowed = policy.allows(decided, Purpose.PERSONALISATION)
    return None if allowed else "Not personalised: there is no consent to it."
