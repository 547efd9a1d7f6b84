"""The feedback function: how texts feel; feedback taken in, listed, taken back and summed up; the owner's settings."""

import os
from datetime import date
from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel, Field

from functions.feedback.intake import FeedbackBatch, FeedbackReport, checked, sort, take_in
from functions.feedback.listing import FeedbackPage, Listed, Wish, window
from functions.feedback.sentiment import SentimentReport, SentimentRequest, answer
from functions.feedback.settings import RoomSettings
from functions.feedback.summary import Period, Summary, question, summarise
from functions.feedback.themes import Issues, IssueStatus, Sign, Themes, Wanted, issues, themes
from shared.domain.errors import FieldError
from shared.domain.events import Id, Moment
from shared.domain.feedback import MOST_BATCH_BYTES, Source
from shared.domain.feedback_settings import FeedbackSettings
from shared.domain.sentiment import Label
from shared.inference.understanding import Analyst, Analysts, load
from shared.stores import clients
from shared.stores.deadline import DEADLINE
from shared.stores.feedback import FeedbackStore
from shared.stores.feedback_intake import FeedbackIntake
from shared.stores.feedback_settings import FeedbackSettingsStore, Versioned
from shared.stores.intake import Intake
from shared.stores.keys import KeyStore
from shared.stores.models import SENTIMENT, ModelStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.stores.tallies import TallyStore
from shared.stores.themes import ThemeStore
from shared.telemetry.log import observed
from shared.web.auth import Authenticator
from shared.web.batches import partly, reported
from shared.web.edge import Edge, new_app, now
from shared.web.routes import IfMatch, SecretCaller, tagged, version_in

NOTHING = "Nothing of it is good"

app = new_app()


class StoredSettings(FeedbackSettings):
    """The settings, and their version: 0 for those of a shop that never set any."""

    version: int | None = Field(default=None, ge=0, description="Rises by one with each change.")


class Withdrawn(BaseModel):
    """What was taken back: it is counted no more."""

    feedback_id: str


@cache
def settings() -> RoomSettings:
    return RoomSettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def secrets() -> SecretStore:
    return SecretStore(clients.ssm())


def pepper() -> str:
    return secrets().get(settings().pepper_parameter)


@cache
def authenticator() -> Authenticator:
    return Authenticator(KeyStore(table()).find, pepper, now)


@cache
def analysts() -> Analysts:
    """What only lists and sums up loads no model."""
    models = ModelStore(table(), clients.quick_s3(), settings().bucket_name, SENTIMENT)
    return Analysts(lambda present: load(models, present))


def feedback_store() -> FeedbackStore:
    return FeedbackStore(table())


def settings_store() -> FeedbackSettingsStore:
    return FeedbackSettingsStore(table())


def theme_store() -> ThemeStore:
    return ThemeStore(table())


def tally_store() -> TallyStore:
    return TallyStore(table())


def analyst() -> Analyst:
    return analysts().of(settings_store().get().settings)


def intake() -> FeedbackIntake:
    """The model is asked for only where something is new."""
    gate = Intake.on(table(), pepper, settings().consent)
    return FeedbackIntake(feedback_store(), gate, lambda said: analyst().understand(said))


Store = Annotated[FeedbackStore, Depends(feedback_store)]
Settings = Annotated[FeedbackSettingsStore, Depends(settings_store)]


@app.post("/v1/sentiment", summary="How texts feel", tags=["feedback"], responses=partly(SentimentReport))
def post_sentiment(
    body: Annotated[SentimentRequest, Body()], _: SecretCaller, reads: Annotated[Analyst, Depends(analyst)]
) -> Response[Any]:
    told = answer(body, reads)
    bad = [FieldError(f"texts.{each.index}", each.message) for each in told.rejected]
    return reported(app, told, len(told.results), bad, NOTHING)


@app.post("/v1/feedback", summary="Take in feedback", tags=["feedback"], responses=partly(FeedbackReport))
def post_feedback(
    body: Annotated[FeedbackBatch, Body()],
    _: SecretCaller,
    into: Annotated[FeedbackIntake, Depends(intake)],
    validate_only: Annotated[bool, Query(description="Check the feedback, and store nothing.")] = False,
) -> Response[Any]:
    found = sort(body.feedback, now())
    told = checked(found) if validate_only else take_in(found, into, now())
    bad = [FieldError(each.field, each.message) for each in told.rejected]
    return reported(app, told, told.accepted, bad, NOTHING)


@app.get("/v1/feedback", summary="List feedback, newest first", tags=["feedback"])
def list_feedback(  # noqa: PLR0913, PLR0917 - a query's parameters
    _: SecretCaller,
    store: Store,
    source: Annotated[Source | None, Query()] = None,
    item_id: Annotated[str | None, Query(max_length=256)] = None,
    label: Annotated[Label | None, Query()] = None,
    aspect: Annotated[str | None, Query(max_length=64)] = None,
    category: Annotated[str | None, Query(max_length=64)] = None,
    min_rating: Annotated[float | None, Query(ge=1, le=5)] = None,
    max_rating: Annotated[float | None, Query(ge=1, le=5)] = None,
    since: Annotated[Moment | None, Query()] = None,
    until: Annotated[Moment | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=1024)] = None,
) -> FeedbackPage:
    wish = Wish(
        source=source,
        item_id=item_id,
        label=label,
        aspect=aspect,
        category=category,
        min_rating=min_rating,
        max_rating=max_rating,
    )
    found, next_cursor = store.page(window(since, until, now()), limit, cursor, wish.holds)
    return FeedbackPage(feedback=[Listed.of(each) for each in found], next_cursor=next_cursor)


@app.get("/v1/feedback/summary", summary="Feedback in figures", tags=["feedback"])
def get_summary(
    _: SecretCaller,
    store: Annotated[TallyStore, Depends(tally_store)],
    period: Annotated[Period, Query()] = Period.MONTH,
    since: Annotated[date | None, Query(description="The first day, in UTC. A year before `until` by default.")] = None,
    until: Annotated[date | None, Query(description="The last day, in UTC. Today by default.")] = None,
    item_id: Annotated[str | None, Query(max_length=256)] = None,
    aspect: Annotated[str | None, Query(max_length=64)] = None,
    source: Annotated[Source | None, Query()] = None,
) -> Summary:
    asked = {"period": period, "item_id": item_id, "aspect": aspect, "source": source}
    return summarise(question(asked, since, until, now().date()), store)


@app.get("/v1/feedback/themes", summary="What customers speak of", tags=["feedback"])
def get_themes(
    _: SecretCaller,
    store: Store,
    found: Annotated[ThemeStore, Depends(theme_store)],
    item_id: Annotated[str | None, Query(max_length=256)] = None,
    aspect: Annotated[str | None, Query(max_length=64)] = None,
    sentiment: Annotated[Sign | None, Query(description="Of the theme's mean score.")] = None,
    since: Annotated[
        date | None, Query(description="Only themes that were spoken of in a week from this one on.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Themes:
    return themes(found.current(), Wanted(item_id, aspect, sentiment, since), limit, store)


@app.get("/v1/feedback/issues", summary="What has just begun to go wrong", tags=["feedback"])
def get_issues(
    _: SecretCaller,
    store: Store,
    found: Annotated[ThemeStore, Depends(theme_store)],
    status: Annotated[IssueStatus | None, Query(description="All by default, open ones first.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Issues:
    return issues(found.current(), status, limit, store)


@app.get("/v1/feedback/settings", summary="The owner's settings of feedback", tags=["feedback"])
def get_settings(_: SecretCaller, store: Settings) -> Response[StoredSettings]:
    return _tagged(store.get())


@app.put("/v1/feedback/settings", summary="Set trade, aspects, categories, languages", tags=["feedback"])
def put_settings(
    body: Annotated[StoredSettings, Body()], _: SecretCaller, store: Settings, if_match: IfMatch = None
) -> Response[StoredSettings]:
    wanted = FeedbackSettings.model_validate(body.model_dump(exclude={"version"}))
    return _tagged(store.put(wanted, version_in(if_match, body.version)))


def _tagged(stored: Versioned) -> Response[StoredSettings]:
    told = StoredSettings.model_validate(stored.settings.model_dump() | {"version": stored.version})
    return tagged(told)


@app.delete("/v1/feedback/<feedback_id>", summary="Take feedback back", tags=["feedback"])
def delete_feedback(feedback_id: Annotated[Id, Path()], _: SecretCaller, store: Store) -> Withdrawn:
    store.withdraw(feedback_id)
    return Withdrawn(feedback_id=feedback_id)


handler = observed("feedback")(Edge(app, authenticator, MOST_BATCH_BYTES, within=DEADLINE.within))
