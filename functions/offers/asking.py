"""Who asks for an offer, what may be known of them, and what is said where nothing may."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from functions.offers.offers import Desk, best_public, decide, plain
from functions.offers.person import Person, Stores
from functions.offers.request import OfferReply, OfferRequest
from shared.domain.consent import Policy, Purpose
from shared.domain.errors import ForbiddenError, StoreUnavailableError
from shared.domain.events import CustomerRef
from shared.stores.consents import ConsentStore
from shared.stores.links import LinkStore
from shared.stores.permitted import objection, opened
from shared.stores.switch import Switch
from shared.telemetry.log import logger
from shared.web.auth import Caller, may_read

NOBODY = "Not personalised: the request names nobody whom this key may know."
SLOW = "Not personalised: a store is slow or down."


class Rights(NamedTuple):
    """What decides whether personal data may be used."""

    links: LinkStore
    consents: ConsentStore
    policy: Policy
    switch: Switch
    token_secret: Callable[[], str]


def answer(
    request: OfferRequest,
    caller: Caller,
    rights: Rights,
    stores: Stores,
    desk: Desk,
    now: datetime,
    *,
    objected: bool,
) -> OfferReply:
    """The offer for this caller. Where a store fails, the public one from memory, if any was ever read.

    Raises `ForbiddenError` on a token that does not hold, and on a birthday that a browser tells of.
    """
    if request.birthday_month is not None and not caller.is_trusted:
        raise ForbiddenError("birthday_month needs a secret key: only the shop's server can say whose birthday it is.")
    try:
        customers = _customers(request, caller, rights, now)
        note = _refusal(request, customers, rights, objected=objected)
        reply = (
            _public(request, desk, now, note) if note else decide(request, Person(customers, stores, now), desk, now)
        )
    except StoreUnavailableError:
        public = _remembered(request, desk, now)
        logger.warning("an offer was answered without the stores")
        return public
    return reply if caller.is_trusted else reply.model_copy(update={"considered": None})


def _customers(request: OfferRequest, caller: Caller, rights: Rights, now: datetime) -> list[CustomerRef]:
    known = request.customer_id
    may = known is not None and may_read(caller, known, request.customer_token, rights.token_secret, now)
    return opened(known if may else None, request.anonymous_id, rights.links)


def _refusal(request: OfferRequest, customers: list[CustomerRef], rights: Rights, *, objected: bool) -> str | None:
    """Why nothing personal may be used. An offer by mail is advertising, which needs a yes of its own."""
    if not customers:
        return NOBODY
    purposes = {Purpose.PERSONALISATION} | ({Purpose.MARKETING} if request.surface == "email" else set())
    return rights.switch.saving() or objection(
        customers, rights.links, rights.consents, rights.policy, objected=objected, purposes=purposes
    )


def _public(request: OfferRequest, desk: Desk, now: datetime, note: str) -> OfferReply:
    running = [each for each in desk.book.offers() if each.runs(request.surface, now)]
    return plain(best_public(request, running, desk, now), note)


def _remembered(request: OfferRequest, desk: Desk, now: datetime) -> OfferReply:
    """Without any read, so without knowing what of a budget is spent: only a public offer that has none."""
    known = [each for each in desk.book.remembered() if each.runs(request.surface, now)]
    public = next((each for each in known if each.public and each.budget is None), None)
    if public is None:
        raise StoreUnavailableError("A store is slow or down, and no public offer is in memory.")
    return plain(public, SLOW)
