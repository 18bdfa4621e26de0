"""Addresses of service cases."""

from fastapi import APIRouter, Request, Response

from services.cws_api import examples
from services.cws_api.answers import CaseOut, HearingOut
from services.cws_api.domain.case import CaseIsClosed, CaseIsOpen, CaseNotFound, ChildHasCase, NoSuchMove
from services.cws_api.domain.client import NotAChild
from services.cws_api.domain.referral import ReferralIsClosed
from services.cws_api.handlers import cases, hearings
from services.cws_api.routes.common import (
    After,
    IfMatch,
    IntakeWriter,
    PostingDep,
    Reader,
    Ref,
    ViewDep,
    WorkDep,
    refusals,
)
from services.cws_api.schemas import CaseCloseIn, CaseIn, CaseReopenIn, ComponentIn, HearingIn, ParticipantsIn
from services.cws_api.work import Work
from shared.errors import PreconditionRequired
from shared.web.etag import etag, showing
from shared.web.idempotency import changed, created
from shared.web.pagination import Limit, Page, page
from shared.web.problems import stale

router = APIRouter(prefix="/v1/cases", tags=["cases"])


@router.post(
    "",
    status_code=201,
    response_model=CaseOut,
    responses=refusals(ChildHasCase, NotAChild, ReferralIsClosed),
    summary="Open a case for one child",
    openapi_extra=examples.OPEN_CASE,
)
async def open_case(body: CaseIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """One open case for a child; household and participants are the referral's unless they are named."""
    command = body.command(caller)

    async def run(work: Work) -> Response:
        case = await cases.open_case(command, work)
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
    "/{ref}/close",
    response_model=CaseOut,
    responses=refusals(CaseNotFound, CaseIsClosed) | stale(CaseOut),
    summary="Close a case with the class of the reason",
    openapi_extra=examples.CLOSE_CASE,
)
async def close_case(
    ref: Ref, body: CaseCloseIn, caller: IntakeWriter, posting: PostingDep, if_match: IfMatch = None
) -> Response:
    """Only an open case. If-Match counts where it is sent."""
    command = body.command(ref, if_match)

    async def run(work: Work) -> Response:
        with showing(CaseOut.of, caller.county):
            case = await cases.close_case(command, work)
        return changed(CaseOut.of(case, caller.county), case.version)

    return await posting.once(run)


@router.post(
    "/{ref}/reopen",
    response_model=CaseOut,
    responses=refusals(CaseNotFound, CaseIsOpen, ChildHasCase) | stale(CaseOut),
    summary="Open a closed case again",
    openapi_extra=examples.REOPEN_CASE,
)
async def reopen_case(
    ref: Ref, body: CaseReopenIn, caller: IntakeWriter, posting: PostingDep, if_match: IfMatch = None
) -> Response:
    """While the child has no other open case. If-Match counts where it is sent."""
    command = body.command(ref, if_match)

    async def run(work: Work) -> Response:
        with showing(CaseOut.of, caller.county):
            case = await cases.reopen_case(command, work)
        return changed(CaseOut.of(case, caller.county), case.version)

    return await posting.once(run)


@router.post(
    "/{ref}/component",
    response_model=CaseOut,
    responses=refusals(CaseNotFound, CaseIsClosed, NoSuchMove) | stale(CaseOut),
    summary="Move a case to another component of service",
    openapi_extra=examples.CHANGE_COMPONENT,
)
async def change_component(
    ref: Ref, body: ComponentIn, caller: IntakeWriter, posting: PostingDep, if_match: IfMatch = None
) -> Response:
    """The refusal of a move names those that there are. If-Match counts where it is sent."""
    command = body.command(ref, if_match)

    async def run(work: Work) -> Response:
        with showing(CaseOut.of, caller.county):
            case = await cases.change_component(command, work)
        return changed(CaseOut.of(case, caller.county), case.version)

    return await posting.once(run)


@router.put(
    "/{ref}/participants",
    response_model_exclude_none=True,
    responses=refusals(CaseNotFound, CaseIsClosed, NotAChild, PreconditionRequired) | stale(CaseOut),
    summary="Say who takes part in a case, all of them",
    openapi_extra=examples.CHANGE_PARTICIPANTS,
)
async def change_participants(
    ref: Ref,
    body: ParticipantsIn,
    caller: IntakeWriter,
    work: WorkDep,
    response: Response,
    if_match: IfMatch = None,
) -> CaseOut:
    """Who is not named takes part no more; the child stays. Needs If-Match with the ETag that was read."""
    with showing(CaseOut.of, caller.county):
        async with work:
            case = await cases.change_participants(body.command(ref, if_match), work)
    response.headers["etag"] = etag(case.version)
    return CaseOut.of(case, caller.county)


@router.post(
    "/{ref}/hearings",
    status_code=201,
    response_model=HearingOut,
    responses=refusals(CaseNotFound, CaseIsClosed),
    summary="Set a hearing in a case",
    openapi_extra=examples.SET_HEARING,
)
async def set_hearing(ref: Ref, body: HearingIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """Only in an open case."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        hearing = await hearings.set_hearing(command, work)
        shown = HearingOut.of(hearing, caller.county)
        return created(shown, posting.location("hearings", hearing.ref), hearing.version)

    return await posting.once(run)


@router.get(
    "/{ref}/hearings",
    response_model_exclude_none=True,
    responses=refusals(CaseNotFound),
    summary="List the hearings of a case",
    openapi_extra=examples.LIST_HEARINGS_OF_CASE,
)
async def list_hearings_of_case(
    ref: Ref,
    caller: Reader,
    view: ViewDep,
    request: Request,
    response: Response,
    after: After,
    limit: Limit = 50,
) -> Page[HearingOut]:
    """By reference, in no other order."""
    async with view as records:
        await records.cases.get(ref)
        found = await records.hearings.page(after, limit, case=ref)
    shown = [HearingOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)
