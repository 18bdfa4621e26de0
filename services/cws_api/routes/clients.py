"""Addresses of clients, and of what happens to one."""

from fastapi import APIRouter, Request, Response

from services.cws_api import examples
from services.cws_api.answers import ClientOut, PlacementOut, RelationshipOut, RemovalOut
from services.cws_api.domain.client import (
    ChildOfOpenCase,
    ClientIsMerged,
    ClientNotFound,
    HasMerged,
    NotAChild,
    RecordIdTaken,
)
from services.cws_api.domain.placement import AlreadyPlaced
from services.cws_api.domain.relationship import AlreadyRelated
from services.cws_api.domain.removal import AlreadyRemoved
from services.cws_api.handlers import clients, placements, relationships, removals
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
from services.cws_api.schemas_people import MergeIn, NothingIn, PlacementIn, RelationshipIn, RemovalIn
from services.cws_api.work import Work
from shared.errors import PreconditionRequired
from shared.web.etag import etag, showing
from shared.web.idempotency import changed, created
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
    responses=refusals(ClientNotFound, ClientIsMerged, PreconditionRequired) | stale(ClientOut),
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
    responses=refusals(ClientNotFound, ClientIsMerged, NotAChild, AlreadyRemoved),
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
    responses=refusals(ClientNotFound, ClientIsMerged),
    summary="Seal a client's record: nobody sees it any more",
    openapi_extra=examples.SEAL_CLIENT,
)
async def seal_client(ref: Ref, body: NothingIn, caller: Sealer, posting: PostingDep) -> Response:
    """Its removals are hidden too; elsewhere its bare reference stays."""
    del body, caller

    async def run(work: Work) -> Response:
        await clients.seal_client(ref, work)
        return Response(status_code=204)

    return await posting.once(run)


@router.post(
    "/{ref}/merge",
    response_model=ClientOut,
    responses=refusals(ClientNotFound, ClientIsMerged),
    summary="Retire a client's record for another of the same person",
    openapi_extra=examples.MERGE_CLIENT,
)
async def merge_client(ref: Ref, body: MergeIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """The record is still read, with `merged_into`; an intake that names it means the other one."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        client = await clients.merge_client(command, work)
        return changed(ClientOut.of(client, caller.county), client.version)

    return await posting.once(run)


@router.post(
    "/{ref}/void",
    status_code=204,
    responses=refusals(ClientNotFound, ClientIsMerged, ChildOfOpenCase, HasMerged),
    summary="Take back a client's record that was made in error",
    openapi_extra=examples.VOID_CLIENT,
)
async def void_client(ref: Ref, body: NothingIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """Nobody sees it any more, and its record_id is free again; elsewhere its bare reference stays."""
    del body, caller

    async def run(work: Work) -> Response:
        await clients.void_client(ref, work)
        return Response(status_code=204)

    return await posting.once(run)


@router.post(
    "/{ref}/relationships",
    status_code=201,
    response_model=RelationshipOut,
    responses=refusals(ClientNotFound, ClientIsMerged, AlreadyRelated),
    summary="Say what a client is to another",
    openapi_extra=examples.RELATE,
)
async def relate(ref: Ref, body: RelationshipIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """In a household of both, the client's relation there follows."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        relationship = await relationships.relate(command, work)
        shown = RelationshipOut.of(relationship, caller.county)
        return created(shown, posting.location("relationships", relationship.ref), relationship.version)

    return await posting.once(run)


@router.get(
    "/{ref}/relationships",
    response_model_exclude_none=True,
    responses=refusals(ClientNotFound),
    summary="List a client's relationships",
    openapi_extra=examples.LIST_RELATIONSHIPS_OF_CLIENT,
)
async def list_relationships_of_client(
    ref: Ref,
    caller: Reader,
    view: ViewDep,
    request: Request,
    response: Response,
    after: After,
    limit: Limit = 50,
) -> Page[RelationshipOut]:
    """By reference, in no other order; what the client is to others, and others to the client."""
    async with view as records:
        await records.clients.get(ref)
        found = await records.relationships.page(after, limit, client=ref)
    shown = [RelationshipOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.post(
    "/{ref}/relative-placements",
    status_code=201,
    response_model=PlacementOut,
    responses=refusals(ClientNotFound, ClientIsMerged, NotAChild, AlreadyPlaced, RecordIdTaken),
    summary="Record a child's placement with a relative, planned or begun",
    openapi_extra=examples.PLACE_WITH_RELATIVE,
)
async def place_with_relative(
    ref: Ref, body: PlacementIn, caller: IntakeWriter, posting: PostingDep
) -> Response:
    """For a client who is a child in some household, referral or case; one placement at a time."""
    command = body.command(ref, posting.keys)

    async def run(work: Work) -> Response:
        placement = await placements.place_with_relative(command, work)
        shown = PlacementOut.of(placement, caller.county)
        return created(shown, posting.location("relative-placements", placement.ref), placement.version)

    return await posting.once(run)


@router.get(
    "/{ref}/relative-placements",
    response_model_exclude_none=True,
    responses=refusals(ClientNotFound),
    summary="List a child's placements with relatives",
    openapi_extra=examples.LIST_PLACEMENTS_OF_CLIENT,
)
async def list_placements_of_client(
    ref: Ref,
    caller: Reader,
    view: ViewDep,
    request: Request,
    response: Response,
    after: After,
    limit: Limit = 50,
) -> Page[PlacementOut]:
    """By reference, in no other order; 404 for a sealed client."""
    async with view as records:
        await records.clients.get(ref)
        found = await records.placements.page(after, limit, child=ref)
    shown = [PlacementOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)
