"""Addresses of removals; a child's own stand under the client."""

from fastapi import APIRouter, Request, Response

from services.cws_api import examples
from services.cws_api.answers import RemovalOut
from services.cws_api.domain.removal import AlreadyReturned, RemovalNotFound
from services.cws_api.handlers import removals
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
from services.cws_api.schemas_people import ReturnIn
from services.cws_api.work import Work
from shared.web.etag import etag, showing
from shared.web.idempotency import changed
from shared.web.pagination import Limit, Page, page
from shared.web.problems import stale

router = APIRouter(prefix="/v1/removals", tags=["removals"])


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's removals",
    openapi_extra=examples.LIST_REMOVALS,
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
    openapi_extra=examples.GET_REMOVAL,
)
async def get_removal(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> RemovalOut:
    """With its ETag."""
    async with view as records:
        removal = await records.removals.get(ref)
    response.headers["etag"] = etag(removal.version)
    return RemovalOut.of(removal, caller.county)


@router.post(
    "/{ref}/return",
    response_model=RemovalOut,
    responses=refusals(RemovalNotFound, AlreadyReturned) | stale(RemovalOut),
    summary="Record that a removed child came home",
    openapi_extra=examples.RETURN_CHILD,
)
async def return_child(
    ref: Ref, body: ReturnIn, caller: IntakeWriter, posting: PostingDep, if_match: IfMatch = None
) -> Response:
    """Once; after it the child can be removed again. If-Match counts where it is sent."""
    command = body.command(ref, if_match)

    async def run(work: Work) -> Response:
        with showing(RemovalOut.of, caller.county):
            removal = await removals.return_child(command, work)
        return changed(RemovalOut.of(removal, caller.county), removal.version)

    return await posting.once(run)
