"""Addresses of applications: the intake."""

from fastapi import APIRouter, Request, Response

from services.calworks_api import examples
from services.calworks_api.answers import ApplicationOut
from services.calworks_api.domain.application import AlreadyDecided, ApplicationNotFound
from services.calworks_api.domain.person import RecordIdTaken
from services.calworks_api.handlers import applications
from services.calworks_api.routes.common import (
    After,
    IntakeWriter,
    PostingDep,
    Reader,
    Ref,
    ViewDep,
    refusals,
)
from services.calworks_api.schemas import ApplicationIn, DecisionIn, WithdrawalIn
from services.calworks_api.work import Work
from shared.web.etag import etag
from shared.web.idempotency import changed, created
from shared.web.pagination import Limit, Page, page

router = APIRouter(prefix="/v1/applications", tags=["applications"])


@router.post(
    "",
    status_code=201,
    response_model=ApplicationOut,
    responses=refusals(RecordIdTaken),
    summary="Take in an application with its persons, unit and worker",
    openapi_extra=examples.RECEIVE_APPLICATION,
)
async def receive_application(body: ApplicationIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """New persons and a new unit get their references here; all of it is stored, or none of it."""
    command = body.command(caller, posting.keys)

    async def run(work: Work) -> Response:
        application = await applications.receive_application(command, work)
        shown = ApplicationOut.of(application, caller.county)
        return created(shown, posting.location("applications", application.ref), application.version)

    return await posting.once(run)


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's applications",
    openapi_extra=examples.LIST_APPLICATIONS,
)
async def list_applications(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[ApplicationOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.applications.page(after, limit)
    shown = [ApplicationOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(ApplicationNotFound),
    summary="Read an application",
    openapi_extra=examples.GET_APPLICATION,
)
async def get_application(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> ApplicationOut:
    """With its ETag."""
    async with view as records:
        application = await records.applications.get(ref)
    response.headers["etag"] = etag(application.version)
    return ApplicationOut.of(application, caller.county)


@router.post(
    "/{ref}/decide",
    response_model=ApplicationOut,
    responses=refusals(ApplicationNotFound, AlreadyDecided),
    summary="Record that an application was approved or denied",
    openapi_extra=examples.DECIDE_APPLICATION,
)
async def decide_application(
    ref: Ref, body: DecisionIn, caller: IntakeWriter, posting: PostingDep
) -> Response:
    """Once. The county decides; a denial names the class of its reason."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        application = await applications.decide_application(command, work)
        shown = ApplicationOut.of(application, caller.county)
        return changed(shown, application.version)

    return await posting.once(run)


@router.post(
    "/{ref}/withdraw",
    response_model=ApplicationOut,
    responses=refusals(ApplicationNotFound, AlreadyDecided),
    summary="Record that the applicant took an application back",
    openapi_extra=examples.WITHDRAW_APPLICATION,
)
async def withdraw_application(
    ref: Ref, body: WithdrawalIn, caller: IntakeWriter, posting: PostingDep
) -> Response:
    """Only before it is decided."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        application = await applications.withdraw_application(command, work)
        shown = ApplicationOut.of(application, caller.county)
        return changed(shown, application.version)

    return await posting.once(run)
