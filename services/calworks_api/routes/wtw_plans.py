"""Addresses of welfare-to-work plans; one is signed under its person."""

from fastapi import APIRouter, Request, Response

from services.calworks_api import examples
from services.calworks_api.answers import WtwPlanOut
from services.calworks_api.domain.wtw_plan import PlanSuperseded, WtwPlanNotFound
from services.calworks_api.handlers import wtw_plans
from services.calworks_api.routes.common import (
    After,
    IfMatch,
    IntakeWriter,
    Reader,
    Ref,
    ViewDep,
    WorkDep,
    refusals,
)
from services.calworks_api.schemas_people import WtwPlanChange
from shared.errors import PreconditionRequired
from shared.web.etag import etag, showing
from shared.web.pagination import Limit, Page, page
from shared.web.problems import stale

router = APIRouter(prefix="/v1/wtw-plans", tags=["welfare-to-work plans"])


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's welfare-to-work plans",
    openapi_extra=examples.LIST_WTW_PLANS,
)
async def list_wtw_plans(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[WtwPlanOut]:
    """By reference, in no other order; those that were replaced among them."""
    async with view as records:
        found = await records.wtw_plans.page(after, limit)
    shown = [WtwPlanOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(WtwPlanNotFound),
    summary="Read a welfare-to-work plan",
    openapi_extra=examples.GET_WTW_PLAN,
)
async def get_wtw_plan(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> WtwPlanOut:
    """With its ETag."""
    async with view as records:
        plan = await records.wtw_plans.get(ref)
    response.headers["etag"] = etag(plan.version)
    return WtwPlanOut.of(plan, caller.county)


@router.patch(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(WtwPlanNotFound, PlanSuperseded, PreconditionRequired) | stale(WtwPlanOut),
    summary="Amend a welfare-to-work plan",
    openapi_extra=examples.AMEND_WTW_PLAN,
)
async def amend_wtw_plan(
    ref: Ref,
    body: WtwPlanChange,
    caller: IntakeWriter,
    work: WorkDep,
    response: Response,
    if_match: IfMatch = None,
) -> WtwPlanOut:
    """The whole plan as it is from a day on. Needs If-Match with the ETag that was read."""
    with showing(WtwPlanOut.of, caller.county):
        async with work:
            plan = await wtw_plans.amend_wtw_plan(body.command(ref, if_match), work)
    response.headers["etag"] = etag(plan.version)
    return WtwPlanOut.of(plan, caller.county)
