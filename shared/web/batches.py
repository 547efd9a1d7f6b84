"""Batches: each piece is checked by itself, so that a bad one never costs the good ones. How such a reply is made."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse, OpenAPIResponseContentModel
from pydantic import BaseModel

from shared.domain.errors import FieldError
from shared.web.edge import request_id
from shared.web.problems import problem


def partly(report: type[BaseModel]) -> dict[int, OpenAPIResponse]:
    """The replies to a batch that may be kept in part, for the API's description."""
    content: OpenAPIResponseContentModel = {"model": report}
    some = "Some were bad; `rejected` names them. The others were kept."
    return {
        200: {"description": "All were kept.", "content": {"application/json": content}},
        207: {"description": some, "content": {"application/json": content}},
    }


def reported(
    app: APIGatewayHttpResolver,
    report: BaseModel,
    good: int,
    bad: Sequence[FieldError],
    none: str,
    terse: bool = False,
) -> Response[Any]:
    """200 where all were good, 207 where some were bad, 400 where all were, of which `none` tells.

    A `terse` one leaves out, where something was good, what is as by default.
    """
    if not good:
        told = report.model_dump(mode="json")
        return problem(HTTPStatus.BAD_REQUEST, f"{none}; `rejected` says why.", request_id(app), bad, **told)
    body = report.model_dump(exclude_defaults=True) if terse else report
    return Response(HTTPStatus.MULTI_STATUS if bad else HTTPStatus.OK, "application/json", body)
