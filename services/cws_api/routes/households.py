"""Addresses of households."""

from fastapi import APIRouter, Request, Response

from services.cws_api import examples
from services.cws_api.answers import HouseholdOut
from services.cws_api.domain.household import HouseholdNotFound
from services.cws_api.routes.common import After, Reader, Ref, ViewDep, refusals
from shared.web.etag import etag
from shared.web.pagination import Limit, Page, page

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
