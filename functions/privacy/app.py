"""The privacy function: consent; exports and erasures, asked for and looked up."""

import json
import os
import secrets
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel

from functions.privacy import consent
from functions.privacy.consent import ConsentHistory, Consents, Stands
from functions.privacy.replies import Erasure, Export, Subject
from functions.privacy.settings import PrivacySettings
from shared.domain.errors import NotFoundError
from shared.domain.events import Id
from shared.stores import clients
from shared.stores.consents import ConsentStore
from shared.stores.deadline import DEADLINE
from shared.stores.exports import ExportStore
from shared.stores.jobs import Job, Kind, PrivacyJobs, Status
from shared.stores.keys import KeyStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.telemetry.log import observed
from shared.web.auth import Authenticator
from shared.web.edge import Edge, accepted, new_app, now
from shared.web.routes import AnyCaller, SecretCaller

MOST_BODY_BYTES = 16_384
MOST_INLINE_BYTES = 2_000_000
"""A reply of Lambda's has at most 6 MB, as JSON within JSON: escaping may take three bytes for one."""

app = new_app()


@cache
def settings() -> PrivacySettings:
    return PrivacySettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def secret_store() -> SecretStore:
    return SecretStore(clients.ssm())


@cache
def authenticator() -> Authenticator:
    return Authenticator(KeyStore(table()).find, lambda: secret_store().get(settings().pepper_parameter), now)


def privacy_jobs() -> PrivacyJobs:
    return PrivacyJobs(table(), clients.sqs(), settings().queue_url)


def export_store() -> ExportStore:
    return ExportStore(table(), clients.quick_s3(), settings().bucket_name)


def consent_store() -> ConsentStore:
    return ConsentStore(table())


def token_secret() -> str:
    return secret_store().get(settings().customer_token_parameter)


Consent = Annotated[ConsentStore, Depends(consent_store)]
Jobs = Annotated[PrivacyJobs, Depends(privacy_jobs)]
Exports = Annotated[ExportStore, Depends(export_store)]


@app.post("/v1/consent", summary="Decide on consent", tags=["privacy"])
def post_consent(body: Annotated[Consents, Body()], caller: AnyCaller, store: Consent) -> Stands:
    return consent.decide(body, caller, store, token_secret, now())


@app.get("/v1/consent", summary="What a shopper decided", tags=["privacy"])
def get_consent(
    _: SecretCaller,
    store: Consent,
    customer_id: Annotated[Id | None, Query()] = None,
    anonymous_id: Annotated[Id | None, Query()] = None,
) -> ConsentHistory:
    customer = Subject.of(customer_id, anonymous_id).customer()
    standing = store.standing([customer]).get(customer, {})
    return ConsentHistory(standing=Stands.of(standing).standing, decisions=store.decisions(customer))


@app.post("/v1/erasures", summary="Erase a shopper", tags=["privacy"], responses=accepted(Erasure))
def post_erasure(body: Annotated[Subject, Body()], _: SecretCaller, jobs: Jobs) -> Response[Any]:
    job_id = jobs.request_erasure([body.customer()], now(), secrets.token_hex(16))
    return _accepted(Erasure.of(jobs.find(job_id, Kind.ERASURE)))


@app.get("/v1/erasures/<erasure_id>", summary="An erasure's receipt", tags=["privacy"])
def get_erasure(erasure_id: Annotated[str, Path()], _: SecretCaller, jobs: Jobs) -> Erasure:
    return Erasure.of(jobs.find(erasure_id, Kind.ERASURE, Kind.SHOP_ERASURE))


@app.post("/v1/exports", summary="Export what is known of a shopper", tags=["privacy"], responses=accepted(Export))
def post_export(body: Annotated[Subject, Body()], _: SecretCaller, jobs: Jobs) -> Response[Any]:
    job_id = jobs.request_export([body.customer()], now(), secrets.token_hex(16))
    return _accepted(_export(jobs.find(job_id, Kind.EXPORT)))


@app.get("/v1/exports/<export_id>", summary="An export", tags=["privacy"])
def get_export(export_id: Annotated[str, Path()], _: SecretCaller, jobs: Jobs, exports: Exports) -> Export:
    job = jobs.find(export_id, Kind.EXPORT)
    if job.status != Status.DONE:
        return _export(job)
    size = exports.size(export_id)
    if size is None:
        raise NotFoundError("The export has expired, or its customer was erased.")
    if size > MOST_INLINE_BYTES:
        return _export(job, url=exports.url(export_id))
    return _export(job, data=json.loads(exports.read(export_id)))


def _export(job: Job, data: dict[str, Any] | None = None, url: str | None = None) -> Export:
    return Export(
        export_id=job.job_id,
        status=job.status,
        requested_at=job.requested_at,
        completed_at=job.completed_at,
        data=data,
        url=url,
    )


def _accepted(told: BaseModel) -> Response[Any]:
    return Response(HTTPStatus.ACCEPTED, "application/json", told)


handler = observed("privacy")(Edge(app, authenticator, MOST_BODY_BYTES, within=DEADLINE.within))
