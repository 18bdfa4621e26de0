"""Addresses of persons, and of what happens to one."""

from fastapi import APIRouter, Request, Response

from services.calworks_api.domain.person import PersonNotFound
from services.calworks_api.handlers import persons
from services.calworks_api.handlers.persons import ChangePerson
from services.calworks_api.routes.common import (
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
from services.calworks_api.schemas import PersonRecordOut, SealIn
from services.calworks_api.work import Work
from shared.errors import PreconditionFailed, PreconditionRequired
from shared.web.etag import etag
from shared.web.pagination import Limit, Page, page
from shared.web.people import PersonChange

router = APIRouter(prefix="/v1/persons", tags=["persons"])


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's persons",
)
async def list_persons(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[PersonRecordOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.persons.page(after, limit)
    shown = [PersonRecordOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(PersonNotFound),
    summary="Read a person",
)
async def get_person(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> PersonRecordOut:
    """With its ETag."""
    async with view as records:
        person = await records.persons.get(ref)
    response.headers["etag"] = etag(person.version)
    return PersonRecordOut.of(person, caller.county)


@router.patch(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(PersonNotFound, PreconditionFailed, PreconditionRequired),
    summary="Change a person's details",
)
async def change_person(
    ref: Ref,
    body: PersonChange,
    caller: IntakeWriter,
    work: WorkDep,
    response: Response,
    if_match: IfMatch = None,
) -> PersonRecordOut:
    """Send only what changes; null removes. Needs If-Match with the ETag that was read."""
    async with work:
        person = await persons.change_person(ChangePerson(ref, body, if_match), work)
    response.headers["etag"] = etag(person.version)
    return PersonRecordOut.of(person, caller.county)


@router.post(
    "/{ref}/seal",
    status_code=204,
    responses=refusals(PersonNotFound),
    summary="Seal a person's record: nobody sees it any more",
)
async def seal_person(ref: Ref, body: SealIn, caller: Sealer, posting: PostingDep) -> Response:
    """Notices and sanctions are hidden too; elsewhere the bare reference stays."""
    del body, caller

    async def run(work: Work) -> Response:
        await persons.seal_person(ref, work)
        return Response(status_code=204)

    return await posting.once(run)
