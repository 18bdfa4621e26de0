"""Commands about cases: aid approved, discontinued and restored, and who is aided."""

from dataclasses import dataclass, replace
from datetime import date

from services.calworks_api.domain.application import AlreadyDecided, Application, ApplicationNotFound
from services.calworks_api.domain.assignment import ELIGIBILITY, Kind
from services.calworks_api.domain.case import AlreadyMember, Case
from services.calworks_api.domain.identifiers import check_county
from services.calworks_api.domain.intake import NOT_KNOWN, Entry, admit_one
from services.calworks_api.domain.unit import Member, Unit
from services.calworks_api.handlers.assignments import first_assignment
from services.calworks_api.handlers.persons import publish_person
from services.calworks_api.work import Work
from shared.days import check_month
from shared.errors import FieldError, Invalid
from shared.events.calworks import DiscontinuanceReason
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
    case_number: str | None
    aid_start: date
    members: tuple[Member, ...] | None
    workers: tuple[tuple[Kind, Worker], ...] | None
    caller: Worker


@dataclass(frozen=True, slots=True)
class DiscontinueCase:
    """Record that aid ends; `aid_end` is the last day of it."""

    case: str
    reason_class: DiscontinuanceReason
    aid_end: date


@dataclass(frozen=True, slots=True)
class RestoreCase:
    """Record that a discontinuance was taken back."""

    case: str
    restored_on: date


@dataclass(frozen=True, slots=True)
class AddMember:
    """Add a person to a case and its unit, from a month on."""

    case: str
    entry: Entry
    effective_month: date


@dataclass(frozen=True, slots=True)
class RemoveMember:
    """Remove a person from a case and its unit, from a month on."""

    case: str
    person: str
    effective_month: date


async def approve_case(cmd: ApproveCase, work: Work) -> Case:
    """The case, whose members are from now on the unit's.

    An application that was pending is approved with it. Raises Invalid for a name that nobody has,
    AlreadyApproved for an application with a case, AlreadyDecided for one that was denied or withdrawn.
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
        case_number=cmd.case_number,
    )
    await work.records.cases.add(case, work.now)
    await work.records.units.change(unit.approved(members), work.now)
    if application is not None and application.status == "pending":
        decided = application.decided("approved", None, on=work.today, today=work.today)
        await work.records.applications.end(decided, work.now)
        work.publish(decided.end(), time=work.now, effective=work.today)
    work.publish(case.event(), time=work.now, effective=cmd.aid_start)
    workers = cmd.workers
    if workers is None:
        workers = ((ELIGIBILITY, await _present_worker(application, work) or cmd.caller),)
    made = [
        await first_assignment(case.ref, "case", kind, worker, work)
        for kind, worker in sorted(workers, key=lambda one: one[0])
    ]
    return replace(case, assignments=tuple(one.ref for one in made))


async def discontinue_case(cmd: DiscontinueCase, work: Work) -> Case:
    """The case's next version. Raises CaseNotFound, NotActive or Invalid."""
    case = await work.records.cases.get(cmd.case, lock=True)
    after = case.discontinued(cmd.reason_class, cmd.aid_end)
    await work.records.cases.change(after, work.now)
    work.publish(after.discontinuance(cmd.reason_class, cmd.aid_end), time=work.now, effective=cmd.aid_end)
    return after


async def restore_case(cmd: RestoreCase, work: Work) -> Case:
    """The case's next version. Raises CaseNotFound, NotDiscontinued or Invalid."""
    case = await work.records.cases.get(cmd.case, lock=True)
    after = case.restored(cmd.restored_on)
    await work.records.cases.change(after, work.now)
    work.publish(after.restoration(cmd.restored_on), time=work.now, effective=cmd.restored_on)
    return after


async def add_member(cmd: AddMember, work: Work) -> Case:
    """The case's next version, whose new member is in its unit too.

    Raises CaseNotFound, NotActive, AlreadyMember, RecordIdTaken, or Invalid for a name that nobody has.
    """
    case, entry = await work.records.cases.get(cmd.case, lock=True), cmd.entry
    check_month("/effective_month", cmd.effective_month)
    if entry.person is not None:
        check_county("/county_id", entry.person.county_id, work.county)
    found = await work.records.persons.find(
        [entry.ref] if entry.ref is not None else [],
        [entry.record_id] if entry.record_id is not None else [],
    )
    one = admit_one(entry, found)
    member = Member(one.person, entry.role, one.record_id)
    after = case.joined_by(member)
    present = await work.records.persons.find([each.person for each in case.members])
    if member.person in {each.person for each in present}:
        raise AlreadyMember
    if one.new is not None:
        await work.records.persons.add([one.new], work.now)
    await work.records.cases.change(after, work.now)
    unit = await work.records.units.get(case.au, lock=True)
    await work.records.units.change(unit.extended([member]), work.now)
    if one.new is not None:
        publish_person(one.new, work, units=(unit.ref,), roles=(entry.role,))
    event = after.addition(member, cmd.effective_month, await _sealed(after, work))
    work.publish(event, time=work.now, effective=cmd.effective_month)
    return after


async def remove_member(cmd: RemoveMember, work: Work) -> Case:
    """The case's next version, whose unit is without the person too.

    Raises CaseNotFound, NotActive, NotAMember, LastMember or Invalid.
    """
    case = await work.records.cases.get(cmd.case, lock=True)
    check_month("/effective_month", cmd.effective_month)
    sealed = await _sealed(case, work)
    after = case.without(cmd.person, sealed)
    await work.records.cases.change(after, work.now)
    unit = await work.records.units.get(case.au, lock=True)
    await work.records.units.change(unit.without(cmd.person), work.now)
    event = after.removal(cmd.person, cmd.effective_month, sealed)
    work.publish(event, time=work.now, effective=cmd.effective_month)
    return after


async def _sealed(case: Case, work: Work) -> frozenset[str]:
    """Its members whose records are sealed: nothing more is published of them."""
    found = await work.records.persons.find([one.person for one in case.members])
    return frozenset(one.ref for one in found if one.is_hidden)


async def _application(ref: str | None, work: Work) -> Application | None:
    if ref is None:
        return None
    try:
        application = await work.records.applications.get(ref, lock=True)
    except ApplicationNotFound:
        raise Invalid(FieldError("/application", NOT_KNOWN)) from None
    if application.status not in ("pending", "approved"):
        raise AlreadyDecided
    return application


async def _unit(cmd: ApproveCase, application: Application | None, work: Work) -> Unit:
    unit = await work.records.units.find(ref=cmd.au if application is None else application.au)
    if unit is None:
        raise Invalid(FieldError("/au", NOT_KNOWN))
    return unit


async def _members(
    named: tuple[Member, ...] | None, application: Application | None, work: Work
) -> tuple[Member, ...]:
    """Those named, else the application's without sealed and void persons; for a merged record its survivor."""
    if named is None and application is None:
        raise Invalid(FieldError("/members", "is required without an application"))
    wanted = named if named is not None else application.persons if application is not None else ()
    found = await work.records.persons.find([one.person for one in wanted])
    known = {one.ref: one for one in found if not one.is_hidden}
    members = {
        known[one.person].person: Member(
            known[one.person].person, one.role, known[one.person].person_record_id
        )
        for one in reversed(wanted)
        if one.person in known
    }
    if named is not None:
        errors = [
            FieldError(f"/members/{place}/person", NOT_KNOWN)
            for place, one in enumerate(named)
            if one.person not in known
        ]
        if len(members) + len(errors) < len(named):
            errors.append(FieldError("/members", "must not name anybody twice"))
        if errors:
            raise Invalid(*errors)
    return tuple(reversed(members.values()))


async def _present_worker(application: Application | None, work: Work) -> Worker | None:
    """Who determines eligibility on the application now."""
    if application is None:
        return None
    standing = await work.records.assignments.standing(application.ref, ELIGIBILITY)
    return standing[0].worker if standing else None
