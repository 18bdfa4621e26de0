"""Addresses of notices of non-participation."""

from fastapi import APIRouter, Request, Response

from services.calworks_api import examples
from services.calworks_api.answers import NoncomplianceOut
from services.calworks_api.domain.noncompliance import (
    AlreadyResolved,
    NoncomplianceNotFound,
    NoncomplianceOpen,
)
from services.calworks_api.domain.person import NotAnAdultMember, PersonIsMerged
from services.calworks_api.handlers import noncompliances
from services.calworks_api.routes.common import (
    After,
    IntakeWriter,
    PostingDep,
    Reader,
    Ref,
    ViewDep,
    refusals,
)
from services.calworks_api.schemas import CompliancePlanIn, GoodCauseIn, NoncomplianceIn, ResolutionIn
from services.calworks_api.work import Work
from shared.web.etag import etag
from shared.web.idempotency import changed, created
from shared.web.pagination import Limit, Page, page

router = APIRouter(prefix="/v1/noncompliances", tags=["noncompliances"])


@router.post(
    "",
    status_code=201,
    response_model=NoncomplianceOut,
    responses=refusals(PersonIsMerged, NotAnAdultMember, NoncomplianceOpen),
    summary="Record a notice of non-participation",
    openapi_extra=examples.START_NONCOMPLIANCE,
)
async def start_noncompliance(body: NoncomplianceIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """Day 1 is the day after the notice, day 20 the last on which a sanction can be prevented."""
    command = body.command()

    async def run(work: Work) -> Response:
        noncompliance = await noncompliances.start_noncompliance(command, work)
        shown = NoncomplianceOut.of(noncompliance, caller.county)
        return created(shown, posting.location("noncompliances", noncompliance.ref), noncompliance.version)

    return await posting.once(run)


@router.get(
    "",
    response_model_exclude_none=True,
    responses=refusals(),
    summary="List the county's noncompliances",
    openapi_extra=examples.LIST_NONCOMPLIANCES,
)
async def list_noncompliances(
    caller: Reader, view: ViewDep, request: Request, response: Response, after: After, limit: Limit = 50
) -> Page[NoncomplianceOut]:
    """By reference, in no other order."""
    async with view as records:
        found = await records.noncompliances.page(after, limit)
    shown = [NoncomplianceOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)


@router.get(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(NoncomplianceNotFound),
    summary="Read a noncompliance",
    openapi_extra=examples.GET_NONCOMPLIANCE,
)
async def get_noncompliance(ref: Ref, caller: Reader, view: ViewDep, response: Response) -> NoncomplianceOut:
    """With its ETag."""
    async with view as records:
        noncompliance = await records.noncompliances.get(ref)
    response.headers["etag"] = etag(noncompliance.version)
    return NoncomplianceOut.of(noncompliance, caller.county)


@router.post(
    "/{ref}/resolve",
    response_model=NoncomplianceOut,
    responses=refusals(NoncomplianceNotFound, AlreadyResolved),
    summary="Record how a notice came to its end",
    openapi_extra=examples.RESOLVE_NONCOMPLIANCE,
)
async def resolve_noncompliance(
    ref: Ref, body: ResolutionIn, caller: IntakeWriter, posting: PostingDep
) -> Response:
    """Once."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        noncompliance = await noncompliances.resolve_noncompliance(command, work)
        shown = NoncomplianceOut.of(noncompliance, caller.county)
        return changed(shown, noncompliance.version)

    return await posting.once(run)


@router.post(
    "/{ref}/good-cause",
    response_model=NoncomplianceOut,
    responses=refusals(NoncomplianceNotFound, AlreadyResolved),
    summary="Record whether there was good cause",
    openapi_extra=examples.DECIDE_GOOD_CAUSE,
)
async def decide_good_cause(
    ref: Ref, body: GoodCauseIn, caller: IntakeWriter, posting: PostingDep
) -> Response:
    """Granted, it resolves the notice. The reason is not taken."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        noncompliance = await noncompliances.decide_good_cause(command, work)
        shown = NoncomplianceOut.of(noncompliance, caller.county)
        return changed(shown, noncompliance.version)

    return await posting.once(run)


@router.post(
    "/{ref}/compliance-plan",
    response_model=NoncomplianceOut,
    responses=refusals(NoncomplianceNotFound, AlreadyResolved),
    summary="Record that a compliance plan was signed",
    openapi_extra=examples.SIGN_COMPLIANCE_PLAN,
)
async def sign_compliance_plan(
    ref: Ref, body: CompliancePlanIn, caller: IntakeWriter, posting: PostingDep
) -> Response:
    """It resolves the notice."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        noncompliance = await noncompliances.resolve_noncompliance(command, work)
        shown = NoncomplianceOut.of(noncompliance, caller.county)
        return changed(shown, noncompliance.version)

    return await posting.once(run)
