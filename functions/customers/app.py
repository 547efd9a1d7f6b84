"""The customers function: what a customer is worth, and what all of them are together, as the nightly job left it."""

import os
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.openapi.params import Path

from functions.customers import customers
from functions.customers.settings import CustomersSettings
from shared.domain.events import Id
from shared.domain.value import CustomerValue, ValueSummary
from shared.stores import clients
from shared.stores.deadline import DEADLINE
from shared.stores.keys import KeyStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.stores.values import ValueStore
from shared.telemetry.log import observed
from shared.web.auth import Authenticator
from shared.web.edge import Edge, new_app, now
from shared.web.routes import SecretCaller

MOST_BODY_BYTES = 1_024
"""None of its routes has a body."""

app = new_app()


@cache
def settings() -> CustomersSettings:
    return CustomersSettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def authenticator() -> Authenticator:
    secrets = SecretStore(clients.ssm())
    return Authenticator(KeyStore(table()).find, lambda: secrets.get(settings().pepper_parameter), now)


def value_store() -> ValueStore:
    return ValueStore(table())


Values = Annotated[ValueStore, Depends(value_store)]


@app.get("/v1/customers/summary", summary="All customers by lifecycle", tags=["customers"])
def get_summary(_: SecretCaller, values: Values) -> ValueSummary:
    return customers.summary(values)


@app.get("/v1/customers/<customer_id>/value", summary="What a customer is worth", tags=["customers"])
def get_value(customer_id: Annotated[Id, Path()], _: SecretCaller, values: Values) -> CustomerValue:
    return customers.value(customer_id, values)


handler = observed("customers")(Edge(app, authenticator, MOST_BODY_BYTES, within=DEADLINE.within))
