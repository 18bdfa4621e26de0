"""Addresses of the milestones of time clocks; one is recorded under its person."""

from fastapi import APIRouter, Request, Response

from services.calworks_api import examples
from services.calworks_api.answers import ClockMilestoneOut
from services.calworks_api.domain.clock import ClockMilestoneNotFound
from services.calworks_api.routes.common import After, Reader, Ref, ViewDep, refusals
from shared.web.etag import etag
from shared.web.pagination import Limit, Page, page

router = APIRouter(prefix="/v1/clock-milestones", tags=["clock milestones"])


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's clock milestones",
    openapi_extra=examples.LIST_CLOCK_MILESTONES,
)
async def list_clock_milestones(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[ClockMilestoneOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.clock_milestones.page(after, limit)
    shown = [ClockMilestoneOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(ClockMilestoneNotFound),
    summary="Read a clock milestone",
    openapi_extra=examples.GET_CLOCK_MILESTONE,
)
async def get_clock_milestone(
    ref: Ref, caller: Reader, view: ViewDep, response: Response
) -> ClockMilestoneOut:
    """With its ETag."""
    async with view as records:
        milestone = await records.clock_milestones.get(ref)
    response.headers["etag"] = etag(milestone.version)
    return ClockMilestoneOut.of(milestone, caller.county)
