"""Whose history may be used to answer a request, and whether its owner lets it be."""

from collections.abc import Collection, Sequence

from shared.domain.consent import Policy, Purpose, latest
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.stores.consents import ConsentStore
from shared.stores.links import MOST_LINKS, LinkStore

PERSONALISED = (Purpose.PERSONALISATION,)


def opened(customer_id: str | None, anonymous_id: str | None, links: LinkStore) -> list[CustomerRef]:
    """The ids whose events the caller may be shown the effect of.

    `customer_id` only where the caller may read that customer: then with all linked ids. Otherwise only what the
    anonymous id itself did.
    """
    anonymous = CustomerRef(kind=ANONYMOUS, id=anonymous_id) if anonymous_id else None
    if customer_id:
        known = CustomerRef(kind=KNOWN, id=customer_id)
        others = [each for each in links.linked(known)[1:] if each != anonymous]
        mine = [anonymous] if anonymous and links.owner(anonymous) in (None, known) else []
        # The id of this very request comes first: what was done on this device just now must be seen.
        return [known, *mine, *others][: MOST_LINKS + 1]
    return [anonymous] if anonymous else []


def objection(
    customers: Sequence[CustomerRef],
    links: LinkStore,
    consents: ConsentStore,
    policy: Policy,
    *,
    objected: bool,
    purposes: Collection[Purpose] = PERSONALISED,
) -> str | None:
    """Why these ids' history may not be used; None where it may. The latest word counts, under whichever id.

    What its owner said holds for an anonymous id too.
    """
    if objected:
        return "Not personalised: the browser objects (Global Privacy Control)."
    owners = [links.owner(each) for each in customers[:1] if not each.is_known]
    found = consents.standing([*customers, *filter(None, owners)]).values() if customers else ()
    decided = latest(decision for standing in found for decision in standing.values())
    allowed = all(policy.allows(decided, each) for each in purposes)
    return None if allowed else "Not personalised: there is no consent to it."
