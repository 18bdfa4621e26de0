"""Republish: what CalWORKs holds now, told again as new events, for a matcher that is new or was restored.

A record is locked while it is told, so that nothing older follows what a caller changes meanwhile. Of a sealed person
only the sealing is told, of a void one only that.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

import sqlalchemy as sa

from services.calworks_api import tables as t
from services.calworks_api.domain.assignment import ELIGIBILITY
from services.calworks_api.domain.unit import Member
from services.calworks_api.handlers.persons import publish_person
from services.calworks_api.work import PROGRAM, Work
from shared.calendars import PACIFIC, start_of_day
from shared.crypto import CountyKeys
from shared.database import Database
from shared.events import Event
from shared.events.calworks import ImportCompleted, ImportStarted, PersonMerged, PersonSealed, PersonVoided
from shared.records import Stamp, conditions, stamps, stamps_of
from shared.roster.store import Imports, begun

OPERATOR = "operator"  # who acts in what is told again

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


async def _persons(work: Work, found: Sequence[Stamp]) -> None:
    """Who the persons are and what became of their records; then what happened to them, in its order."""
    refs = [stamp.ref for stamp in found]
    became = await conditions(work.connection, work.county, t.PERSON, refs)
    theirs = {
        table: await stamps_of(work.connection, work.county, table, "person", refs) for table in OF_A_PERSON
    }
    for stamp in found:
        condition = became[stamp.ref]
        if condition.is_sealed:
            _tell(work, PersonSealed(person_ref=stamp.ref), stamp.changed_at)
            continue
        if condition.is_void:
            _tell(work, PersonVoided(person_ref=stamp.ref), stamp.changed_at)
            continue
        person = await work.records.persons.get(stamp.ref)
        units, roles = await work.records.persons.places(stamp.ref)
        publish_person(person, work, units=units, roles=roles)
        if condition.merged_into is not None:
            merged = PersonMerged(person_ref=stamp.ref, survivor=condition.merged_into)
            _tell(work, merged, stamp.changed_at)
        if person.wtw_since is not None:
            status = person.status_event(replace(person, wtw_status=None))
            _tell(work, status, stamp.changed_at, on=person.wtw_since)
        for table, tell in OF_A_PERSON.items():
            await tell(work, theirs[table].get(stamp.ref, ()))


async def _notices(work: Work, found: Sequence[Stamp]) -> None:
    for stamp in found:
        notice = await work.records.noncompliances.get(stamp.ref)
        _tell(work, notice.event(), stamp.created_at, on=notice.notice_date)
        for decided in notice.good_causes:
            _tell(work, decided.event(notice.person), stamp.changed_at, on=decided.from_date)
        if notice.resolved_on is not None:
            _tell(work, notice.end(), stamp.changed_at, on=notice.resolved_on)


async def _sanctions(work: Work, found: Sequence[Stamp]) -> None:
    for stamp in found:
        sanction = await work.records.sanctions.get(stamp.ref)
        _tell(work, sanction.event(), stamp.created_at, on=sanction.effective_month)
        if sanction.ended_on is not None:
            _tell(work, sanction.end(), stamp.changed_at, on=sanction.ended_on)


async def _exemptions(work: Work, found: Sequence[Stamp]) -> None:
    for stamp in found:
        exemption = await work.records.exemptions.get(stamp.ref)
        _tell(work, exemption.event(), stamp.created_at, on=exemption.from_date)
        if exemption.ended_on is not None:
            _tell(work, exemption.end(), stamp.changed_at, on=exemption.ended_on)


async def _plans(work: Work, found: Sequence[Stamp]) -> None:
    for stamp in found:
        plan = await work.records.wtw_plans.get(stamp.ref)
        _tell(work, plan.event(), stamp.created_at, on=plan.signed_on)
        if plan.amended_on is not None:
            _tell(work, plan.amendment(), stamp.changed_at, on=plan.amended_on)


async def _clock(work: Work, found: Sequence[Stamp]) -> None:
    last = None
    for stamp in found:
        milestone = await work.records.clock_milestones.get(stamp.ref)
        for event in milestone.events(last):
            _tell(work, event, stamp.created_at, on=milestone.month, time=stamp.created_at)
        last = milestone


async def _applications(work: Work, found: Sequence[Stamp]) -> None:
    assigned = await stamps_of(
        work.connection, work.county, t.ASSIGNMENT, "on", [stamp.ref for stamp in found]
    )
    for stamp in found:
        application = await work.records.applications.get(stamp.ref)
        application = replace(application, persons=await _shown(work, application.persons))
        event = application.event(await _first_worker(work, assigned.get(stamp.ref, ())))
        _tell(work, event, stamp.created_at, time=application.received_at)
        if application.ended_on is not None:
            _tell(work, application.end(), stamp.changed_at, on=application.ended_on)


async def _cases(work: Work, found: Sequence[Stamp]) -> None:
    """How a case stands now, with those who are its members now."""
    for stamp in found:
        case = await work.records.cases.get(stamp.ref)
        case = replace(case, members=await _shown(work, case.members))
        _tell(work, case.event(), stamp.created_at)
        if case.reason_class is not None and case.aid_end is not None:
            _tell(work, case.discontinuance(case.reason_class, case.aid_end), stamp.changed_at)


async def _assignments(work: Work, found: Sequence[Stamp]) -> None:
    for stamp in found:
        assignment = await work.records.assignments.get(stamp.ref)
        _tell(work, assignment.event(), stamp.changed_at)


OF_A_PERSON: dict[sa.Table, Tell] = {
    t.NONCOMPLIANCE: _notices,
    t.SANCTION: _sanctions,
    t.EXEMPTION: _exemptions,
    t.WTW_PLAN: _plans,
    t.CLOCK_MILESTONE: _clock,
}
KINDS: dict[str, tuple[sa.FromClause, Tell]] = {
    "imports": (begun(t.IMPORTS.imports), _imports),  # first: what they tell of is no news
    "persons": (t.PERSON, _persons),
    "applications": (t.APPLICATION, _applications),
    "cases": (t.CASE, _cases),
    "assignments": (t.ASSIGNMENT, _assignments),
}


def _tell(
    work: Work, event: Event, recorded: datetime, *, on: date | None = None, time: datetime | None = None
) -> None:
    """Publish an event as of when it was first recorded; `on` is the day from which it holds."""
    happened = time or (recorded if on is None else start_of_day(on, PACIFIC))
    work.outbox.add(work.county, event, time=happened, effective=on, recorded=recorded)


async def _shown(work: Work, those: Iterable[Member]) -> tuple[Member, ...]:
    """Those of them of whom something may be told."""
    those = tuple(those)
    became = await conditions(work.connection, work.county, t.PERSON, [one.person for one in those])
    return tuple(one for one in those if one.person in became and became[one.person].is_shown)


async def _first_worker(work: Work, assigned: Iterable[Stamp]) -> str:
    """Who took an application in: the first eligibility worker to whom it was assigned."""
    for stamp in assigned:
        assignment = await work.records.assignments.get(stamp.ref)
        if assignment.kind == ELIGIBILITY:
            return assignment.worker.ref
    raise LookupError("an application begins with an assignment")
