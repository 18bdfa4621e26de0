"""Republish: what child welfare holds now, told again as new events, for a matcher that is new or was restored.

A record is locked while it is told, so that nothing older follows what a caller changes meanwhile. Of a sealed client
only the sealing is told, of a void one only that. Cases are told even of a sealed child, by reference alone: who works
with the rest of the family hangs on them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

import sqlalchemy as sa

from services.cws_api import tables as t
from services.cws_api.domain.assignment import PRIMARY
from services.cws_api.domain.referral import Participant
from services.cws_api.handlers.clients import publish_client
from services.cws_api.work import PROGRAM, Work
from shared.calendars import PACIFIC, start_of_day
from shared.crypto import CountyKeys
from shared.database import Database
from shared.events import Event
from shared.events.cws import (
    CaseClosed,
    CaseComponentChanged,
    ChildReturned,
    ClientMerged,
    ClientSealed,
    ClientVoided,
    ImportCompleted,
    ImportStarted,
    MeetingCancelled,
    MeetingHeld,
    ReferralClosed,
    RelativePlacementEnded,
)
from shared.records import Stamp, conditions, stamps, stamps_of
from shared.roster.store import Imports, begun

OPERATOR = "operator"  # who acts in what is told again

T = TypeVar("T")
Tell = Callable[[Work, Sequence[Stamp]], Awaitable[None]]


async def republish(
    kind: str, *, database: Database, keys: CountyKeys, county: str, after: str, limit: int
) -> tuple[int, str]:
    """Tell the next records of a kind, after a reference: how many there were, and the last one's reference."""
    table, tell = KINDS[kind]
    async with Work(database, keys, county, OPERATOR, asyncio.Event()) as work:
        found = await stamps(work.connection, county, table, after=after, limit=limit)
        if found:
            await tell(work, found)
    return len(found), found[-1].ref if found else after


async def _imports(work: Work, found: Sequence[Stamp]) -> None:
    kept = Imports(work.connection, t.IMPORTS, work.county, work.keys, PROGRAM)
    for stamp in found:
        one = await kept.get(stamp.ref)
        _tell(work, ImportStarted(import_ref=one.ref, initial=one.initial), stamp.created_at)
        if one.state == "done":
            _tell(work, ImportCompleted(import_ref=one.ref, initial=one.initial), stamp.changed_at)


async def _clients(work: Work, found: Sequence[Stamp]) -> None:
    """Who the clients are and what became of their records; then what happened to them, in its order."""
    refs = [stamp.ref for stamp in found]
    became = await conditions(work.connection, work.county, t.CLIENT, refs)
    theirs = {
        table: await stamps_of(work.connection, work.county, table, "child", refs) for table in OF_A_CHILD
    }
    for stamp in found:
        condition = became[stamp.ref]
        if condition.is_sealed:
            _tell(work, ClientSealed(client=stamp.ref), stamp.changed_at)
            continue
        if condition.is_void:
            _tell(work, ClientVoided(client=stamp.ref), stamp.changed_at)
            continue
        client = await work.records.clients.get(stamp.ref)
        publish_client(client, work, await work.records.clients.places(stamp.ref))
        if condition.merged_into is not None:
            merged = ClientMerged(client=stamp.ref, survivor=condition.merged_into)
            _tell(work, merged, stamp.changed_at)
        for table, tell in OF_A_CHILD.items():
            await tell(work, theirs[table].get(stamp.ref, ()))


async def _removals(work: Work, found: Sequence[Stamp]) -> None:
    for stamp in found:
        removal = await work.records.removals.get(stamp.ref)
        _tell(work, removal.event(), stamp.created_at, on=removal.removed_on)
        if removal.returned_on is not None:
            home = ChildReturned(child=removal.child, removal=removal.ref, returned_on=removal.returned_on)
            _tell(work, home, stamp.changed_at, on=removal.returned_on)


async def _placements(work: Work, found: Sequence[Stamp]) -> None:
    """How far a placement with a relative came, and its end."""
    for stamp in found:
        placement = await work.records.placements.get(stamp.ref)
        _tell(work, placement.event(), stamp.created_at, on=placement.started_on or placement.planned_on)
        if placement.ended_on is not None:
            ended = RelativePlacementEnded(
                child=placement.child, placement=placement.ref, ended_on=placement.ended_on
            )
            _tell(work, ended, stamp.changed_at, on=placement.ended_on)


async def _households(work: Work, found: Sequence[Stamp]) -> None:
    for stamp in found:
        household = await work.records.households.get(stamp.ref)
        shown = await _shown(work, household.members, lambda one: one.person)
        _tell(work, replace(household, members=shown).event(), stamp.changed_at)


async def _referrals(work: Work, found: Sequence[Stamp]) -> None:
    assigned = await stamps_of(
        work.connection, work.county, t.ASSIGNMENT, "on", [stamp.ref for stamp in found]
    )
    for stamp in found:
        referral = await work.records.referrals.get(stamp.ref)
        referral = replace(referral, participants=await _shown(work, referral.participants, _client))
        event = referral.event(await _first_worker(work, assigned.get(stamp.ref, ())))
        _tell(work, event, stamp.created_at, time=referral.received_at)
        if referral.outcome is not None and referral.closed_on is not None:
            closed = ReferralClosed(
                referral=referral.ref, outcome=referral.outcome, closed_on=referral.closed_on
            )
            _tell(work, closed, stamp.changed_at, on=referral.closed_on)


async def _cases(work: Work, found: Sequence[Stamp]) -> None:
    """How a case stands now, and its hearings; one that was moved says since when it is in its component."""
    hearings = await stamps_of(
        work.connection, work.county, t.HEARING, "case", [stamp.ref for stamp in found]
    )
    for stamp in found:
        case = await work.records.cases.get(stamp.ref)
        case = replace(case, participants=await _shown(work, case.participants, _client))
        _tell(work, case.event(), stamp.created_at, on=case.opened_on)
        if case.reason_class is not None and case.closed_on is not None:
            closed = CaseClosed(case=case.ref, reason_class=case.reason_class, closed_on=case.closed_on)
            _tell(work, closed, stamp.changed_at, on=case.closed_on)
        elif case.moved_on is not None:
            since = CaseComponentChanged(
                case=case.ref,
                from_component=case.component,
                to_component=case.component,
                court=case.court,
                changed_on=case.moved_on,
            )
            _tell(work, since, stamp.changed_at, on=case.moved_on)
        for one in hearings.get(stamp.ref, ()):
            _tell(work, (await work.records.hearings.get(one.ref)).event(), one.changed_at)


async def _assignments(work: Work, found: Sequence[Stamp]) -> None:
    for stamp in found:
        assignment = await work.records.assignments.get(stamp.ref)
        _tell(work, assignment.event(), stamp.changed_at)


async def _meetings(work: Work, found: Sequence[Stamp]) -> None:
    for stamp in found:
        meeting = await work.records.meetings.get(stamp.ref)
        meeting = replace(meeting, clients=await _shown(work, meeting.clients, str))
        _tell(work, meeting.event(), stamp.created_at)
        if meeting.held_on is not None:
            held = MeetingHeld(meeting=meeting.ref, held_on=meeting.held_on, outcomes=meeting.outcomes)
            _tell(work, held, stamp.changed_at, on=meeting.held_on)
        if meeting.cancelled_on is not None:
            off = MeetingCancelled(meeting=meeting.ref, cancelled_on=meeting.cancelled_on)
            _tell(work, off, stamp.changed_at, on=meeting.cancelled_on)


OF_A_CHILD: dict[sa.Table, Tell] = {
    t.REMOVAL: _removals,
    t.RELATIVE_PLACEMENT: _placements,
}
KINDS: dict[str, tuple[sa.FromClause, Tell]] = {
    "imports": (begun(t.IMPORTS.imports), _imports),  # first: what they tell of is no news
    "clients": (t.CLIENT, _clients),
    "households": (t.HOUSEHOLD, _households),
    "referrals": (t.REFERRAL, _referrals),
    "cases": (t.CASE, _cases),
    "assignments": (t.ASSIGNMENT, _assignments),
    "meetings": (t.MEETING, _meetings),
}


def _tell(
    work: Work, event: Event, recorded: datetime, *, on: date | None = None, time: datetime | None = None
) -> None:
    """Publish an event as of when it was first recorded; `on` is the day from which it holds."""
    happened = time or (recorded if on is None else start_of_day(on, PACIFIC))
    work.outbox.add(work.county, event, time=happened, effective=on, recorded=recorded)


def _client(participant: Participant) -> str:
    return participant.client


async def _shown(work: Work, those: Iterable[T], ref: Callable[[T], str]) -> tuple[T, ...]:
    """Those of them of whom something may be told."""
    those = tuple(those)
    became = await conditions(work.connection, work.county, t.CLIENT, [ref(one) for one in those])
    return tuple(one for one in those if ref(one) in became and became[ref(one)].is_shown)


async def _first_worker(work: Work, assigned: Iterable[Stamp]) -> str:
    """Who took a referral in: the first to whom it was assigned."""
    for stamp in assigned:
        assignment = await work.records.assignments.get(stamp.ref)
        if assignment.kind == PRIMARY:
            return assignment.worker.ref
    raise LookupError("a referral begins with an assignment")
