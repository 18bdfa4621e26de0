"""Addresses of persons, and of what happens to one."""

from fastapi import APIRouter, Request, Response

from services.calworks_api import examples
from services.calworks_api.answers import ClockMilestoneOut, ExemptionOut, PersonRecordOut, WtwPlanOut
from services.calworks_api.domain.clock import ClockNotAhead
from services.calworks_api.domain.exemption import AlreadyExempt
from services.calworks_api.domain.person import (
    HasMerged,
    MemberOfActiveCase,
    NotAnAdultMember,
    PersonIsMerged,
    PersonNotFound,
    WtwStatusUnchanged,
)
from services.calworks_api.handlers import clock_milestones, exemptions, persons, wtw_plans
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
from services.calworks_api.schemas_people import (
    ClockMilestoneIn,
    ExemptionIn,
    MergeIn,
    NothingIn,
    PersonRecordChange,
    WtwPlanIn,
    WtwStatusIn,
)
from services.calworks_api.work import Work
from shared.errors import PreconditionRequired
from shared.web.etag import etag, showing
from shared.web.idempotency import changed, created
from shared.web.pagination import Limit, Page, page
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
    """With its ETag; of a record that was merged, with the reference of its survivor."""
    async with view as records:
        person = await records.persons.get(ref)
    response.headers["etag"] = etag(person.version)
    return PersonRecordOut.of(person, caller.county)


@router.patch(
    "/{ref}",
    response_model_exclude_none=True,
    responses=refusals(PersonNotFound, PersonIsMerged, PreconditionRequired) | stale(PersonRecordOut),
    summary="Change a person's details",
    openapi_extra=examples.CHANGE_PERSON,
)
async def change_person(
    ref: Ref,
    body: PersonRecordChange,
    caller: IntakeWriter,
    work: WorkDep,
    response: Response,
    if_match: IfMatch = None,
) -> PersonRecordOut:
    """Send only what changes; null removes. Needs If-Match with the ETag that was read."""
    with showing(PersonRecordOut.of, caller.county):
        async with work:
            person = await persons.change_person(body.command(ref, if_match), work)
    response.headers["etag"] = etag(person.version)
    return PersonRecordOut.of(person, caller.county)


@router.post(
    "/{ref}/seal",
    status_code=204,
    responses=refusals(PersonNotFound, PersonIsMerged),
    summary="Seal a person's record: nobody sees it any more",
    openapi_extra=examples.SEAL_PERSON,
)
async def seal_person(ref: Ref, body: NothingIn, caller: Sealer, posting: PostingDep) -> Response:
    """What stands under the person is hidden too, as are records merged into this one; elsewhere references stay."""
    del body, caller

    async def run(work: Work) -> Response:
        await persons.seal_person(ref, work)
        return Response(status_code=204)

    return await posting.once(run)


@router.post(
    "/{ref}/merge",
    response_model=PersonRecordOut,
    responses=refusals(PersonNotFound, PersonIsMerged),
    summary="Record that two records are one person: this one is retired for the other",
    openapi_extra=examples.MERGE_PERSON,
)
async def merge_person(ref: Ref, body: MergeIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """What is known of it counts for the survivor, which is guarded at least as well as it was."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        person = await persons.merge_person(command, work)
        shown = PersonRecordOut.of(person, caller.county)
        return changed(shown, person.version)

    return await posting.once(run)


@router.post(
    "/{ref}/void",
    status_code=204,
    responses=refusals(PersonNotFound, PersonIsMerged, HasMerged, MemberOfActiveCase),
    summary="Take back a person's record that was entered in error",
    openapi_extra=examples.VOID_PERSON,
)
async def void_person(ref: Ref, body: NothingIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """It is there no more, nor what stands under it; elsewhere its bare reference stays."""
    del body, caller

    async def run(work: Work) -> Response:
        await persons.void_person(ref, work)
        return Response(status_code=204)

    return await posting.once(run)


@router.post(
    "/{ref}/wtw-status",
    response_model=PersonRecordOut,
    responses=refusals(PersonNotFound, PersonIsMerged, NotAnAdultMember, WtwStatusUnchanged),
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
    responses=refusals(PersonNotFound, PersonIsMerged, NotAnAdultMember, AlreadyExempt),
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


@router.post(
    "/{ref}/wtw-plans",
    status_code=201,
    response_model=WtwPlanOut,
    responses=refusals(PersonNotFound, PersonIsMerged, NotAnAdultMember),
    summary="Record that an adult signed a welfare-to-work plan",
    openapi_extra=examples.SIGN_WTW_PLAN,
)
async def sign_wtw_plan(ref: Ref, body: WtwPlanIn, caller: IntakeWriter, posting: PostingDep) -> Response:
    """One plan stands at a time: a new one replaces it."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        plan = await wtw_plans.sign_wtw_plan(command, work)
        shown = WtwPlanOut.of(plan, caller.county)
        return created(shown, posting.location("wtw-plans", plan.ref), plan.version)

    return await posting.once(run)


@router.post(
    "/{ref}/clock-milestones",
    status_code=201,
    response_model=ClockMilestoneOut,
    responses=refusals(PersonNotFound, PersonIsMerged, NotAnAdultMember, ClockNotAhead),
    summary="Record how many months of aid an adult has used",
    openapi_extra=examples.RECORD_CLOCK_MILESTONE,
)
async def record_clock_milestone(
    ref: Ref, body: ClockMilestoneIn, caller: IntakeWriter, posting: PostingDep
) -> Response:
    """At the end of a month, each later than the one before. The county counts; here it is told."""
    command = body.command(ref)

    async def run(work: Work) -> Response:
        milestone = await clock_milestones.record_clock_milestone(command, work)
        shown = ClockMilestoneOut.of(milestone, caller.county)
        return created(shown, posting.location("clock-milestones", milestone.ref), milestone.version)

    return await posting.once(run)


@router.get(
    "/{ref}/clock-milestones",
    response_model_exclude_none=True,
    responses=refusals(PersonNotFound),
    summary="List a person's clock milestones",
    openapi_extra=examples.LIST_CLOCK_MILESTONES,
)
async def list_clock_milestones_of_person(
    ref: Ref,
    caller: Reader,
    view: ViewDep,
    request: Request,
    response: Response,
    after: After,
    limit: Limit = 50,
) -> Page[ClockMilestoneOut]:
    """By reference, in no other order; with those of the records that were merged into this one."""
    async with view as records:
        await records.persons.get(ref)
        found = await records.clock_milestones.page(after, limit, person=ref)
    shown = [ClockMilestoneOut.of(one, caller.county) for one in found]
    return page(shown, [one.ref for one in found], limit, request, response)
