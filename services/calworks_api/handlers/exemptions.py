"""Commands about exemptions. Why somebody is exempt is never taken."""

from dataclasses import dataclass
from datetime import date

from services.calworks_api.domain.exemption import AlreadyExempt, Exemption, check_review_on
from services.calworks_api.handlers.persons import lock_adult
from services.calworks_api.work import Work
from shared.calendars import PACIFIC, start_of_day
from shared.ids import mint


@dataclass(frozen=True, slots=True)
class GrantExemption:
    """Record that a person is exempt from a day on, to be reviewed on another."""

    person: str
    from_date: date
    review_on: date | None


@dataclass(frozen=True, slots=True)
class EndExemption:
    """Record that an exemption ended."""

    exemption: str
    ended_on: date


async def grant_exemption(cmd: GrantExemption, work: Work) -> Exemption:
    """The exemption. Raises PersonNotFound, NotAnAdultMember, Invalid, or AlreadyExempt while one stands."""
    await lock_adult(cmd.person, work)
    check_review_on(cmd.review_on, cmd.from_date)
    if await work.records.exemptions.stands(cmd.person):
        raise AlreadyExempt
    exemption = Exemption(mint("ex"), cmd.person, cmd.from_date, cmd.review_on)
    await work.records.exemptions.add(exemption, work.now)
    work.publish(exemption.event(), time=work.now, effective=cmd.from_date)
    return exemption


async def end_exemption(cmd: EndExemption, work: Work) -> Exemption:
    """The exemption's next version. Raises ExemptionNotFound, ExemptionOver or Invalid."""
    found = await work.records.exemptions.get(cmd.exemption)
    await work.records.persons.get(found.person, lock=True)
    ended = (await work.records.exemptions.get(cmd.exemption)).ended(cmd.ended_on, today=work.today)
    await work.records.exemptions.end(ended, work.now)
    work.publish(ended.end(), time=start_of_day(cmd.ended_on, PACIFIC), effective=cmd.ended_on)
    return ended
