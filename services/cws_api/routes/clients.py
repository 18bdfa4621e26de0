"""Addresses of clients, and of what happens to one."""

from fastapi import APIRouter, Request, Response

from services.cws_api import examples
from services.cws_api.answers import ClientOut, RemovalOut
from services.cws_api.domain.client import ClientNotFound, NotAChild
from services.cws_api.domain.removal import AlreadyRemoved
from services.cws_api.handlers import clients, removals
from services.cws_api.handlers.clients import ChangeClient
from services.cws_api.routes.common import (
    After,
    IfMatch,
    IntakeWriter,
    PostingDep,
    Reader,
    Ref,
    Sealer,
    ViewDep,
    WorkDep,
    refusals,
)
from services.cws_api.schemas import RemovalIn, SealIn
from services.cws_api.work import Work
from shared.errors import PreconditionRequired
from shared.web.etag import etag, showing
from shared.web.idempotency import created
from shared.web.pagination import Limit, Page, page
from shared.web.people import PersonChange
from shared.web.problems import stale

router = APIRouter(prefix="/v1/clients", tags=["clients"])


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's clients",
    openapi_extra=examples.LIST_CLIENTS,
)
async def list_clients(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[ClientOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.clients.page(after, limit)
    shown = [ClientOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(ClientNotFound),
    summary="Read a client",
    openapi_extra=examples.GET_CLIENT,
)
async def get_client(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> ClientOut:
    """With its ETag."""
    async with view as records:
        client = await records.clients.get(ref)
    response.headers["etag"] = etag(client.version)
    return ClientOut.of(client, caller.county)


@router.patch(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(ClientNotFound, PreconditionRequired) | stale(ClientOut),
    summary="Change a client's details",
    openapi_extra=examples.CHANGE_CLIENT,
)
async def change_client(
    ref: Ref,
    body: PersonChange,
    caller: IntakeWriter,
    work: WorkDep,
    response: Response,
    if_match: IfMatch = None,
) -> ClientOut:
    """Send only what changes; null removes. Needs If-Match with the ETag that was read."""
    with showing(ClientOut.of, caller.county):
        async with work:
            client = await clients.change_client(ChangeClient(ref, body, if_match), work)
    response.headers["etag"] = etag(client.version)
    return ClientOut.of(client, caller.county)


@router.post(
    "/{ref}/removals",
    status_code=201,
    response_model=RemovalOut,
    responses=refusals(ClientNotFound, NotAChild, AlreadyRemoved),
    summary="Record that a child was taken into protective custody",
    openapi_extra=examples.REMOVE_CHILD,
)
async def remove_child(ref: Ref, body: RemovalIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """For a client who is a child in some household, referral or case; one removal at a time."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        removal = await removals.remove_child(command, work)
        shown = RemovalOut.of(removal, caller.county)
        return created(shown, posting.location("removals", removal.ref), removal.version)

    return await posting.once(run)


@router.get(
    "/{ref}/removals",
    response_model_exclude_none=True,
    responses=refusals(ClientNotFound),
    summary="List a child's removals",
    openapi_extra=examples.LIST_REMOVALS_OF_CLIENT,
)
async def list_removals_of_client(
    ref: Ref,
    caller: Reader,
    view: ViewDep,
    request: Request,
    response: Response,
    after: After,
    limit: Limit = 50,
) -> Page[RemovalOut]:
    """By reference, in no other order; 404 for a sealed client."""
    async with view as records:
        await records.clients.get(ref)
        found = await records.removals.page(after, limit, child=ref)
    shown = [RemovalOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.post(
    "/{ref}/seal",
    status_code=204,
    responses=refusals(ClientNotFound),
    summary="Seal a client's record: nobody sees it any more",
    openapi_extra=examples.SEAL_CLIENT,
)
async def seal_client(ref: Ref, body: SealIn, caller: Sealer, posting: PostingDep) -> Response:
    """Its removals are hidden too; elsewhere its bare reference stays."""
    del body, caller

    async def run(work: Work) -> Response:
        await clients.seal_client(ref, work)
        return Response(status_code=204)

    return await posting.once(run)
