"""Addresses of exemptions; one is granted under its person."""

from fastapi import APIRouter, Request, Response

from services.calworks_api import examples
from services.calworks_api.answers import ExemptionOut
from services.calworks_api.domain.exemption import ExemptionNotFound, ExemptionOver
from services.calworks_api.handlers import exemptions
from services.calworks_api.routes.common import (
    After,
    IntakeWriter,
    PostingDep,
    Reader,
    Ref,
    ViewDep,
    refusals,
)
from services.calworks_api.schemas_people import ExemptionEndIn
from services.calworks_api.work import Work
from shared.web.etag import etag
from shared.web.idempotency import changed
from shared.web.pagination import Limit, Page, page

router = APIRouter(prefix="/v1/exemptions", tags=["exemptions"])


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's exemptions",
    openapi_extra=examples.LIST_EXEMPTIONS,
)
async def list_exemptions(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[ExemptionOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.exemptions.page(after, limit)
    shown = [ExemptionOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(ExemptionNotFound),
    summary="Read an exemption",
    openapi_extra=examples.GET_EXEMPTION,
)
async def get_exemption(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> ExemptionOut:
    """With its ETag."""
    async with view as records:
        exemption = await records.exemptions.get(ref)
    response.headers["etag"] = etag(exemption.version)
    return ExemptionOut.of(exemption, caller.county)


@router.post(
    "/{ref}/end",
    response_model=ExemptionOut,
    responses=refusals(ExemptionNotFound, ExemptionOver),
    summary="Record that an exemption ended",
    openapi_extra=examples.END_EXEMPTION,
)
async def end_exemption(
    ref: Ref, body: ExemptionEndIn, caller: IntakeWriter, posting: PostingDep
) -> Response:
    """Once."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        exemption = await exemptions.end_exemption(command, work)
        shown = ExemptionOut.of(exemption, caller.county)
        return changed(shown, exemption.version)

    return await posting.once(run)
