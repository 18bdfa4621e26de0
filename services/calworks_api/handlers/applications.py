"""The intake of CalWORKs: one call takes in an application with everybody on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.calworks_api.domain.application import Application, Expedite, Outcome, check_received
from services.calworks_api.domain.assignment import ELIGIBILITY
from services.calworks_api.domain.identifiers import check_county
from services.calworks_api.domain.intake import NOT_KNOWN, Admitted, Entry, admit
from services.calworks_api.domain.unit import Member, Unit
from services.calworks_api.handlers.assignments import first_assignment
from services.calworks_api.handlers.persons import publish_person
from services.calworks_api.work import Work
from shared.calendars import PACIFIC, start_of_day
from shared.errors import FieldError, Invalid
from shared.events.calworks import DenialReason
from shared.events.parts import Worker
from shared.ids import mint


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """The unit of an intake: known by `ref`, known or new by `record_id`, else new."""

    ref: str | None = None
    record_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReceiveApplication:
    """Take in an application; `worker` becomes its eligibility worker."""

    received_at: datetime
    expedite: tuple[Expedite, ...]
    unit: NamedUnit
    persons: tuple[Entry, ...]
    worker: Worker


@dataclass(frozen=True, slots=True)
class DecideApplication:
    """Record that an application was approved or denied."""

    application: str
    outcome: Outcome
    reason_class: DenialReason | None
    decided_on: date


@dataclass(frozen=True, slots=True)
class WithdrawApplication:
    """Record that the applicant took an application back."""

    application: str
    withdrawn_on: date


async def receive_application(cmd: ReceiveApplication, work: Work) -> Application:
    """The application, stored with its new persons, unit and first assignment.

    Raises Invalid for a name that nobody has, RecordIdTaken for a new person under a known record_id.
    """
    check_received(cmd.received_at, work.now)
    for place, entry in enumerate(cmd.persons):
        if entry.person is not None:
            check_county(f"/persons/{place}/county_id", entry.person.county_id, work.county)
    admitted, unit = await take_in(cmd.unit, cmd.persons, work)
    return await received(cmd.received_at, cmd.expedite, unit.ref, admitted, cmd.worker, work)


async def take_in(
    named: NamedUnit, entries: tuple[Entry, ...], work: Work
) -> tuple[tuple[Admitted, ...], Unit]:
    """The people of an intake and their unit: who is new is stored and published.

    Raises Invalid for a name that nobody has, RecordIdTaken for a new person under a known record_id.
    """
    found = await work.records.persons.find(
        [one.ref for one in entries if one.ref is not None],
        [one.record_id for one in entries if one.record_id is not None],
    )
    admitted = admit(entries, found, pointer="/persons")
    await work.records.persons.add([one.new for one in admitted if one.new is not None], work.now)
    unit = await _extend_unit(named, admitted, work)
    for one in admitted:
        if one.new is not None:
            publish_person(one.new, work, units=(unit.ref,), roles=(one.entry.role,))
    return admitted, unit


async def received(
    at: datetime,
    expedite: tuple[Expedite, ...],
    unit: str,
    admitted: Sequence[Admitted],
    worker: Worker,
    work: Work,
) -> Application:
    """An application of a unit that was taken in, with its first assignment."""
    application = Application(
        ref=mint("ap"),
        au=unit,
        received_at=at,
        persons=tuple(Member(one.person, one.entry.role, one.record_id) for one in admitted),
        expedite=expedite,
    )
    await work.records.applications.add(application, work.now)
    work.publish(application.event(worker.ref), time=at)
    assignment = await first_assignment(application.ref, "application", ELIGIBILITY, worker, work)
    return replace(application, assignment=assignment.ref)


async def decide_application(cmd: DecideApplication, work: Work) -> Application:
    """The application's next version. Raises ApplicationNotFound, AlreadyDecided or Invalid."""
    before = await work.records.applications.get(cmd.application, lock=True)
    decided = before.decided(cmd.outcome, cmd.reason_class, on=cmd.decided_on, today=work.today)
    return await _end(decided, cmd.decided_on, work)


async def withdraw_application(cmd: WithdrawApplication, work: Work) -> Application:
    """The application's next version. Raises ApplicationNotFound, AlreadyDecided or Invalid."""
    before = await work.records.applications.get(cmd.application, lock=True)
    return await _end(before.withdrawn(on=cmd.withdrawn_on, today=work.today), cmd.withdrawn_on, work)


async def _end(ended: Application, day: date, work: Work) -> Application:
    await work.records.applications.end(ended, work.now)
    work.publish(ended.end(), time=start_of_day(day, PACIFIC), effective=day)
    return ended


async def _extend_unit(named: NamedUnit, admitted: Sequence[Admitted], work: Work) -> Unit:
    """The unit with those of the intake in it. What is published of it stands in the application."""
    known = await work.records.units.find(ref=named.ref, record_id=named.record_id)
    if known is None:
        if named.ref is not None:
            raise Invalid(FieldError("/unit/ref", NOT_KNOWN))
        blank = Unit(ref=mint("au"), record_id=named.record_id)
        unit = replace(blank, members=blank.joined_by(admitted))
        await work.records.units.add(unit, work.now)
        return unit
    joined = known.joined_by(admitted)
    if not joined:
        return known
    unit = known.extended(joined)
    await work.records.units.change(unit, work.now)
    return unit
