"""Commands about the time clock: the county counts the months, here it is told what it counted."""

from dataclasses import dataclass
from datetime import date

from services.calworks_api.domain.clock import ClockMilestone
from services.calworks_api.handlers.persons import lock_adult
from services.calworks_api.work import Work
from shared.ids import mint


@dataclass(frozen=True, slots=True)
class RecordClockMilestone:
    """Record the months that a person has used; `remaining` is what the county says is left, if it says so."""

    person: str
    month: date
    used: int
    remaining: int | None
    projected_end: date | None


async def record_clock_milestone(cmd: RecordClockMilestone, work: Work) -> ClockMilestone:
    """The milestone. Raises PersonNotFound, PersonIsMerged, NotAnAdultMember, ClockNotAhead or Invalid."""
    await lock_adult(cmd.person, work)
    last = await work.records.clock_milestones.last(cmd.person)
    milestone = ClockMilestone(mint("cm"), cmd.person, cmd.month, cmd.used, cmd.projected_end)
    milestone.check(remaining=cmd.remaining, last=last, today=work.today)
    await work.records.clock_milestones.add(milestone, work.now)
    for event in milestone.events(last):
        work.publish(event, time=work.now, effective=cmd.month)
    return milestone
