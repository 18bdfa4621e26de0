"""Addresses of persons, and of what happens to one."""

from fastapi import APIRouter, Request, Response

from services.calworks_api import examples
from services.calworks_api.answers import ExemptionOut, PersonRecordOut
from services.calworks_api.domain.exemption import AlreadyExempt
from services.calworks_api.domain.person import NotAnAdultMember, PersonNotFound, WtwStatusUnchanged
from services.calworks_api.handlers import exemptions, persons
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
from services.calworks_api.schemas import ExemptionIn, SealIn, WtwStatusIn
from services.calworks_api.work import Work
from shared.errors import PreconditionRequired
from shared.web.etag import etag, showing
from shared.web.idempotency import changed, created
from shared.web.pagination import Limit, Page, page
from shared.web.people import PersonChange
from shared.web.problems import stale

router = APIRouter(prefix="/v1/persons", tags=["persons"])


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's persons",
    openapi_extra=examples.LIST_PERSONS,
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
    openapi_extra=examples.GET_PERSON,
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
    responses=refusals(PersonNotFound, PreconditionRequired) | stale(PersonRecordOut),
    summary="Change a person's details",
    openapi_extra=examples.CHANGE_PERSON,
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
    with showing(PersonRecordOut.of, caller.county):
        async with work:
            person = await persons.change_person(ChangePerson(ref, body, if_match), work)
    response.headers["etag"] = etag(person.version)
    return PersonRecordOut.of(person, caller.county)


@router.post(
    "/{ref}/seal",
    status_code=204,
    responses=refusals(PersonNotFound),
    summary="Seal a person's record: nobody sees it any more",
    openapi_extra=examples.SEAL_PERSON,
)
async def seal_person(ref: Ref, body: SealIn, caller: Sealer, posting: PostingDep) -> Response:
    """Notices, sanctions and exemptions are hidden too; elsewhere the bare reference stays."""
    del body, caller

    async def run(work: Work) -> Response:
        await persons.seal_person(ref, work)
        return Response(status_code=204)

    return await posting.once(run)


@router.post(
    "/{ref}/wtw-status",
    response_model=PersonRecordOut,
    responses=refusals(PersonNotFound, NotAnAdultMember, WtwStatusUnchanged),
    summary="Record an adult's welfare-to-work status",
    openapi_extra=examples.CHANGE_WTW_STATUS,
)
async def change_wtw_status(
    ref: Ref, body: WtwStatusIn, caller: IntakeWriter, posting: PostingDep
) -> Response:
    """The status alone, never its reason."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        person = await persons.change_wtw_status(command, work)
        shown = PersonRecordOut.of(person, caller.county)
        return changed(shown, person.version)

    return await posting.once(run)


@router.post(
    "/{ref}/exemptions",
    status_code=201,
    response_model=ExemptionOut,
    responses=refusals(PersonNotFound, NotAnAdultMember, AlreadyExempt),
    summary="Record that an adult is exempt from welfare-to-work",
    openapi_extra=examples.GRANT_EXEMPTION,
)
async def grant_exemption(ref: Ref, body: ExemptionIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """One exemption at a time; why is never taken."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        exemption = await exemptions.grant_exemption(command, work)
        shown = ExemptionOut.of(exemption, caller.county)
        return created(shown, posting.location("exemptions", exemption.ref), exemption.version)

    return await posting.once(run)
