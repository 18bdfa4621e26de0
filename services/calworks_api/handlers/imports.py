"""Rows of a roster, applied: each as the intake, case or change that a worker would have entered.

A row says nothing of what an intake or a case needs beside people, so what is told of those is the least that can be.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import cast, get_args

from services.calworks_api.domain.assignment import ELIGIBILITY
from services.calworks_api.domain.intake import Admitted, Entry, NewPerson
from services.calworks_api.domain.person import SEALED, Person, PersonNotFound
from services.calworks_api.domain.unit import ADULTS, Member, Role, Unit
from services.calworks_api.handlers.applications import (
    DecideApplication,
    NamedUnit,
    decide_application,
    received,
    take_in,
)
from services.calworks_api.handlers.cases import (
    AddMember,
    ApproveCase,
    DiscontinueCase,
    add_member,
    approve_case,
    discontinue_case,
)
from services.calworks_api.handlers.persons import (
    ChangeWtwStatus,
    change_wtw_status,
    publish_person,
    seal_person,
)
from services.calworks_api.tables import OUTBOX
from services.calworks_api.work import Work
from shared.database import Connection
from shared.events.calworks import (
    SOURCE,
    DenialReason,
    DiscontinuanceReason,
    ImportCompleted,
    ImportStarted,
    PersonSealed,
    WtwStatus,
)
from shared.events.parts import Worker
from shared.ids import mint
from shared.outbox import Outbox
from shared.roster import applying
from shared.roster.changes import said
from shared.roster.checking import Row, Words
from shared.roster.tables import Import

HOUSEHOLD, CASE = "household_id", "case_id"
OPEN, CLOSED = "open", "closed"
WORDS = Words(
    roles=frozenset(get_args(Role)),
    statuses={OPEN: None, CLOSED: None, **{status: frozenset(ADULTS) for status in get_args(WtwStatus)}},
    units=(CASE, HOUSEHOLD),
)

_ROLE: Role = "excluded"  # of whom a row tells no role
_DENIAL: DenialReason = "other"
_END: DiscontinuanceReason = "other"


async def tell_started(new: Import, connection: Connection, now: datetime) -> None:
    """Publish that an import begins, with the transaction that has received it."""
    outbox = Outbox(OUTBOX, SOURCE, actor=new.worker)
    outbox.add(new.county, ImportStarted(import_ref=new.ref, initial=new.initial), time=now)
    await outbox.write(connection, now)


def tell_completed(done: Import, work: Work) -> None:
    """Publish that an import is applied to its end."""
    work.publish(ImportCompleted(import_ref=done.ref, initial=done.initial), time=work.now)


async def apply_rows(units: Sequence[applying.Unit], worker: str, work: Work) -> None:
    """Apply the rows of some units; `worker` is whose work it is where a row names nobody.

    Raises what an intake, a case and a change raise.
    """
    known = await work.records.imports.known([row.record_id for unit in units for row in unit])
    for unit in units:
        entries: list[tuple[Row, Entry]] = []
        for row in unit:
            entry = await _entry(row, known.get(row.record_id), work)
            if entry is not None and (entry.ref is None or entry.ref not in {e.ref for _, e in entries}):
                entries.append((row, entry))
        if entries:
            await _apply(entries, worker, work)


async def _apply(entries: Sequence[tuple[Row, Entry]], worker: str, work: Work) -> None:
    named = entries[0][0].named
    record_id = named.get(CASE) or named.get(HOUSEHOLD)
    unit = await work.records.units.find(record_id=record_id) or await _lived_in(entries, record_id, work)
    active = None
    if unit is not None:
        active = next(
            (r for r, s in (await work.records.imports.cases(unit.ref)).items() if s == "active"), None
        )
    if unit is not None and active is not None:
        await _join(active, unit, entries, work)
        if _is_over(entries):
            await discontinue_case(DiscontinueCase(active, _END, work.today), work)
    else:
        of = NamedUnit(ref=unit.ref) if unit is not None else NamedUnit(record_id=record_id)
        admitted, unit = await take_in(of, tuple(entry for _, entry in entries), work)
        begin = _approve if CASE in named else _receive
        await begin(unit, admitted, entries, _worker(entries, worker), work)
    await _change_statuses(entries, work)


async def _entry(row: Row, ref: str | None, work: Work) -> Entry | None:
    """The entry of an intake that the row stands for; None for a sealed record, which is not told of any more."""
    seals = row.sensitivity == SEALED
    if ref is None:
        if seals:
            await _add_sealed(row, work)
            return None
        new = NewPerson(row.details, "S" if row.sensitivity == "S" else "N", bool(row.address_protected))
        return Entry(row.role or _ROLE, None, row.record_id, new)
    try:
        person = await work.records.persons.get(ref)
        if person.merged_into is not None:
            person = await work.records.persons.get(person.merged_into)
        elif not seals:
            await _change(person, row, work)
    except PersonNotFound:
        return None
    if seals:
        await seal_person(person.ref, work)
        return None
    return Entry(row.role or await _present_role(person, work), person.ref)


async def _add_sealed(row: Row, work: Work) -> None:
    person = Person(mint("ps"), row.record_id, row.details, SEALED, bool(row.address_protected))
    await work.records.persons.add([person], work.now)
    work.publish(PersonSealed(person_ref=person.ref), time=work.now)


async def _change(person: Person, row: Row, work: Work) -> None:
    """Store and publish what the row says that is not known of the person."""
    known = (person.details, person.sensitivity, person.address_protected)
    if said(row, *known[:2], protected=known[2]) == known:
        return
    before = await work.records.persons.get(person.ref, lock=True)
    details, sensitivity, protected = said(
        row, before.details, before.sensitivity, protected=before.address_protected
    )
    after = before.changed(details, sensitivity=sensitivity, address_protected=protected)
    await work.records.persons.change(after, work.now)
    units, roles = await work.records.persons.places(after.ref)
    publish_person(after, work, units=units, roles=roles)


async def _present_role(person: Person, work: Work) -> str:
    roles = (await work.records.persons.places(person.ref))[1]
    return roles[0] if roles else _ROLE


async def _lived_in(entries: Sequence[tuple[Row, Entry]], record_id: str | None, work: Work) -> Unit | None:
    """The unit of somebody known, where the rows name none."""
    if record_id is not None:
        return None
    for _, entry in entries:
        units = () if entry.ref is None else (await work.records.persons.places(entry.ref))[0]
        if units:
            return await work.records.units.find(ref=units[0])
    return None


async def _join(case: str, unit: Unit, entries: Sequence[tuple[Row, Entry]], work: Work) -> None:
    """Who is new in an active case joins it this month; roles in it stay as they are."""
    present = {member.person for member in unit.members}
    for _, entry in entries:
        if entry.ref is None or entry.ref not in present:
            await add_member(AddMember(case, entry, work.today.replace(day=1)), work)


async def _approve(
    unit: Unit,
    admitted: Sequence[Admitted],
    entries: Sequence[tuple[Row, Entry]],
    worker: Worker,
    work: Work,
) -> None:
    """A case of the unit; discontinued if all rows are, and then only if there was none."""
    is_over = _is_over(entries)
    if is_over and await work.records.imports.cases(unit.ref):
        return
    case = await approve_case(
        ApproveCase(
            application=None,
            au=unit.ref,
            case_number=None,
            aid_start=work.today,
            members=tuple(Member(one.person, one.entry.role, one.record_id) for one in admitted),
            workers=((ELIGIBILITY, worker),),
            caller=worker,
        ),
        work,
    )
    if is_over:
        await discontinue_case(DiscontinueCase(case.ref, _END, work.today), work)


async def _receive(
    unit: Unit,
    admitted: Sequence[Admitted],
    entries: Sequence[tuple[Row, Entry]],
    worker: Worker,
    work: Work,
) -> None:
    """An application of the unit, unless one is pending; decided if all rows are closed."""
    is_over = _is_over(entries)
    applications = await work.records.imports.applications(unit.ref)
    pending = [ref for ref, status in applications.items() if status == "pending"]
    if not pending and not (is_over and applications):
        pending = [(await received(work.now, (), unit.ref, admitted, worker, work)).ref]
    if is_over:
        for ref in pending:
            await decide_application(DecideApplication(ref, "denied", _DENIAL, work.today), work)


async def _change_statuses(entries: Sequence[tuple[Row, Entry]], work: Work) -> None:
    """The welfare-to-work statuses of adults, from today on."""
    wanted = {row.record_id: row.status for row, _ in entries if row.status not in (OPEN, CLOSED)}
    if not wanted:
        return
    for record_id, ref in (await work.records.imports.known(list(wanted))).items():
        person = await work.records.persons.get(ref)
        status = cast("WtwStatus", wanted[record_id])
        if person.merged_into is None and person.wtw_status != status:
            await change_wtw_status(ChangeWtwStatus(person.ref, status, work.today), work)


def _is_over(entries: Sequence[tuple[Row, Entry]]) -> bool:
    return all(row.status == CLOSED for row, _ in entries)


def _worker(entries: Sequence[tuple[Row, Entry]], caller: str) -> Worker:
    """The first worker that a row names, else the one who imports."""
    return Worker(ref=next((row.worker for row, _ in entries if row.worker), caller))
