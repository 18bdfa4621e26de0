"""Addresses of meetings."""

from fastapi import APIRouter, Request, Response

from services.cws_api import examples
from services.cws_api.answers import MeetingOut
from services.cws_api.domain.meeting import MeetingIsOver, MeetingNotFound
from services.cws_api.handlers import meetings
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
from services.cws_api.schemas import MeetingCancelIn, MeetingChange, MeetingHeldIn, MeetingIn
from services.cws_api.work import Work
from shared.errors import PreconditionRequired
from shared.web.etag import etag, showing
from shared.web.idempotency import changed, created
from shared.web.pagination import Limit, Page, page
from shared.web.problems import stale

router = APIRouter(prefix="/v1/meetings", tags=["meetings"])


@router.post(
    "",
    status_code=201,
    response_model=MeetingOut,
    responses=refusals(),
    summary="Set a meeting about a household",
    openapi_extra=examples.SCHEDULE_MEETING,
)
async def schedule_meeting(body: MeetingIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """Team decision making, child and family team, safety, or joint with CalWORKs."""
    command = body.command()

    async def run(work: Work) -> Response:
        meeting = await meetings.schedule_meeting(command, work)
        shown = MeetingOut.of(meeting, caller.county)
        return created(shown, posting.location("meetings", meeting.ref), meeting.version)

    return await posting.once(run)


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's meetings",
    openapi_extra=examples.LIST_MEETINGS,
)
async def list_meetings(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[MeetingOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.meetings.page(after, limit)
    shown = [MeetingOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(MeetingNotFound),
    summary="Read a meeting",
    openapi_extra=examples.GET_MEETING,
)
async def get_meeting(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> MeetingOut:
    """With its ETag."""
    async with view as records:
        meeting = await records.meetings.get(ref)
    response.headers["etag"] = etag(meeting.version)
    return MeetingOut.of(meeting, caller.county)


@router.patch(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(MeetingNotFound, MeetingIsOver, PreconditionRequired) | stale(MeetingOut),
    summary="Set a meeting anew",
    openapi_extra=examples.CHANGE_MEETING,
)
async def change_meeting(
    ref: Ref,
    body: MeetingChange,
    caller: IntakeWriter,
    work: WorkDep,
    response: Response,
    if_match: IfMatch = None,
) -> MeetingOut:
    """Send only what changes; null removes the end or the place. Needs If-Match with the ETag that was read."""
    with showing(MeetingOut.of, caller.county):
        async with work:
            meeting = await meetings.change_meeting(body.command(ref, if_match), work)
    response.headers["etag"] = etag(meeting.version)
    return MeetingOut.of(meeting, caller.county)


@router.post(
    "/{ref}/held",
    response_model=MeetingOut,
    responses=refusals(MeetingNotFound, MeetingIsOver) | stale(MeetingOut),
    summary="Record that a meeting took place, with its outcomes",
    openapi_extra=examples.HOLD_MEETING,
)
async def hold_meeting(
    ref: Ref, body: MeetingHeldIn, caller: IntakeWriter, posting: PostingDep, if_match: IfMatch = None
) -> Response:
    """Only one that is scheduled. If-Match counts where it is sent."""
    command = body.command(ref, if_match)

    async def run(work: Work) -> Response:
        with showing(MeetingOut.of, caller.county):
            meeting = await meetings.hold_meeting(command, work)
        return changed(MeetingOut.of(meeting, caller.county), meeting.version)

    return await posting.once(run)


@router.post(
    "/{ref}/cancel",
    response_model=MeetingOut,
    responses=refusals(MeetingNotFound, MeetingIsOver) | stale(MeetingOut),
    summary="Record that a meeting will not take place",
    openapi_extra=examples.CANCEL_MEETING,
)
async def cancel_meeting(
    ref: Ref, body: MeetingCancelIn, caller: IntakeWriter, posting: PostingDep, if_match: IfMatch = None
) -> Response:
    """Only one that is scheduled. If-Match counts where it is sent."""
    command = body.command(ref, if_match)

    async def run(work: Work) -> Response:
        with showing(MeetingOut.of, caller.county):
            meeting = await meetings.cancel_meeting(command, work)
        return changed(MeetingOut.of(meeting, caller.county), meeting.version)

    return await posting.once(run)
