"""Commands about persons."""

from dataclasses import dataclass, replace
from datetime import date

from services.calworks_api.domain.identifiers import check_county
from services.calworks_api.domain.intake import NOT_KNOWN
from services.calworks_api.domain.person import (
    HasMerged,
    MemberOfActiveCase,
    NotAnAdultMember,
    Person,
    PersonNotFound,
)
from services.calworks_api.work import Work
from shared.calendars import PACIFIC, start_of_day
from shared.errors import FieldError, Invalid
from shared.events import sealing
from shared.events.calworks import PersonMerged, PersonSealed, PersonUpserted, PersonVoided, WtwStatus
from shared.outbox import new_event_id
from shared.web.etag import require_match
from shared.web.people import PersonChange, changed_details


@dataclass(frozen=True, slots=True)
class ChangePerson:
    """Change a person's details; `if_match` is the entity tag that the caller read.

    `county_id` counts where `has_county_id` says that it is sent.
    """

    person: str
    change: PersonChange
    if_match: str | None
    county_id: str | None = None
    has_county_id: bool = False


@dataclass(frozen=True, slots=True)
class ChangeWtwStatus:
    """Record a person's welfare-to-work status from a day on."""

    person: str
    to_status: WtwStatus
    effective_on: date


@dataclass(frozen=True, slots=True)
class MergePerson:
    """Record that a person's record is the same person as another one, which survives."""

    person: str
    into: str


async def change_person(cmd: ChangePerson, work: Work) -> Person:
    """The person's next version. Raises PersonNotFound, PersonIsMerged, Invalid, or what If-Match asks for."""
    before = await _standing(cmd.person, work)
    require_match(cmd.if_match, before.version, before)
    given = cmd.change.model_fields_set
    after = before.changed(
        changed_details(before.details, cmd.change, work.keys),
        sensitivity=(cmd.change.sensitivity or "N") if "sensitivity" in given else before.sensitivity,
        address_protected=bool(cmd.change.address_protected)
        if "address_protected" in given
        else before.address_protected,
    )
    if cmd.has_county_id:
        check_county("/county_id", cmd.county_id, work.county)
        after = replace(after, county_id=cmd.county_id)
    await work.records.persons.change(after, work.now)
    units, roles = await work.records.persons.places(after.ref)
    publish_person(after, work, units=units, roles=roles)
    return after


async def change_wtw_status(cmd: ChangeWtwStatus, work: Work) -> Person:
    """The person's next version.

    Raises PersonNotFound, PersonIsMerged, WtwStatusUnchanged, Invalid, or NotAnAdultMember for whom WTW has
    never concerned.
    """
    before = await _standing(cmd.person, work)
    if before.wtw_status is None and not await work.records.persons.is_adult_member(cmd.person):
        raise NotAnAdultMember
    after = before.in_status(cmd.to_status, cmd.effective_on, today=work.today)
    await work.records.persons.change_status(after, work.now)
    work.publish(
        after.status_event(before), time=start_of_day(cmd.effective_on, PACIFIC), effective=cmd.effective_on
    )
    return after


async def lock_adult(person: str, work: Work) -> None:
    """Raise PersonNotFound, PersonIsMerged, or NotAnAdultMember unless WTW concerns him or her."""
    await _standing(person, work)
    if not await work.records.persons.is_adult_member(person):
        raise NotAnAdultMember


async def seal_person(ref: str, work: Work) -> None:
    """Hide a person from everybody, here and wherever the event is read. Raises PersonNotFound or PersonIsMerged.

    The records that were merged into this one are of the same person: they are hidden with it.
    """
    person = await _standing(ref, work)
    for one in (person, *await work.records.persons.merged_into(ref)):
        await work.records.persons.change(one.sealed(), work.now)
        work.publish(PersonSealed(person_ref=one.ref), time=work.now)


async def merge_person(cmd: MergePerson, work: Work) -> Person:
    """The retired record's next version. What was merged into it before counts for the survivor with it.

    The survivor is guarded at least as well as it was. Raises PersonNotFound, PersonIsMerged if either was merged
    before, or Invalid for a survivor that is not known, sealed, void or the same.
    """
    known = await work.records.persons.both(cmd.person, cmd.into)
    if cmd.person not in known:
        raise PersonNotFound
    if cmd.person == cmd.into:
        raise Invalid(FieldError("/into", "must be another record"))
    if cmd.into not in known:
        raise Invalid(FieldError("/into", NOT_KNOWN))
    survivor = known[cmd.into]
    retired = known[cmd.person].merged(survivor)
    guarding = survivor.guarding(retired)
    if guarding is not survivor:
        await work.records.persons.change(guarding, work.now)
        units, roles = await work.records.persons.places(survivor.ref)
        publish_person(guarding, work, units=units, roles=roles)
    await work.records.persons.merge(retired, work.now)
    work.publish(PersonMerged(person_ref=retired.ref, survivor=survivor.ref), time=work.now)
    return retired


async def void_person(ref: str, work: Work) -> None:
    """Take back a record that was entered in error. Raises PersonNotFound, or what stands in the way of it.

    That is PersonIsMerged, HasMerged or MemberOfActiveCase.
    """
    await _standing(ref, work)
    if await work.records.persons.merged_into(ref):
        raise HasMerged
    if await work.records.persons.is_aided(ref):
        raise MemberOfActiveCase
    await work.records.persons.void(ref, work.now)
    work.publish(PersonVoided(person_ref=ref), time=work.now)


async def _standing(ref: str, work: Work) -> Person:
    """A person to be written about, locked. Raises PersonNotFound or PersonIsMerged."""
    person = await work.records.persons.get(ref, lock=True)
    person.check_not_merged()
    return person


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
