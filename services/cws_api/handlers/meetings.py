"""Commands about meetings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.cws_api.domain.household import HouseholdNotFound
from services.cws_api.domain.intake import NOT_KNOWN
from services.cws_api.domain.meeting import Meeting, asked, check_times
from services.cws_api.work import Work
from shared.calendars import PACIFIC, start_of_day
from shared.errors import FieldError, Invalid
from shared.events.cws import MeetingKind, MeetingOutcome
from shared.ids import mint
from shared.web.etag import require_match


@dataclass(frozen=True, slots=True)
class ScheduleMeeting:
    """Set a meeting about a household: when, where, who is asked."""

    household: str
    kind: MeetingKind
    starts_at: datetime
    ends_at: datetime | None
    place: str | None
    clients: tuple[str, ...]
    workers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeMeeting:
    """Set a meeting anew: `changes` are new values by field; `if_match` is the entity tag that the caller read."""

    meeting: str
    changes: Mapping[str, Any]
    if_match: str | None


@dataclass(frozen=True, slots=True)
class HoldMeeting:
    """Record that a meeting took place, with its outcomes; `if_match` counts where it is sent."""

    meeting: str
    held_on: date
    outcomes: tuple[MeetingOutcome, ...]
    if_match: str | None = None


@dataclass(frozen=True, slots=True)
class CancelMeeting:
    """Record that a meeting will not take place (None: from today on); `if_match` counts where it is sent."""

    meeting: str
    cancelled_on: date | None
    if_match: str | None = None


async def schedule_meeting(cmd: ScheduleMeeting, work: Work) -> Meeting:
    """The meeting. Raises Invalid for a household or a client that is not known, or an end before the start."""
    check_times(cmd.starts_at, cmd.ends_at)
    try:
        await work.records.households.get(cmd.household)
    except HouseholdNotFound:
        raise Invalid(FieldError("/household", NOT_KNOWN)) from None
    meeting = Meeting(
        ref=mint("mt"),
        household=cmd.household,
        kind=cmd.kind,
        starts_at=cmd.starts_at,
        ends_at=cmd.ends_at,
        place=cmd.place,
        clients=asked(cmd.clients, await work.records.clients.find(cmd.clients)),
        workers=cmd.workers,
    )
    await work.records.meetings.add(meeting, work.now)
    work.publish(meeting.event(), time=work.now)
    return meeting


async def change_meeting(cmd: ChangeMeeting, work: Work) -> Meeting:
    """The meeting, set anew. Raises MeetingNotFound, MeetingIsOver, Invalid, or what If-Match asks for."""
    before = await work.records.meetings.get(cmd.meeting, lock=True)
    require_match(cmd.if_match, before.version, before)
    changes = dict(cmd.changes)
    if "clients" in changes:
        changes["clients"] = asked(changes["clients"], await work.records.clients.find(changes["clients"]))
    after = before.set_anew(changes)
    await work.records.meetings.set_anew(after, work.now)
    work.publish(after.event(), time=work.now)
    return after


async def hold_meeting(cmd: HoldMeeting, work: Work) -> Meeting:
    """The meeting, over. Raises MeetingNotFound, MeetingIsOver, Invalid, or what If-Match asks for."""
    before = await _locked(cmd.meeting, cmd.if_match, work)
    after, held = before.held(cmd.held_on, cmd.outcomes, work.today)
    await work.records.meetings.end(after, work.now)
    work.publish(held, time=start_of_day(cmd.held_on, PACIFIC), effective=cmd.held_on)
    return after


async def cancel_meeting(cmd: CancelMeeting, work: Work) -> Meeting:
    """The meeting, off. Raises MeetingNotFound, MeetingIsOver, Invalid, or what If-Match asks for."""
    before = await _locked(cmd.meeting, cmd.if_match, work)
    after, cancelled = before.cancelled(cmd.cancelled_on or work.today, work.today)
    await work.records.meetings.end(after, work.now)
    work.publish(cancelled, time=work.now, effective=cancelled.cancelled_on)
    return after


async def _locked(ref: str, if_match: str | None, work: Work) -> Meeting:
    meeting = await work.records.meetings.get(ref, lock=True)
    if if_match is not None:
        require_match(if_match, meeting.version, meeting)
    return meeting
