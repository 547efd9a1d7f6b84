"""What can be asked of the offers, and the replies."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.events import Id, OrderId
from shared.domain.money import Money
from shared.domain.offers import AmountOff, CartLine, Code, Offer, OfferSurface, Percent, Scope

Cart = Annotated[list[CartLine], Field(max_length=100)]


class OfferRequest(BaseModel):
    """Whom an offer is for, and where it would be shown."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    customer_id: Id | None = None
    anonymous_id: Id | None = None
    customer_token: str | None = Field(default=None, max_length=128)
    surface: OfferSurface
    cart: Cart = Field(default=[], description="Priced by the catalogue.")
    birthday_month: int | None = Field(
        default=None,
        ge=1,
        le=12,
        description="With a secret key, where the customer agreed. Not kept, unless an offer made for it tells.",
    )


class ShownOffer(BaseModel, defer_build=True):
    """An offer, for the shopper. `expires_at` is that of the code."""

    offer_id: str
    text: str
    discount: Percent | AmountOff
    on: Scope
    minimum_cart: Money | None
    code: str
    expires_at: datetime | None


class Considered(BaseModel, defer_build=True):
    """An offer that might have been made: what it is expected to bring, or why it was not made."""

    offer_id: str
    expected_profit: Money | None = None
    refused: str | None = None


class OfferReply(BaseModel, defer_build=True):
    """At most one offer. `public_offer` may be used by everybody, whatever else is offered."""

    decision_id: str | None = None
    offer: ShownOffer | None = None
    public_offer: ShownOffer | None = None
    personalised: bool = False
    disclosure: str | None = Field(default=None, description="To be shown with the offer: personal data chose it.")
    why: str
    note: str | None = None
    considered: list[Considered] | None = Field(default=None, description="With a secret key only: for the owner.")


class VerifyRequest(BaseModel):
    """A code at the checkout, and what it would be used for."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    code: Code
    cart: Cart = Field(min_length=1)


class Verified(BaseModel, defer_build=True):
    """What a code takes off this cart; why nothing, where that is so."""

    valid: bool
    offer_id: str | None = None
    off: Money | None = None
    total: Money | None = Field(default=None, description="What is left to pay for the cart.")
    why: str


class RedeemRequest(BaseModel):
    """The order that a code was used for."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    code: Code
    order_id: OrderId


class Redeemed(BaseModel, defer_build=True):
    """The code is used now, for this order."""

    offer_id: str
    order_id: str


class OfferList(BaseModel, defer_build=True):
    """All offers, by id."""

    offers: list[Offer]


class OfferDeleted(BaseModel, defer_build=True):
    """The offer that is no more."""

    offer_id: str
