"""Commands about notices of non-participation."""

from dataclasses import dataclass, replace
from datetime import date

from services.calworks_api.domain.intake import NOT_KNOWN
from services.calworks_api.domain.noncompliance import (
    GoodCause,
    Noncompliance,
    NoncomplianceOpen,
    Outcome,
    check_good_cause,
    check_notice_date,
)
from services.calworks_api.domain.person import PersonNotFound
from services.calworks_api.handlers.persons import lock_adult
from services.calworks_api.work import Work
from shared.calendars import PACIFIC, start_of_day
from shared.errors import FieldError, Invalid
from shared.events.parts import Slot
from shared.ids import mint


@dataclass(frozen=True, slots=True)
class StartNoncompliance:
    """Record that a notice was sent to a person."""

    person: str
    notice_date: date
    missed: Slot | None


@dataclass(frozen=True, slots=True)
class ResolveNoncompliance:
    """Record how a notice came to its end; `pointer` is the field of the body that tells the day."""

    noncompliance: str
    outcome: Outcome
    resolved_on: date
    pointer: str = "/resolved_on"


@dataclass(frozen=True, slots=True)
class DecideGoodCause:
    """Record whether the person had good cause, and for how long."""

    noncompliance: str
    granted: bool
    from_date: date | None
    until_date: date | None


async def start_noncompliance(cmd: StartNoncompliance, work: Work) -> Noncompliance:
    """The notice with its days. Raises Invalid, NotAnAdultMember, or NoncomplianceOpen while one runs."""
    check_notice_date(cmd.notice_date, work.today)
    await lock_adult_member(cmd.person, work)
    if any(one.is_open(work.today) for one in await work.records.noncompliances.of(cmd.person)):
        raise NoncomplianceOpen
    noncompliance = Noncompliance(mint("nc"), cmd.person, cmd.notice_date, cmd.missed)
    await work.records.noncompliances.add(noncompliance, work.now)
    work.publish(
        noncompliance.event(), time=start_of_day(cmd.notice_date, PACIFIC), effective=cmd.notice_date
    )
    return noncompliance


async def resolve_noncompliance(cmd: ResolveNoncompliance, work: Work) -> Noncompliance:
    """The notice's next version. Raises NoncomplianceNotFound, AlreadyResolved or Invalid."""
    before = await _locked(cmd.noncompliance, work)
    resolved = before.resolved(cmd.outcome, on=cmd.resolved_on, today=work.today, pointer=cmd.pointer)
    return await publish_end(resolved, work)


async def decide_good_cause(cmd: DecideGoodCause, work: Work) -> Noncompliance:
    """The notice with the decision; a granted one resolves it.

    Raises NoncomplianceNotFound, AlreadyResolved, or Invalid for days that do not fit.
    """
    before = await _locked(cmd.noncompliance, work)
    before.check_unresolved()
    check_good_cause(granted=cmd.granted, from_date=cmd.from_date, until_date=cmd.until_date)
    decided = GoodCause(mint("gc"), before.ref, cmd.granted, cmd.from_date, cmd.until_date)
    await work.records.noncompliances.add_good_cause(decided, len(before.good_causes), work.now)
    work.publish(decided.event(before.person), time=work.now, effective=cmd.from_date)
    after = replace(before, good_causes=(*before.good_causes, decided), version=before.version + 1)
    if not cmd.granted:
        return after
    resolved = after.resolved("good_cause", on=work.today, today=work.today, pointer="")
    return await publish_end(resolved, work)


async def publish_end(resolved: Noncompliance, work: Work) -> Noncompliance:
    """Store and publish how a notice ended."""
    event = resolved.end()
    await work.records.noncompliances.resolve(resolved, work.now)
    work.publish(event, time=start_of_day(event.resolved_on, PACIFIC), effective=event.resolved_on)
    return resolved


async def _locked(ref: str, work: Work) -> Noncompliance:
    """The notice, behind the lock of its person. Raises NoncomplianceNotFound."""
    found = await work.records.noncompliances.get(ref)
    await work.records.persons.get(found.person, lock=True)
    return await work.records.noncompliances.get(ref)


async def lock_adult_member(person: str, work: Work) -> None:
    """Raise Invalid unless the person is known, NotAnAdultMember unless WTW concerns him or her."""
    try:
        await lock_adult(person, work)
    except PersonNotFound:
        raise Invalid(FieldError("/person", NOT_KNOWN)) from None
