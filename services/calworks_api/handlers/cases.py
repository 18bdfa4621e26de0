"""Commands about cases: aid approved."""

from dataclasses import dataclass, replace
from datetime import date

from services.calworks_api.domain.application import AlreadyApproved, Application, ApplicationNotFound
from services.calworks_api.domain.assignment import ELIGIBILITY, Kind
from services.calworks_api.domain.case import Case
from services.calworks_api.domain.intake import NOT_KNOWN
from services.calworks_api.domain.unit import Member, Unit
from services.calworks_api.handlers.assignments import first_assignment
from services.calworks_api.work import Work
from shared.errors import FieldError, Invalid
from shared.events.parts import Worker
from shared.ids import mint


@dataclass(frozen=True, slots=True)
class ApproveCase:
    """Approve aid, on an application or for a unit named by itself.

    Without `members` they are the application's. Without `workers` the application's eligibility worker
    goes on, or `caller` begins.
    """

    application: str | None
    au: str | None
    aid_start: date
    members: tuple[Member, ...] | None
    workers: tuple[tuple[Kind, Worker], ...] | None
    caller: Worker


async def approve_case(cmd: ApproveCase, work: Work) -> Case:
    """The case, whose members are from now on the unit's.

    Raises Invalid for a name that nobody has, AlreadyApproved for an application with a case.
    """
    application = await _application(cmd.application, work)
    unit = await _unit(cmd, application, work)
    members = await _members(cmd.members, application, work)
    case = Case(
        ref=mint("cc"),
        au=unit.ref,
        aid_start=cmd.aid_start,
        members=members,
        application=cmd.application,
    )
    await work.records.cases.add(case, work.now)
    await work.records.units.change(unit.approved(members), work.now)
    work.publish(case.event(), time=work.now, effective=cmd.aid_start)
    workers = cmd.workers
    if workers is None:
        workers = ((ELIGIBILITY, await _present_worker(application, work) or cmd.caller),)
    if application is not None:
        await work.records.applications.approve(application.ref, work.now)
    made = [
        await first_assignment(case.ref, "case", kind, worker, work)
        for kind, worker in sorted(workers, key=lambda one: one[0])
    ]
    return replace(case, assignments=tuple(one.ref for one in made))


async def _application(ref: str | None, work: Work) -> Application | None:
    if ref is None:
        return None
    try:
        application = await work.records.applications.get(ref, lock=True)
    except ApplicationNotFound:
        raise Invalid(FieldError("/application", NOT_KNOWN)) from None
    if application.status == "approved":
        raise AlreadyApproved
    return application


async def _unit(cmd: ApproveCase, application: Application | None, work: Work) -> Unit:
    unit = await work.records.units.find(ref=cmd.au if application is None else application.au)
    if unit is None:
        raise Invalid(FieldError("/au", NOT_KNOWN))
    return unit


async def _members(
    named: tuple[Member, ...] | None, application: Application | None, work: Work
) -> tuple[Member, ...]:
    """Those named, else the application's without sealed persons."""
    if named is None and application is None:
        raise Invalid(FieldError("/members", "is required without an application"))
    wanted = named if named is not None else application.persons if application is not None else ()
    found = await work.records.persons.find([one.person for one in wanted])
    known = {one.ref: one for one in found if not one.is_sealed}
    if named is not None:
        errors = [
            FieldError(f"/members/{place}/person", NOT_KNOWN)
            for place, one in enumerate(named)
            if one.person not in known
        ]
        if len({one.person for one in named}) < len(named):
            errors.append(FieldError("/members", "must not name anybody twice"))
        if errors:
            raise Invalid(*errors)
    return tuple(replace(one, record_id=known[one.person].record_id) for one in wanted if one.person in known)


async def _present_worker(application: Application | None, work: Work) -> Worker | None:
    """Who determines eligibility on the application now."""
    if application is None:
        return None
    standing = await work.records.assignments.standing(application.ref, ELIGIBILITY)
    return standing[0].worker if standing else None
