"""Rows of a roster, applied: each as the intake, case or change that a worker would have entered.

A row says nothing of what an intake or a case needs beside people, so what is told of those is the least that can be:
a referral without urgency, a case in ER, from which every other component can be reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from services.cws_api.domain.client import SEALED, Client, ClientNotFound
from services.cws_api.domain.intake import Admitted, Entry, NewPerson
from services.cws_api.domain.record_id import stored
from services.cws_api.domain.referral import CHILD, Outcome, Participant, Response, Role
from services.cws_api.handlers.cases import CloseCase, OpenCase, close_case, open_case
from services.cws_api.handlers.clients import publish_client, seal_client
from services.cws_api.handlers.referrals import (
    CloseReferral,
    NamedHousehold,
    close_referral,
    received,
    take_in,
)
from services.cws_api.tables import OUTBOX
from services.cws_api.work import Work
from shared.database import Connection
from shared.events.cws import (
    SOURCE,
    ClientSealed,
    ClosureReason,
    Component,
    ImportCompleted,
    ImportStarted,
)
from shared.events.parts import Worker
from shared.ids import mint
from shared.outbox import Outbox
from shared.roster.applying import Unit
from shared.roster.changes import said
from shared.roster.checking import Row, Words
from shared.roster.tables import Import

HOUSEHOLD, CASE = "household_id", "case_id"
CLOSED = "closed"
WORDS = Words(
    roles=frozenset(get_args(Role)),
    statuses={"open": None, CLOSED: None},
    units=(HOUSEHOLD, CASE),
    record_id=stored,
)

_ROLE: Role = "other"  # of whom a row tells no role
_RESPONSE: Response = "10_day"
_OUTCOME: Outcome = "no_service"
_COMPONENT: Component = "ER"
_REASON: ClosureReason = "not_stated"


@dataclass(frozen=True, slots=True)
class Placed:
    """A row and the client that it is about."""

    row: Row
    client: Admitted


async def tell_started(new: Import, connection: Connection, now: datetime) -> None:
    """Publish that an import begins, with the transaction that has received it."""
    outbox = Outbox(OUTBOX, SOURCE, actor=new.worker)
    outbox.add(new.county, ImportStarted(import_ref=new.ref, initial=new.initial), time=now)
    await outbox.write(connection, now)


def tell_completed(done: Import, work: Work) -> None:
    """Publish that an import is applied to its end."""
    work.publish(ImportCompleted(import_ref=done.ref, initial=done.initial), time=work.now)


async def apply_rows(units: Sequence[Unit], worker: str, work: Work) -> None:
    """Apply the rows of some households; `worker` is whose work it is where a row names nobody.

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
    named = await _household(entries, work)
    admitted, household = await take_in(named, tuple(entry for _, entry in entries), work)
    placed = [Placed(row, one) for (row, _), one in zip(entries, admitted, strict=True)]
    if not any(CASE in one.row.named for one in placed):
        await _refer(placed, household.ref, worker, work)
    for one in placed:
        if CASE in one.row.named and one.client.entry.role == CHILD:
            await _open(one, placed, household.ref, worker, work)


async def _entry(row: Row, ref: str | None, work: Work) -> Entry | None:
    """The entry of an intake that the row stands for; None for a sealed record, which is not told of any more."""
    seals = row.sensitivity == SEALED
    if ref is None:
        new = NewPerson(row.details, "S" if row.sensitivity == "S" else "N", bool(row.address_protected))
        if seals:
            await _add_sealed(row, work)
            return None
        return Entry(row.role or _ROLE, None, row.record_id, new)
    try:
        client = await work.records.clients.get(ref)
        if client.merged_into is not None:
            client = await work.records.clients.get(client.merged_into)
        elif not seals:
            await _change(client, row, work)
    except ClientNotFound:
        return None
    if seals:
        await seal_client(client.ref, work)
        return None
    return Entry(row.role or await _present_role(client, work), client.ref)


async def _add_sealed(row: Row, work: Work) -> None:
    client = Client(mint("cl"), row.record_id, row.details, SEALED, bool(row.address_protected))
    await work.records.clients.add([client], work.now)
    work.publish(ClientSealed(client=client.ref), time=work.now)


async def _change(client: Client, row: Row, work: Work) -> None:
    """Store and publish what the row says that is not known of the client."""
    known = (client.details, client.sensitivity, client.address_protected)
    if said(row, *known[:2], protected=known[2]) == known:
        return
    before = await work.records.clients.to_change(client.ref)
    details, sensitivity, protected = said(
        row, before.details, before.sensitivity, protected=before.address_protected
    )
    after = before.changed(details, sensitivity=sensitivity, address_protected=protected)
    await work.records.clients.change(after, work.now)
    publish_client(after, work, await work.records.clients.places(after.ref))


async def _present_role(client: Client, work: Work) -> str:
    roles = (await work.records.clients.places(client.ref)).roles
    return roles[0] if roles else _ROLE


async def _household(entries: Sequence[tuple[Row, Entry]], work: Work) -> NamedHousehold:
    """The household that the rows name; else the one where somebody of them lives, or a new one."""
    record_id = entries[0][0].named.get(HOUSEHOLD)
    if record_id is not None:
        return NamedHousehold(record_id=record_id)
    for _, entry in entries:
        if entry.ref is not None:
            lives_in = (await work.records.clients.places(entry.ref)).households
            if lives_in:
                return NamedHousehold(ref=lives_in[0])
    return NamedHousehold()


async def _refer(placed: Sequence[Placed], household: str, worker: str, work: Work) -> None:
    """A referral of the household, unless it has an open one; closed if all rows are."""
    is_over = all(one.row.status == CLOSED for one in placed)
    referrals = await work.records.imports.referrals(household)
    standing = [ref for ref, status in referrals.items() if status != CLOSED]
    if not standing and not (is_over and referrals):
        admitted = tuple(one.client for one in placed)
        referral = await received(work.now, _RESPONSE, household, admitted, _worker(placed, worker), work)
        standing = [referral.ref]
    if is_over:
        for ref in standing:
            await close_referral(CloseReferral(ref, _OUTCOME, work.today), work)


async def _open(child: Placed, placed: Sequence[Placed], household: str, worker: str, work: Work) -> None:
    """A case of the child, unless it has an open one; closed if its row is."""
    is_over = child.row.status == CLOSED
    cases = await work.records.imports.cases(child.client.client)
    standing = [ref for ref, status in cases.items() if status != CLOSED]
    if not standing and not (is_over and cases):
        taking_part = [
            one
            for one in placed
            if one is child
            or one.row.named.get(CASE) == child.row.named[CASE]
            or (CASE not in one.row.named and one.client.entry.role != CHILD)
        ]
        case = await open_case(
            OpenCase(
                child=child.client.client,
                referral=None,
                household=household,
                component=_COMPONENT,
                court=False,
                opened_on=work.today,
                projected_end=None,
                participants=tuple(
                    Participant(one.client.client, one.client.entry.role) for one in taking_part
                ),
                worker=_worker([child], worker),
            ),
            work,
        )
        standing = [case.ref]
    if is_over:
        for ref in standing:
            await close_case(CloseCase(ref, _REASON, work.today), work)


def _worker(placed: Sequence[Placed], caller: str) -> Worker:
    """The first worker that a row names, else the one who imports."""
    return Worker(ref=next((one.row.worker for one in placed if one.row.worker), caller))
