"""The intake of CalWORKs: one call takes in an application with everybody on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.calworks_api.domain.application import Application, Expedite, check_received
from services.calworks_api.domain.assignment import ELIGIBILITY
from services.calworks_api.domain.intake import NOT_KNOWN, Admitted, Entry, admit
from services.calworks_api.domain.unit import Member, Unit
from services.calworks_api.handlers.assignments import first_assignment
from services.calworks_api.handlers.persons import publish_person
from services.calworks_api.work import Work
from shared.errors import FieldError, Invalid
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


async def receive_application(cmd: ReceiveApplication, work: Work) -> Application:
    """The application, stored with its new persons, unit and first assignment.

    Raises Invalid for a name that nobody has, RecordIdTaken for a new person under a known record_id.
    """
    check_received(cmd.received_at, work.now)
    found = await work.records.persons.find(
        [one.ref for one in cmd.persons if one.ref is not None],
        [one.record_id for one in cmd.persons if one.record_id is not None],
    )
    admitted = admit(cmd.persons, found, pointer="/persons")
    await work.records.persons.add([one.new for one in admitted if one.new is not None], work.now)
    unit = await _extend_unit(cmd.unit, admitted, work)
    for one in admitted:
        if one.new is not None:
            publish_person(one.new, work, units=(unit.ref,), roles=(one.entry.role,))
    application = Application(
        ref=mint("ap"),
        au=unit.ref,
        received_at=cmd.received_at,
        persons=tuple(Member(one.person, one.entry.role, one.record_id) for one in admitted),
        expedite=cmd.expedite,
    )
    await work.records.applications.add(application, work.now)
    work.publish(application.event(cmd.worker.ref), time=cmd.received_at)
    assignment = await first_assignment(application.ref, "application", ELIGIBILITY, cmd.worker, work)
    return replace(application, assignment=assignment.ref)


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
