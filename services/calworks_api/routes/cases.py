"""Addresses of cases."""

from fastapi import APIRouter, Request, Response

from services.calworks_api import examples
from services.calworks_api.answers import CaseOut
from services.calworks_api.domain.application import AlreadyApproved, AlreadyDecided
from services.calworks_api.domain.case import (
    AlreadyMember,
    CaseNotFound,
    LastMember,
    NotActive,
    NotAMember,
    NotDiscontinued,
)
from services.calworks_api.domain.person import RecordIdTaken
from services.calworks_api.handlers import cases
from services.calworks_api.routes.common import (
    After,
    IntakeWriter,
    PostingDep,
    Reader,
    Ref,
    ViewDep,
    refusals,
)
from services.calworks_api.schemas import (
    CaseIn,
    DiscontinuanceIn,
    MemberRemovalIn,
    NewMemberIn,
    RestorationIn,
)
from services.calworks_api.work import Work
from shared.web.etag import etag
from shared.web.idempotency import changed, created
from shared.web.pagination import Limit, Page, page

router = APIRouter(prefix="/v1/cases", tags=["cases"])


@router.post(
    "",
    status_code=201,
    response_model=CaseOut,
    responses=refusals(AlreadyApproved, AlreadyDecided),
    summary="Approve aid for the members of an assistance unit",
    openapi_extra=examples.APPROVE_CASE,
)
async def approve_case(body: CaseIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """The members become the unit's; without `members` they are the application's."""
    command = body.command(caller)

    async def run(work: Work) -> Response:
        case = await cases.approve_case(command, work)
        shown = CaseOut.of(case, caller.county)
        return created(shown, posting.location("cases", case.ref), case.version)

    return await posting.once(run)


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's cases",
    openapi_extra=examples.LIST_CASES,
)
async def list_cases(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[CaseOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.cases.page(after, limit)
    shown = [CaseOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(CaseNotFound),
    summary="Read a case",
    openapi_extra=examples.GET_CASE,
)
async def get_case(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> CaseOut:
    """With its ETag."""
    async with view as records:
        case = await records.cases.get(ref)
    response.headers["etag"] = etag(case.version)
    return CaseOut.of(case, caller.county)


@router.post(
    "/{ref}/discontinue",
    response_model=CaseOut,
    responses=refusals(CaseNotFound, NotActive),
    summary="Record that aid ends",
    openapi_extra=examples.DISCONTINUE_CASE,
)
async def discontinue_case(
    ref: Ref, body: DiscontinuanceIn, caller: IntakeWriter, posting: PostingDep
) -> Response:
    """A discontinued case keeps its members and workers."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        case = await cases.discontinue_case(command, work)
        shown = CaseOut.of(case, caller.county)
        return changed(shown, case.version)

    return await posting.once(run)


@router.post(
    "/{ref}/restore",
    response_model=CaseOut,
    responses=refusals(CaseNotFound, NotDiscontinued),
    summary="Record that a discontinuance was taken back",
    openapi_extra=examples.RESTORE_CASE,
)
async def restore_case(ref: Ref, body: RestorationIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """Aid goes on with the members that the case has."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        case = await cases.restore_case(command, work)
        shown = CaseOut.of(case, caller.county)
        return changed(shown, case.version)

    return await posting.once(run)


@router.post(
    "/{ref}/members",
    response_model=CaseOut,
    responses=refusals(CaseNotFound, NotActive, AlreadyMember, RecordIdTaken),
    summary="Add a person to a case and its unit",
    openapi_extra=examples.ADD_MEMBER,
)
async def add_member(ref: Ref, body: NewMemberIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """Somebody known here, or somebody new, from the first of a month on."""
    command = body.command(ref, posting.keys)

    async def run(work: Work) -> Response:
        case = await cases.add_member(command, work)
        shown = CaseOut.of(case, caller.county)
        return changed(shown, case.version)

    return await posting.once(run)


@router.post(
    "/{ref}/members/{person}/remove",
    response_model=CaseOut,
    responses=refusals(CaseNotFound, NotActive, NotAMember, LastMember),
    summary="Remove a person from a case and its unit",
    openapi_extra=examples.REMOVE_MEMBER,
)
async def remove_member(
    ref: Ref, person: Ref, body: MemberRemovalIn, caller: IntakeWriter, posting: PostingDep
) -> Response:
    """From the first of a month on; the last member cannot leave."""
    command = body.command(ref, person)

    async def run(work: Work) -> Response:
        case = await cases.remove_member(command, work)
        shown = CaseOut.of(case, caller.county)
        return changed(shown, case.version)

    return await posting.once(run)
