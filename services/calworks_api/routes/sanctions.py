"""Addresses of sanctions."""

from fastapi import APIRouter, Request, Response

from services.calworks_api import examples
from services.calworks_api.answers import SanctionOut
from services.calworks_api.domain.person import NotAnAdultMember, PersonIsMerged
from services.calworks_api.domain.sanction import SanctionNotFound, SanctionOver
from services.calworks_api.handlers import sanctions
from services.calworks_api.routes.common import (
    After,
    IntakeWriter,
    PostingDep,
    Reader,
    Ref,
    ViewDep,
    refusals,
)
from services.calworks_api.schemas import CureIn, RescissionIn, SanctionIn
from services.calworks_api.work import Work
from shared.web.etag import etag
from shared.web.idempotency import changed, created
from shared.web.pagination import Limit, Page, page

router = APIRouter(prefix="/v1/sanctions", tags=["sanctions"])


@router.post(
    "",
    status_code=201,
    response_model=SanctionOut,
    responses=refusals(PersonIsMerged, NotAnAdultMember),
    summary="Record a sanction that was imposed",
    openapi_extra=examples.IMPOSE_SANCTION,
)
async def impose_sanction(body: SanctionIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """The county imposes it; here it is told, so that others can help to lift it."""
    command = body.command()

    async def run(work: Work) -> Response:
        sanction = await sanctions.impose_sanction(command, work)
        shown = SanctionOut.of(sanction, caller.county)
        return created(shown, posting.location("sanctions", sanction.ref), sanction.version)

    return await posting.once(run)


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's sanctions",
    openapi_extra=examples.LIST_SANCTIONS,
)
async def list_sanctions(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[SanctionOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.sanctions.page(after, limit)
    shown = [SanctionOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(SanctionNotFound),
    summary="Read a sanction",
    openapi_extra=examples.GET_SANCTION,
)
async def get_sanction(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> SanctionOut:
    """With its ETag."""
    async with view as records:
        sanction = await records.sanctions.get(ref)
    response.headers["etag"] = etag(sanction.version)
    return SanctionOut.of(sanction, caller.county)


@router.post(
    "/{ref}/cure",
    response_model=SanctionOut,
    responses=refusals(SanctionNotFound, SanctionOver),
    summary="Record that a sanction was cured",
    openapi_extra=examples.CURE_SANCTION,
)
async def cure_sanction(ref: Ref, body: CureIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """Once, at any time: no sanction has a least duration."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        sanction = await sanctions.cure_sanction(command, work)
        shown = SanctionOut.of(sanction, caller.county)
        return changed(shown, sanction.version)

    return await posting.once(run)


@router.post(
    "/{ref}/rescind",
    response_model=SanctionOut,
    responses=refusals(SanctionNotFound, SanctionOver),
    summary="Record that a sanction was taken back",
    openapi_extra=examples.RESCIND_SANCTION,
)
async def rescind_sanction(
    ref: Ref, body: RescissionIn, caller: IntakeWriter, posting: PostingDep
) -> Response:
    """Once, and not after a cure."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        sanction = await sanctions.rescind_sanction(command, work)
        shown = SanctionOut.of(sanction, caller.county)
        return changed(shown, sanction.version)

    return await posting.once(run)
