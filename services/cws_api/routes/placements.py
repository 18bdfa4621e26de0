"""Addresses of placements with relatives; a child's own stand under the client."""

from fastapi import APIRouter, Request, Response

from services.cws_api import examples
from services.cws_api.answers import PlacementOut
from services.cws_api.domain.placement import PlacementHasBegun, PlacementIsOver, PlacementNotFound
from services.cws_api.handlers import placements
from services.cws_api.routes.common import (
    After,
    IfMatch,
    IntakeWriter,
    PostingDep,
    Reader,
    Ref,
    ViewDep,
    refusals,
)
from services.cws_api.schemas_people import PlacementEndIn, PlacementStartIn
from services.cws_api.work import Work
from shared.web.etag import etag, showing
from shared.web.idempotency import changed
from shared.web.pagination import Limit, Page, page
from shared.web.problems import stale

router = APIRouter(prefix="/v1/relative-placements", tags=["placements"])


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's placements with relatives",
    openapi_extra=examples.LIST_PLACEMENTS,
)
async def list_placements(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[PlacementOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.placements.page(after, limit)
    shown = [PlacementOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(PlacementNotFound),
    summary="Read a placement with a relative",
    openapi_extra=examples.GET_PLACEMENT,
)
async def get_placement(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> PlacementOut:
    """With its ETag."""
    async with view as records:
        placement = await records.placements.get(ref)
    response.headers["etag"] = etag(placement.version)
    return PlacementOut.of(placement, caller.county)


@router.post(
    "/{ref}/start",
    response_model=PlacementOut,
    responses=refusals(PlacementNotFound, PlacementHasBegun, PlacementIsOver) | stale(PlacementOut),
    summary="Record that a planned placement began",
    openapi_extra=examples.START_PLACEMENT,
)
async def start_placement(
    ref: Ref, body: PlacementStartIn, caller: IntakeWriter, posting: PostingDep, if_match: IfMatch = None
) -> Response:
    """Only one that is planned. If-Match counts where it is sent."""
    command = body.command(ref, if_match)

    async def run(work: Work) -> Response:
        with showing(PlacementOut.of, caller.county):
            placement = await placements.start_placement(command, work)
        return changed(PlacementOut.of(placement, caller.county), placement.version)

    return await posting.once(run)


@router.post(
    "/{ref}/end",
    response_model=PlacementOut,
    responses=refusals(PlacementNotFound, PlacementIsOver) | stale(PlacementOut),
    summary="Record that a placement with a relative ended",
    openapi_extra=examples.END_PLACEMENT,
)
async def end_placement(
    ref: Ref, body: PlacementEndIn, caller: IntakeWriter, posting: PostingDep, if_match: IfMatch = None
) -> Response:
    """Planned or begun; after it the child can be placed again. If-Match counts where it is sent."""
    command = body.command(ref, if_match)

    async def run(work: Work) -> Response:
        with showing(PlacementOut.of, caller.county):
            placement = await placements.end_placement(command, work)
        return changed(PlacementOut.of(placement, caller.county), placement.version)

    return await posting.once(run)
