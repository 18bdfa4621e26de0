"""Commands about notices of non-participation."""

from dataclasses import dataclass
from datetime import date

from services.calworks_api.domain.intake import NOT_KNOWN
from services.calworks_api.domain.noncompliance import Noncompliance, NoncomplianceOpen, check_notice_date
from services.calworks_api.domain.person import NotAnAdultMember, PersonNotFound
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


async def lock_adult_member(person: str, work: Work) -> None:
    """Raise Invalid unless the person is known, NotAnAdultMember unless WTW concerns him or her."""
    try:
        await work.records.persons.get(person, lock=True)
    except PersonNotFound:
        raise Invalid(FieldError("/person", NOT_KNOWN)) from None
    if not await work.records.persons.is_adult_member(person):
        raise NotAnAdultMember
