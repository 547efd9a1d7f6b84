"""Reading what the nightly job left, and saying why there is nothing where there is nothing."""

from shared.domain.errors import NotFoundError
from shared.domain.events import KNOWN, CustomerRef
from shared.domain.value import CustomerValue, ValueSummary
from shared.stores.values import ValueStore

NO_VALUE = (
    "This customer has no value: they have no order that stands, their first came since the last night, "
    "or the nightly job has not run for two weeks."
)
NO_SUMMARY = "There is no summary: no customer has an order that stands, or the nightly job has not run lately."


def value(customer_id: str, values: ValueStore) -> CustomerValue:
    """What a known customer is worth. Raises `NotFoundError`."""
    found = values.get(CustomerRef(kind=KNOWN, id=customer_id))
    if found is None:
        raise NotFoundError(NO_VALUE)
    return found


def summary(values: ValueStore) -> ValueSummary:
    """What all customers are together. Raises `NotFoundError`."""
    found = values.summary()
    if found is None:
        raise NotFoundError(NO_SUMMARY)
    return found
