"""Addresses of service cases."""

from fastapi import APIRouter, Request, Response

from services.cws_api.domain.case import CaseNotFound, ChildHasCase
from services.cws_api.domain.client import NotAChild
from services.cws_api.handlers import cases
from services.cws_api.routes.common import After, IntakeWriter, PostingDep, Reader, Ref, ViewDep, refusals
from services.cws_api.schemas import CaseIn, CaseOut
from services.cws_api.work import Work
from shared.web.etag import etag
from shared.web.idempotency import created
from shared.web.pagination import Limit, Page, page

router = APIRouter(prefix="/v1/cases", tags=["cases"])


@router.post(
    "",
    status_code=201,
    response_model=CaseOut,
    responses=refusals(ChildHasCase, NotAChild),
    summary="Open a case for one child",
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
)
async def get_case(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> CaseOut:
    """With its ETag."""
    async with view as records:
        case = await records.cases.get(ref)
    response.headers["etag"] = etag(case.version)
    return CaseOut.of(case, caller.county)
