"""Commands about who works on what."""

from dataclasses import dataclass
from datetime import datetime

from services.cws_api.domain.assignment import PRIMARY, Assignment, Kind, OnKind
from services.cws_api.domain.intake import NOT_KNOWN
from services.cws_api.work import Work
from shared.errors import FieldError, Invalid
from shared.events.parts import Worker
from shared.ids import mint


@dataclass(frozen=True, slots=True)
class Assign:
    """Assign a worker to a referral or case, from a time on (None: now)."""

    on: str
    kind: Kind
    worker: Worker
    from_at: datetime | None


async def assign(cmd: Assign, work: Work) -> Assignment:
    """The assignment; a new primary one ends the one before it. Raises Invalid if `on` is not known."""
    on_kind = await _lock(cmd.on, work)
    assignment = Assignment(
        ref=mint("as"),
        on=cmd.on,
        on_kind=on_kind,
        kind=cmd.kind,
        worker=cmd.worker,
        from_at=cmd.from_at or work.now,
    )
    if assignment.replaces:
        for before in await work.records.assignments.standing(cmd.on, cmd.kind):
            over = before.ended(assignment.from_at)
            await work.records.assignments.end(over, work.now)
            work.publish(over.event(), time=work.now)
    await _add(assignment, work)
    return assignment


async def first_assignment(on: str, on_kind: OnKind, worker: Worker, work: Work) -> Assignment:
    """The primary assignment that a new referral or case begins with."""
    assignment = Assignment(
        ref=mint("as"), on=on, on_kind=on_kind, kind=PRIMARY, worker=worker, from_at=work.now
    )
    await _add(assignment, work)
    return assignment


async def _add(assignment: Assignment, work: Work) -> None:
    await work.records.assignments.add(assignment, work.now)
    work.publish(assignment.event(), time=work.now)


async def _lock(on: str, work: Work) -> OnKind:
    """Which kind of record it is, locked and a version further on: who works on it changes."""
    if await work.records.referrals.touch(on, work.now):
        return "referral"
    if await work.records.cases.touch(on, work.now):
        return "case"
    raise Invalid(FieldError("/on", NOT_KNOWN))
