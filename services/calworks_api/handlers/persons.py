"""Commands about persons."""

from dataclasses import dataclass
from datetime import date

from services.calworks_api.domain.person import NotAnAdultMember, Person
from services.calworks_api.work import Work
from shared.calendars import PACIFIC, start_of_day
from shared.events import sealing
from shared.events.calworks import PersonSealed, PersonUpserted, WtwStatus
from shared.outbox import new_event_id
from shared.web.etag import require_match
from shared.web.people import PersonChange, changed_details


@dataclass(frozen=True, slots=True)
class ChangePerson:
    """Change a person's details; `if_match` is the entity tag that the caller read."""

    person: str
    change: PersonChange
    if_match: str | None


@dataclass(frozen=True, slots=True)
class ChangeWtwStatus:
    """Record a person's welfare-to-work status from a day on."""

    person: str
    to_status: WtwStatus
    effective_on: date


async def change_person(cmd: ChangePerson, work: Work) -> Person:
    """The person's next version. Raises PersonNotFound, or what If-Match asks for."""
    before = await work.records.persons.get(cmd.person, lock=True)
    require_match(cmd.if_match, before.version, before)
    given = cmd.change.model_fields_set
    after = before.changed(
        changed_details(before.details, cmd.change, work.keys),
        sensitivity=(cmd.change.sensitivity or "N") if "sensitivity" in given else before.sensitivity,
        address_protected=bool(cmd.change.address_protected)
        if "address_protected" in given
        else before.address_protected,
    )
    await work.records.persons.change(after, work.now)
    units, roles = await work.records.persons.places(after.ref)
    publish_person(after, work, units=units, roles=roles)
    return after


async def change_wtw_status(cmd: ChangeWtwStatus, work: Work) -> Person:
    """The person's next version.

    Raises PersonNotFound, WtwStatusUnchanged, Invalid, or NotAnAdultMember for whom WTW has never concerned.
    """
    before = await work.records.persons.get(cmd.person, lock=True)
    if before.wtw_status is None and not await work.records.persons.is_adult_member(cmd.person):
        raise NotAnAdultMember
    after = before.in_status(cmd.to_status, cmd.effective_on, today=work.today)
    await work.records.persons.change_status(after, work.now)
    work.publish(
        after.status_event(before), time=start_of_day(cmd.effective_on, PACIFIC), effective=cmd.effective_on
    )
    return after


async def lock_adult(person: str, work: Work) -> None:
    """Raise PersonNotFound unless the person is known, NotAnAdultMember unless WTW concerns him or her."""
    await work.records.persons.get(person, lock=True)
    if not await work.records.persons.is_adult_member(person):
        raise NotAnAdultMember


async def seal_person(ref: str, work: Work) -> None:
    """Hide a person from everybody, here and wherever the event is read. Raises PersonNotFound."""
    person = await work.records.persons.get(ref, lock=True)
    await work.records.persons.change(person.sealed(), work.now)
    work.publish(PersonSealed(person_ref=ref), time=work.now)


def publish_person(person: Person, work: Work, *, units: tuple[str, ...], roles: tuple[str, ...]) -> None:
    """Publish who the person is, sealed for this one event."""
    event_id = new_event_id()
    sealed = sealing.seal_person(
        person.details,
        work.ring,
        event_id=event_id,
        event_type=PersonUpserted.type(),
        county=work.county,
        subject=person.ref,
    )
    event = PersonUpserted(
        person_ref=person.ref,
        person=sealed,
        record_id=person.record_id,
        units=units,
        roles=roles,
        sensitivity=person.sensitivity,
        address_protected=person.address_protected,
    )
    work.publish(event, time=work.now, event_id=event_id)
