"""Addresses of assignments: who works on what."""

from fastapi import APIRouter, Request, Response

from services.calworks_api import examples
from services.calworks_api.answers import AssignmentOut
from services.calworks_api.domain.assignment import AssignmentNotFound
from services.calworks_api.handlers import assignments
from services.calworks_api.routes.common import (
    After,
    IntakeWriter,
    PostingDep,
    Reader,
    Ref,
    ViewDep,
    refusals,
)
from services.calworks_api.schemas import AssignmentIn
from services.calworks_api.work import Work
from shared.web.etag import etag
from shared.web.idempotency import created
from shared.web.pagination import Limit, Page, page

router = APIRouter(prefix="/v1/assignments", tags=["assignments"])


@router.post(
    "",
    status_code=201,
    response_model=AssignmentOut,
    responses=refusals(),
    summary="Assign a worker; a new one ends the one of its kind before",
    openapi_extra=examples.ASSIGN,
)
async def assign(body: AssignmentIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """The one before it ends at the moment it begins."""
    command = body.command(caller)

    async def run(work: Work) -> Response:
        assignment = await assignments.assign(command, work)
        shown = AssignmentOut.of(assignment, caller.county)
        return created(shown, posting.location("assignments", assignment.ref), assignment.version)

    return await posting.once(run)


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's assignments",
    openapi_extra=examples.LIST_ASSIGNMENTS,
)
async def list_assignments(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[AssignmentOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.assignments.page(after, limit)
    shown = [AssignmentOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(AssignmentNotFound),
    summary="Read an assignment",
    openapi_extra=examples.GET_ASSIGNMENT,
)
async def get_assignment(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> AssignmentOut:
    """With its ETag."""
    async with view as records:
        assignment = await records.assignments.get(ref)
    response.headers["etag"] = etag(assignment.version)
    return AssignmentOut.of(assignment, caller.county)
