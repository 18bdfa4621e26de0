"""Addresses of assistance units."""

from fastapi import APIRouter, Request, Response

from services.calworks_api import examples
from services.calworks_api.answers import UnitOut
from services.calworks_api.domain.unit import UnitNotFound
from services.calworks_api.routes.common import After, Reader, Ref, ViewDep, refusals
from shared.web.etag import etag
from shared.web.pagination import Limit, Page, page

router = APIRouter(prefix="/v1/units", tags=["units"])


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's assistance units",
    openapi_extra=examples.LIST_UNITS,
)
async def list_units(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[UnitOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.units.page(after, limit)
    shown = [UnitOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(UnitNotFound),
    summary="Read an assistance unit",
    openapi_extra=examples.GET_UNIT,
)
async def get_unit(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> UnitOut:
    """With its ETag."""
    async with view as records:
        unit = await records.units.get(ref)
    response.headers["etag"] = etag(unit.version)
    return UnitOut.of(unit, caller.county)
