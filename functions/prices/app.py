"""The prices function: suggestions, limits, competitors' prices, experiments; public prices, proven."""

import os
from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel, Field

from functions.prices import competitors, experiments, limits, public, suggestions
from functions.prices.competitors import CompetitorBatch, CompetitorReport
from functions.prices.experiments import ExperimentList
from functions.prices.history import PriceHistory, history
from functions.prices.limits import LimitsPage, StoredLimits
from functions.prices.public import Claim, Supported
from functions.prices.settings import PricesSettings
from functions.prices.suggestions import Meant, Snooze, SuggestionPage
from shared.domain.competitors import CompetitorPrice
from shared.domain.errors import FieldError
from shared.domain.events import Id
from shared.domain.experiment_results import ExperimentResults
from shared.domain.experiments import Experiment, ExperimentBody, ExperimentId
from shared.domain.price_limits import Limits
from shared.domain.price_scopes import Scope
from shared.domain.public_price import PublicPrice
from shared.domain.suggestions import Suggestion, SuggestionStatus
from shared.stores import clients
from shared.stores.competitors import CompetitorStore
from shared.stores.deadline import DEADLINE
from shared.stores.experimenting import Experimenting
from shared.stores.experiments import ExperimentStore
from shared.stores.items import ItemStore
from shared.stores.keys import KeyStore
from shared.stores.ledger import LedgerStore
from shared.stores.price_limits import PriceLimitsStore
from shared.stores.repricing import Repricing
from shared.stores.secrets import SecretStore
from shared.stores.suggestions import SuggestionStore
from shared.stores.table import Table
from shared.telemetry.log import observed
from shared.web.auth import Authenticator
from shared.web.batches import partly, reported
from shared.web.edge import Edge, new_app, now
from shared.web.routes import AnyCaller, IfMatch, SecretCaller, tagged, version_in

MOST_BODY_BYTES = 1_000_000

app = new_app()


class CompetitorPrices(BaseModel, defer_build=True):
    """What competitors asked when they were last looked at, by name; without a price, they offer the item no longer."""

    item_id: str
    prices: list[CompetitorPrice]


class DeletedLimits(BaseModel, defer_build=True):
    """How many were deleted: of one scope, those that there were."""

    deleted: int = Field(ge=0)


@cache
def settings() -> PricesSettings:
    return PricesSettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def authenticator() -> Authenticator:
    secrets = SecretStore(clients.ssm())
    return Authenticator(KeyStore(table()).find, lambda: secrets.get(settings().pepper_parameter), now)


def item_store() -> ItemStore:
    return ItemStore(table())


def ledger_store() -> LedgerStore:
    return LedgerStore(table())


def limits_store() -> PriceLimitsStore:
    return PriceLimitsStore(table())


def competitor_store() -> CompetitorStore:
    return CompetitorStore(table())


def suggestion_store() -> SuggestionStore:
    return SuggestionStore(table())


def experiment_store() -> ExperimentStore:
    return ExperimentStore(table())


def experimenting() -> Experimenting:
    return Experimenting(table())


def repricing() -> Repricing:
    return Repricing(table())


Items = Annotated[ItemStore, Depends(item_store)]
Ledger = Annotated[LedgerStore, Depends(ledger_store)]
LimitsStore = Annotated[PriceLimitsStore, Depends(limits_store)]
Competitors = Annotated[CompetitorStore, Depends(competitor_store)]
Suggestions = Annotated[SuggestionStore, Depends(suggestion_store)]
Experiments = Annotated[ExperimentStore, Depends(experiment_store)]
Cursor = Annotated[str | None, Query(max_length=1024)]


@app.get("/v1/prices/suggestions", summary="List suggested prices", tags=["prices"])
def list_suggestions(
    _: SecretCaller,
    store: Suggestions,
    status: Annotated[SuggestionStatus, Query()] = SuggestionStatus.OPEN,
    category: Annotated[str | None, Query(max_length=256)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    cursor: Cursor = None,
) -> SuggestionPage:
    found, next_cursor = store.page(limit, now(), cursor, status=status, category=category)
    return SuggestionPage(suggestions=found, next_cursor=next_cursor)


@app.post("/v1/prices/suggestions/<item_id>/approve", summary="Make a suggested price the item's", tags=["prices"])
def approve_suggestion(
    item_id: Annotated[Id, Path()],
    body: Annotated[Meant, Body()],
    _: SecretCaller,
    changes: Annotated[Repricing, Depends(repricing)],
) -> Suggestion:
    return changes.approve(item_id, body.suggestion_id, now())


@app.post("/v1/prices/suggestions/<item_id>/reject", summary="Turn a suggested price down", tags=["prices"])
def reject_suggestion(
    item_id: Annotated[Id, Path()], body: Annotated[Meant, Body()], _: SecretCaller, store: Suggestions
) -> Suggestion:
    return suggestions.reject(item_id, body, store, now())


@app.post("/v1/prices/suggestions/<item_id>/snooze", summary="Put a suggested price off", tags=["prices"])
def snooze_suggestion(
    item_id: Annotated[Id, Path()], body: Annotated[Snooze, Body()], _: SecretCaller, store: Suggestions
) -> Suggestion:
    return suggestions.snooze(item_id, body, store, now())


@app.get("/v1/prices/limits", summary="List the owner's limits", tags=["prices"])
def list_limits(
    _: SecretCaller, store: LimitsStore, limit: Annotated[int, Query(ge=1, le=500)] = 100, cursor: Cursor = None
) -> LimitsPage:
    return limits.page(store, limit, cursor)


@app.get("/v1/prices/limits/<scope>", summary="The limits of all items, a category or one item", tags=["prices"])
def get_limits(
    scope: Annotated[Scope, Path()],
    _: SecretCaller,
    store: LimitsStore,
    items: Items,
    holding: Annotated[
        bool, Query(description="Of `item:ID`: all that holds for it, of wider scopes and the defaults too.")
    ] = False,
) -> Response[StoredLimits]:
    return tagged(limits.holding(scope, items, store) if holding else limits.stored(store.get(scope)))


@app.put("/v1/prices/limits/<scope>", summary="Set limits", tags=["prices"])
def put_limits(
    scope: Annotated[Scope, Path()],
    body: Annotated[Limits, Body()],
    _: SecretCaller,
    store: LimitsStore,
    if_match: IfMatch = None,
) -> Response[StoredLimits]:
    return tagged(limits.put(scope, body, version_in(if_match), store))


@app.delete("/v1/prices/limits/<scope>", summary="Delete limits", tags=["prices"])
def delete_limits(
    scope: Annotated[Scope, Path()], _: SecretCaller, store: LimitsStore, if_match: IfMatch = None
) -> DeletedLimits:
    store.delete(scope, version_in(if_match), now())
    return DeletedLimits(deleted=1)


@app.put(
    "/v1/competitor-prices",
    summary="Tell what competitors ask",
    tags=["prices"],
    responses=partly(CompetitorReport),
)
def put_competitor_prices(
    body: Annotated[CompetitorBatch, Body()], _: SecretCaller, items: Items, store: Competitors
) -> Response[Any]:
    told = competitors.put(body.prices, items, store, now())
    bad = [FieldError(f"prices.{each.index}.{each.field}", each.message) for each in told.rejected]
    return reported(app, told, told.accepted, bad, "No price was accepted")


@app.get("/v1/competitor-prices/<item_id>", summary="What competitors ask for an item", tags=["prices"])
def get_competitor_prices(item_id: Annotated[Id, Path()], _: SecretCaller, store: Competitors) -> CompetitorPrices:
    return CompetitorPrices(item_id=item_id, prices=list(store.get([item_id]).get(item_id, ())))


@app.get("/v1/prices/experiments", summary="List the price experiments", tags=["prices"])
def list_experiments(_: SecretCaller, store: Experiments) -> ExperimentList:
    return ExperimentList(experiments=store.all())


@app.get("/v1/prices/experiments/<experiment_id>/results", summary="What an experiment has shown", tags=["prices"])
def get_experiment_results(
    experiment_id: Annotated[ExperimentId, Path()], _: SecretCaller, store: Experiments
) -> ExperimentResults:
    return experiments.results(experiment_id, store, now())


@app.get("/v1/prices/experiments/<experiment_id>", summary="Get one price experiment", tags=["prices"])
def get_experiment(
    experiment_id: Annotated[ExperimentId, Path()], _: SecretCaller, store: Experiments
) -> Response[Experiment]:
    found = store.get(experiment_id)
    return tagged(found)


@app.put("/v1/prices/experiments/<experiment_id>", summary="Plan a price experiment", tags=["prices"])
def put_experiment(
    experiment_id: Annotated[ExperimentId, Path()],
    body: Annotated[ExperimentBody, Body()],
    _: SecretCaller,
    store: Experiments,
    items: Items,
    bounds: LimitsStore,
    if_match: IfMatch = None,
) -> Response[Experiment]:
    wanted = Experiment(**dict(body), experiment_id=experiment_id, version=version_in(if_match))
    found = experiments.put(wanted, items, bounds, store, now())
    return tagged(found)


@app.delete("/v1/prices/experiments/<experiment_id>", summary="Stop one; its prices go back", tags=["prices"])
def stop_experiment(
    experiment_id: Annotated[ExperimentId, Path()],
    _: SecretCaller,
    changes: Annotated[Experimenting, Depends(experimenting)],
    if_match: IfMatch = None,
) -> Response[Experiment]:
    found = changes.stop(experiment_id, version_in(if_match), now())
    return tagged(found)


# What ends in a word of its own comes before the bare id, which may have a slash in it.
@app.post("/v1/prices/<item_id>/claims", summary="Whether a price may be called reduced", tags=["prices"])
def post_claim(
    item_id: Annotated[Id, Path()], body: Annotated[Claim, Body()], _: SecretCaller, items: Items, ledger: Ledger
) -> Supported:
    return public.claim(item_id, body, items, ledger, now())


@app.get("/v1/prices/<item_id>/history", summary="An item's price ledger, latest first", tags=["prices"])
def get_history(
    item_id: Annotated[Id, Path()],
    _: SecretCaller,
    items: Items,
    ledger: Ledger,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Cursor = None,
) -> PriceHistory:
    return history(item_id, items, ledger, limit, cursor)


@app.get("/v1/prices/<item_id>", summary="An item's price, and the lowest of the prior 30 days", tags=["prices"])
def get_price(item_id: Annotated[Id, Path()], caller: AnyCaller, items: Items, ledger: Ledger) -> PublicPrice:
    return public.price_of(item_id, items, ledger, now(), trusted=caller.is_trusted)


handler = observed("prices")(Edge(app, authenticator, MOST_BODY_BYTES, within=DEADLINE.within))
