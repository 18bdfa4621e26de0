"""The clocks behind an alert: the twenty days of a noncompliance notice, and when to acknowledge.

Each computed deadline keeps its rule, its inputs and what it counts in, so that it can be worked out afresh
when an input is corrected.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.matcher.coordination.removal import NEWS_DAYS
from services.matcher.disclosure.policy import CountyPolicy
from shared.calendars import (
    CalendarKind,
    add_business_days,
    add_office_hours,
    end_of_day,
    local_date,
    nth_day_after,
    start_of_day,
)


class DeadlineRule(StrEnum):
    """Which rule a deadline follows."""

    NONCOMPLIANCE_LAST_DAY = "noncompliance.last_day"  # MPP 42-721.2, ACL 03-59
    NONCOMPLIANCE_HARD_STOP = "noncompliance.hard_stop"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True)
class Deadline:
    """One instant (UTC), with all it was computed from."""

    rule: DeadlineRule
    calendar: CalendarKind
    inputs: tuple[tuple[str, str], ...]
    at: datetime


@dataclass(frozen=True)
class NoncomplianceWindow:
    """The days a notice leaves: day 0 is the notice, `first_day` the day after it, `last_day` day 20.

    `ends_at` is the midnight after the last day: from then on the window is past.
    """

    first_day: date
    last_day: date
    hard_stop_day: date
    due: Deadline
    hard_stop: Deadline
    ends_at: datetime

    def past(self, now: datetime) -> bool:
        """Whether the last day is over."""
        return self.ends_at <= now


@dataclass(frozen=True, kw_only=True)
class DeadlineFacts:
    """Dates from the cause of an alert that its due time depends on."""

    notice_on: date | None = None


def noncompliance_window(notice_on: date, policy: CountyPolicy) -> NoncomplianceWindow:
    """The window of a notice issued on that day. Calendar days: a weekend does not move its end."""
    days, zone = policy.noncompliance, policy.zone
    last_day = nth_day_after(notice_on, days.last_day)
    hard_stop_day = nth_day_after(notice_on, days.hard_stop_day)
    notice = ("notice_on", notice_on.isoformat())
    return NoncomplianceWindow(
        first_day=nth_day_after(notice_on, 1),
        last_day=last_day,
        hard_stop_day=hard_stop_day,
        due=Deadline(
            DeadlineRule.NONCOMPLIANCE_LAST_DAY,
            CalendarKind.CALENDAR_DAYS,
            (notice, ("day", str(days.last_day))),
            end_of_day(last_day, zone),
        ),
        hard_stop=Deadline(
            DeadlineRule.NONCOMPLIANCE_HARD_STOP,
            CalendarKind.CALENDAR_DAYS,
            (notice, ("day", str(days.hard_stop_day))),
            end_of_day(hard_stop_day, zone),
        ),
        ends_at=start_of_day(last_day + timedelta(days=1), zone),
    )


def new_worker_until(from_at: datetime) -> datetime:
    """When a worker who began then is no longer new."""
    try:
        return from_at + timedelta(days=NEWS_DAYS)
    except OverflowError:
        return from_at


def acknowledge_by(
    alert_type: str, entered_at: datetime, policy: CountyPolicy, facts: DeadlineFacts
) -> Deadline:
    """By when an entry of this type ("A01" ...) is to be acknowledged, counted from its entry.

    Business days end at 23:59 local of the last; the day of entry is day 0. A noncompliance window (A09)
    never waits beyond the notice's hard stop, be it past already. ValueError: a type without a due time,
    a unit it cannot be counted in, or A09 without the notice.
    """
    due = policy.acknowledge.get(alert_type)
    if due is None:
        raise ValueError(f"no time to acknowledge is set for {alert_type}")
    match due.unit:
        case CalendarKind.BUSINESS_DAYS:
            day = add_business_days(local_date(entered_at, policy.zone), due.count, policy.calendar)
            at = end_of_day(day, policy.zone)
        case CalendarKind.OFFICE_HOURS:
            at = add_office_hours(entered_at, due.count, policy.calendar)
        case CalendarKind.CALENDAR_DAYS:
            at = end_of_day(nth_day_after(local_date(entered_at, policy.zone), due.count), policy.zone)
        case CalendarKind.CALENDAR_MONTHS:
            raise ValueError("a time to acknowledge is not counted in months")
    counted = Deadline(
        DeadlineRule.ACKNOWLEDGE,
        due.unit,
        (("type", alert_type), ("entered_at", entered_at.isoformat()), ("count", str(due.count))),
        at,
    )
    if alert_type != "A09":
        return counted
    if facts.notice_on is None:
        raise ValueError("A09 is due by its notice, which is missing")
    hard_stop = noncompliance_window(facts.notice_on, policy).hard_stop
    return min(counted, hard_stop, key=lambda deadline: deadline.at)
