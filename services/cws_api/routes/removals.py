"""Addresses of removals; a child's own stand under the client."""

from fastapi import APIRouter, Request, Response

from services.cws_api.domain.removal import RemovalNotFound
from services.cws_api.routes.common import After, Reader, Ref, ViewDep, refusals
from services.cws_api.schemas import RemovalOut
from shared.web.etag import etag
from shared.web.pagination import Limit, Page, page

router = APIRouter(prefix="/v1/removals", tags=["removals"])


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's removals",
)
async def list_removals(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[RemovalOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.removals.page(after, limit)
    shown = [RemovalOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(RemovalNotFound),
    summary="Read a removal",
)
async def get_removal(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> RemovalOut:
    """With its ETag."""
    async with view as records:
        removal = await records.removals.get(ref)
    response.headers["etag"] = etag(removal.version)
    return RemovalOut.of(removal, caller.county)
