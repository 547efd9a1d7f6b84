"""The recommend function: lists with their reasons, the owner's rules over them, and what there is enough data for."""

import os
import time
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import BaseModel

from functions.recommend.champion import Champion
from functions.recommend.history import readable
from functions.recommend.live import Live
from functions.recommend.messages import messages
from functions.recommend.metrics import timing
from functions.recommend.opinions import OpinionBook
from functions.recommend.patience import LATE, SLOW, Patience
from functions.recommend.plan import Known
from functions.recommend.preview import Preview, PreviewRequest, preview
from functions.recommend.readiness import WINDOW_DAYS, Readiness, readiness
from functions.recommend.recommend import RecommendationLists, Recommendations, recommend, several
from functions.recommend.request import ListsRequest, Request, Wanted, Who
from functions.recommend.rulebook import Rulebook
from functions.recommend.served import Age, count_list
from functions.recommend.settings import RecommendSettings
from functions.recommend.shelf import ItemShelf, PatientShelf
from shared.domain.errors import StoreUnavailableError
from shared.domain.events import Event, Id
from shared.domain.items import PublicItem
from shared.domain.orders import net
from shared.domain.rules import PastRule, Rule, RuleBody
from shared.stores import clients
from shared.stores.budgets import BudgetStore
from shared.stores.consents import ConsentStore
from shared.stores.counters import CounterStore
from shared.stores.deadline import DEADLINE
from shared.stores.events import EventStore
from shared.stores.items import ItemStore
from shared.stores.keys import KeyStore
from shared.stores.links import LinkStore
from shared.stores.models import ModelStore
from shared.stores.opinions import ItemSentimentStore
from shared.stores.permitted import objection
from shared.stores.rules import RuleStore
from shared.stores.secrets import SecretStore
from shared.stores.switch import Switch
from shared.stores.table import Table
from shared.telemetry.log import observed
from shared.web.auth import Authenticator, Caller
from shared.web.edge import Edge, new_app, now
from shared.web.routes import AnyCaller, IfMatch, Objected, SecretCaller, tagged, version_in

MOST_BODY_BYTES = 200_000
"""Several lists may each name some hundred items."""

app = new_app()


@cache
def settings() -> RecommendSettings:
    return RecommendSettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def secrets() -> SecretStore:
    return SecretStore(clients.ssm())


@cache
def authenticator() -> Authenticator:
    return Authenticator(KeyStore(table()).find, lambda: secrets().get(settings().pepper_parameter), now)


@cache
def champion() -> Champion:
    return Champion(ModelStore(table(), clients.s3(), settings().bucket_name))


@cache
def live() -> Live:
    return Live(CounterStore(table()))


@cache
def age() -> Age:
    return Age()


def token_secret() -> str:
    return secrets().get(settings().customer_token_parameter)


@cache
def shelf() -> ItemShelf:
    return ItemShelf(ItemStore(table()))


@cache
def rulebook() -> Rulebook:
    return Rulebook(RuleStore(table()))


@cache
def opinions() -> OpinionBook:
    return OpinionBook(ItemSentimentStore(table()))


@cache
def switch() -> Switch:
    return Switch(BudgetStore(table()))


def rule_store() -> RuleStore:
    return RuleStore(table())


Rules = Annotated[RuleStore, Depends(rule_store)]


class RuleList(BaseModel):
    """The rules in the order in which they count."""

    rules: list[Rule]


class RuleVersions(BaseModel):
    """What a rule was, the latest first."""

    versions: list[PastRule]


class RuleDeleted(BaseModel):
    """The rule that is no more."""

    rule_id: str


def known_of(who: Who, caller: Caller, patience: Patience, *, objected: bool) -> Known:
    """What may be used to answer this caller, as far as the stores give it in time."""

    def past() -> tuple[list[Event], str | None]:
        links = LinkStore(table())
        customers = readable(who, caller, links, token_secret, now())
        declined = objection(customers, links, ConsentStore(table()), settings().consent, objected=objected)
        return ([] if declined else net(EventStore(table()).recent(customers, now()))), declined

    rules, saving = patience.ask(
        lambda: (rulebook().rules(), switch().saving()), lambda: (rulebook().remembered(), switch().remembered())
    )
    history, declined = ([], saving) if saving else patience.ask(past, lambda: ([], SLOW))
    today = now().date()
    return Known(
        history,
        champion().scorer(patience),
        lambda: patience.ask(lambda: live().trending(today), list),
        lambda days, category: patience.ask(lambda: live().sold(today, days, category), list),
        lambda count: patience.ask(lambda: shelf().newest(count, now()), list),
        now(),
        rules,
        declined,
        saving,
        champion().absence,
        lambda: champion().facets(patience),
        lambda: patience.ask(opinions().current, opinions().remembered),
        caller.is_trusted,
    )


def described(model: type[BaseModel]) -> dict[int, OpenAPIResponse]:
    """A reply that is written here, so that it can leave out what `fields` does."""
    return {200: {"description": "Successful Response", "content": {"application/json": {"model": model}}}}


@app.post(
    "/v1/recommendations",
    summary="Recommend items, with reasons",
    tags=["recommend"],
    responses=described(Recommendations),
)
def post_recommendations(body: Annotated[Request, Body()], caller: AnyCaller, objected: Objected) -> Response[Any]:
    started, patience = time.monotonic(), Patience()
    known = known_of(body, caller, patience, objected=objected)
    reply = _honest(recommend(body, known, PatientShelf(shelf(), patience), messages(body.language)), patience)
    _count([reply], known, started)
    return _ok(_shown(reply, body), patience)


@app.post(
    "/v1/recommendations/lists",
    summary="Several lists without repeats across them",
    tags=["recommend"],
    responses=described(RecommendationLists),
)
def post_lists(body: Annotated[ListsRequest, Body()], caller: AnyCaller, objected: Objected) -> Response[Any]:
    started, patience = time.monotonic(), Patience()
    known = known_of(body, caller, patience, objected=objected)
    reply = several(body.lists, known, PatientShelf(shelf(), patience), messages(body.language))
    lists = [_honest(each, patience) for each in reply.lists]
    _count(lists, known, started)
    shown = ",".join(_shown(each, wanted) for each, wanted in zip(lists, body.lists, strict=True))
    return _ok(f'{{"lists":[{shown}]}}', patience)


def _count(lists: Iterable[Recommendations], known: Known, started: float) -> None:
    milliseconds = (time.monotonic() - started) * 1000
    for each in lists:
        count_list(each.surface, milliseconds, fallback=each.note is not None)
    age().tell(known.scorer.card.created if known.scorer else None, now())


def _honest(reply: Recommendations, patience: Patience) -> Recommendations:
    """The list with the word that it is from memory. Raises `StoreUnavailableError` where nothing was in there."""
    if not patience.failed:
        is_without = reply.note is not None and champion().is_late
        return reply.model_copy(update={"note": LATE}) if is_without else reply
    if not reply.items:
        raise StoreUnavailableError("A store is slow or down, and nothing is in memory to answer from.")
    return reply.model_copy(update={"note": SLOW})


def _shown(reply: Recommendations, wanted: Wanted) -> str:
    hidden = set(PublicItem.model_fields) - {"item_id", "title", *wanted.fields} if wanted.fields is not None else set()
    return reply.model_dump_json(exclude={"items": {"__all__": {"item": hidden}}} if hidden else None)


def _ok(body: str, patience: Patience) -> Response[Any]:
    return Response(HTTPStatus.OK, "application/json", body, headers=timing(patience))


@app.get("/v1/rules", summary="List the rules", tags=["rules"])
def list_rules(_: SecretCaller, store: Rules) -> RuleList:
    return RuleList(rules=store.all())


@app.post("/v1/rules/preview", summary="What a rule would change, for whom", tags=["rules"])
def preview_rule(body: Annotated[PreviewRequest, Body()], caller: SecretCaller) -> Preview:
    patience = Patience()

    def known(who: Who) -> Known:
        return known_of(who, caller, patience, objected=False)

    reply = preview(body, known, PatientShelf(shelf(), patience))
    if patience.failed or champion().is_late or opinions().is_late:
        raise StoreUnavailableError("A store is slow or down: a preview from memory would mislead.")
    return reply


@app.get("/v1/rules/<rule_id>/versions", summary="What a rule was, for a year", tags=["rules"])
def list_versions(rule_id: Annotated[Id, Path()], _: SecretCaller, store: Rules) -> RuleVersions:
    return RuleVersions(versions=store.versions(rule_id))


@app.get("/v1/rules/<rule_id>", summary="Get one rule", tags=["rules"])
def get_rule(rule_id: Annotated[Id, Path()], _: SecretCaller, store: Rules) -> Response[Rule]:
    return tagged(store.get(rule_id))


@app.put("/v1/rules/<rule_id>", summary="Put one rule", tags=["rules"])
def put_rule(
    rule_id: Annotated[Id, Path()],
    body: Annotated[RuleBody, Body()],
    _: SecretCaller,
    store: Rules,
    if_match: IfMatch = None,
) -> Response[Rule]:
    version = version_in(if_match, body.version)
    return tagged(store.put(Rule.model_validate(dict(body) | {"rule_id": rule_id, "version": version}), now()))


@app.delete("/v1/rules/<rule_id>", summary="Delete one rule", tags=["rules"])
def delete_rule(rule_id: Annotated[Id, Path()], _: SecretCaller, store: Rules, if_match: IfMatch = None) -> RuleDeleted:
    store.delete(rule_id, version_in(if_match), now())
    return RuleDeleted(rule_id=rule_id)


@app.get("/v1/readiness", summary="What there is enough data for", tags=["readiness"])
def get_readiness(_: SecretCaller) -> Readiness:
    scorer, today = champion().scorer(), now().date()
    if champion().is_late:
        raise StoreUnavailableError("There is a model, and it could not be loaded yet.")
    sold, trending = live().sold(today, WINDOW_DAYS), live().trending(today)
    known = scorer.card if scorer else champion().absence
    return readiness(known, ItemStore(table()).count, sold, trending)


handler = observed("recommend")(Edge(app, authenticator, MOST_BODY_BYTES, within=DEADLINE.within))
