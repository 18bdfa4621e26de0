"""Addresses of hearings; a case's own stand under the case."""

from fastapi import APIRouter, Response

from services.cws_api import examples
from services.cws_api.answers import HearingOut
from services.cws_api.domain.hearing import HearingNotFound
from services.cws_api.handlers import hearings
from services.cws_api.routes.common import (
    IfMatch,
    IntakeWriter,
    Reader,
    Ref,
    ViewDep,
    WorkDep,
    refusals,
)
from services.cws_api.schemas import HearingChange
from shared.errors import PreconditionRequired
from shared.web.etag import etag, showing
from shared.web.problems import stale

router = APIRouter(prefix="/v1/hearings", tags=["hearings"])


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(HearingNotFound),
    summary="Read a hearing",
    openapi_extra=examples.GET_HEARING,
)
async def get_hearing(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> HearingOut:
    """With its ETag."""
    async with view as records:
        hearing = await records.hearings.get(ref)
    response.headers["etag"] = etag(hearing.version)
    return HearingOut.of(hearing, caller.county)


@router.patch(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(HearingNotFound, PreconditionRequired) | stale(HearingOut),
    summary="Set a hearing for another day",
    openapi_extra=examples.MOVE_HEARING,
)
async def move_hearing(
    ref: Ref,
    body: HearingChange,
    caller: IntakeWriter,
    work: WorkDep,
    response: Response,
    if_match: IfMatch = None,
) -> HearingOut:
    """The kind stays. Needs If-Match with the ETag that was read."""
    with showing(HearingOut.of, caller.county):
        async with work:
            hearing = await hearings.move_hearing(body.command(ref, if_match), work)
    response.headers["etag"] = etag(hearing.version)
    return HearingOut.of(hearing, caller.county)
