"""Addresses of households."""

from fastapi import APIRouter, Request, Response

from services.cws_api import examples
from services.cws_api.answers import HouseholdOut
from services.cws_api.domain.household import HouseholdNotFound
from services.cws_api.handlers import households
from services.cws_api.routes.common import (
    After,
    IfMatch,
    IntakeWriter,
    Reader,
    Ref,
    ViewDep,
    WorkDep,
    refusals,
)
from services.cws_api.schemas import HouseholdChange
from shared.errors import PreconditionRequired
from shared.web.etag import etag, showing
from shared.web.pagination import Limit, Page, page
from shared.web.problems import stale

router = APIRouter(prefix="/v1/households", tags=["households"])


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's households",
    openapi_extra=examples.LIST_HOUSEHOLDS,
)
async def list_households(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[HouseholdOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.households.page(after, limit)
    shown = [HouseholdOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(HouseholdNotFound),
    summary="Read a household",
    openapi_extra=examples.GET_HOUSEHOLD,
)
async def get_household(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> HouseholdOut:
    """With its ETag."""
    async with view as records:
        household = await records.households.get(ref)
    response.headers["etag"] = etag(household.version)
    return HouseholdOut.of(household, caller.county)


@router.patch(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(HouseholdNotFound, PreconditionRequired) | stale(HouseholdOut),
    summary="Say who lives in a household, and whether it is protected",
    openapi_extra=examples.CHANGE_HOUSEHOLD,
)
async def change_household(
    ref: Ref,
    body: HouseholdChange,
    caller: IntakeWriter,
    work: WorkDep,
    response: Response,
    if_match: IfMatch = None,
) -> HouseholdOut:
    """Send only what changes; `members` is all of them. Needs If-Match with the ETag that was read."""
    with showing(HouseholdOut.of, caller.county):
        async with work:
            household = await households.change_household(body.command(ref, if_match), work)
    response.headers["etag"] = etag(household.version)
    return HouseholdOut.of(household, caller.county)
