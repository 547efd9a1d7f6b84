"""A hold-out that needs no memory: who is in it follows from a salt and an id, in every process and on every day alike.

A larger share holds out everybody that a smaller one did, so that an owner who changes it moves as few as can be. Two
salts divide independently: an offer's id as its salt keeps one offer's hold-out from being every other's.
"""

import hashlib

from shared.domain.events import CustomerRef

_WHOLE = 2**64


def held_out(salt: str, customer_id: str, share: float) -> bool:
    """Whether this customer is in the hold-out of this size, from 0 (nobody) to 1 (everybody)."""
    if not 0 <= share <= 1:
        raise ValueError(f"a hold-out's share is from 0 to 1, not {share}")
    # The salt's length goes first: no end of a salt can be taken for the beginning of an id.
    said = f"{len(salt)}:{salt}{customer_id}".encode(errors="surrogatepass")
    return int.from_bytes(hashlib.sha256(said).digest()[:8]) < share * _WHOLE


def unit(customer: CustomerRef, owner: CustomerRef | None = None) -> str:
    """The id by which this customer is divided: that of the known one whom an anonymous id belongs to, if there is one.

    So all devices of a known customer are on one side, for good. Only a visitor who signs in for the first time may
    change sides, with probability 2 * share * (1 - share): who counts an effect goes by the side of the first decision,
    which is to be noted with it.
    """
    return str(owner if owner is not None and not customer.is_known else customer)
