"""Removals of children, and for how long a return is news: whoever has to act on it hears it then, and not later."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.matcher.coordination.fact import Fact, of_type
from shared.calendars import PACIFIC, nth_day_after, start_of_day
from shared.events import cws

NEWS_DAYS = 30  # calendar days for which it is told that something has changed, and no more than that


@dataclass(frozen=True, slots=True)
class Removal:
    """A child's removal. `home`: the return from it; None: it stands.

    is_news: the child came home not long ago, and was not removed again since.
    """

    ref: str
    child: str
    removed_on: date
    recorded_at: datetime
    home: Fact | None
    is_news: bool


def removals(facts: Iterable[Fact], today: date) -> list[Removal]:
    """Every removal that was told, in the order of their references."""
    facts = list(facts)
    returns = {fact.ref: (fact, home) for fact, home in of_type(facts, cws.ChildReturned)}
    newest: dict[str, int] = {}
    for fact in facts:
        if isinstance(fact.data, cws.ChildRemoved | cws.ChildReturned):
            newest[fact.data.child] = max(newest.get(fact.data.child, 0), fact.seq)
    found = []
    for fact, told in of_type(facts, cws.ChildRemoved):
        came, home = returns.get(fact.ref, (None, None))
        is_last = came is not None and newest[told.child] == came.seq
        is_news = is_last and home is not None and _is_news(home.returned_on, today)
        found.append(Removal(fact.ref, told.child, told.removed_on, fact.recorded_at, came, is_news))
    return found


def news_until(day: date, zone: ZoneInfo) -> datetime:
    """When what happened on that day (a child's return, a sanction's end) is no news: after its thirtieth day."""
    try:
        return start_of_day(nth_day_after(day, NEWS_DAYS + 1), zone)
    except OverflowError:  # the last days of the calendar: nothing that has happened
        return start_of_day(date.min + timedelta(days=1), zone)


def _is_news(day: date, today: date) -> bool:
    return start_of_day(today, PACIFIC) < news_until(day, PACIFIC)
