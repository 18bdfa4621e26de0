"""The unit that a removed child was in: it matters to reunification after the child has left it or its aid has ended.

A child who was taken off the unit was in it until that month, and everybody whom a discontinued case still lists was
until the last day of aid. How long a former unit counts is the county's to say, in months from then.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.matcher.coordination.fact import Fact, of_type
from services.matcher.coordination.removal import Removal
from shared.calendars import add_months, nth_day_after, start_of_day
from shared.events import calworks

_END_OF_TIME = date(9900, 1, 1)  # what is later lasts for ever, as far as a calendar can tell


@dataclass(frozen=True, slots=True)
class FormerUnit:
    """Who was in a unit. `left`: who was taken off it, and from which month. `months`: for how long that counts.

    aid_ended: the last day of aid that has ended; None: none has.
    """

    left: Mapping[str, date]
    aid_ended: date | None
    months: int

    def counts(
        self, person: str, removals: Mapping[date, bool], today: date, *, is_listed: bool
    ) -> bool | None:
        """Whether the person's removal makes it count today; False: not any more; None: it never did.

        removals: of the person, by day, with whether it counts. is_listed: whether the unit still names the person.
        """
        last = self.aid_ended if is_listed else self.left.get(person)
        if last is None:
            return None
        within = [
            counts  # a child is taken off from the month of the removal on, or later
            for day, counts in removals.items()
            if (day if is_listed else day.replace(day=1)) <= last
        ]
        return any(within) and today <= last_day(last, self.months) if within else None


def last_day(since: date, months: int) -> date:
    """The last day on which a unit counts that somebody left, or that lost its aid, on that day."""
    return _END_OF_TIME if since >= _END_OF_TIME else add_months(since, months)


def former_until(since: date, months: int, zone: ZoneInfo) -> datetime:
    """When such a unit counts no more."""
    return start_of_day(nth_day_after(last_day(since, months), 1), zone)


def removals_of(child: str, removals: Iterable[Removal]) -> dict[date, bool]:
    """The days on which a child was removed, and whether that removal counts.

    It does while it stands, and while the return is news: the child may have to be added to the aid again.
    """
    found: dict[date, bool] = {}
    for removal in removals:
        if removal.child == child:
            counts = removal.home is None or removal.is_news
            found[removal.removed_on] = found.get(removal.removed_on, False) or counts
    return found


def end_of_aid(facts: Iterable[Fact], over: Collection[str]) -> date | None:
    """The last day of aid of the cases that are over."""
    ends = [d.aid_end for fact, d in of_type(facts, calworks.CaseDiscontinued) if fact.ref in over]
    return max(ends, default=None)
