"""Bugs planted on purpose, each by replacing one function of the matcher, to show that the order property finds them.

None of this is how the matcher works. Each plant leaves the batch alone.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any
from unittest import mock

import sqlalchemy as sa

from services.matcher import decider, due, index, locks
from services.matcher.coordination.fact import Fact
from services.matcher.coordination.repository import CoordinationRepository
from services.matcher.decider import Decider
from services.matcher.due import Due
from services.matcher.identity import blocks, decision, register, resolution
from services.matcher.identity.cluster import evidence
from services.matcher.identity.register import Register
from services.matcher.identity.resolution import Resolution, Resolved, one_voice
from services.matcher.tables import DUE, PAIR
from shared import postgres
from shared.database import Connection
from shared.events import Event, calworks, cws
from tests.order.harness import Probed

Plant = Callable[[], AbstractContextManager[object]]


def only_the_changed_person_is_due() -> AbstractContextManager[object]:
    """Neighbours keep the decisions that they had."""
    return mock.patch.object(Resolution, "_neighbours", lambda *_: set())


def members_are_not_due() -> AbstractContextManager[object]:
    """A household's change decides nobody's pairs again."""

    async def nobody(*_: object) -> list[Due]:
        return []

    return mock.patch.object(Decider, "_members_again", nobody)


def old_neighbours_are_forgotten() -> AbstractContextManager[object]:
    """A `due` row does not carry what its person was."""

    def forgetful(*args: Any, **kwargs: Any) -> Due:
        return replace(Due(*args, **kwargs), was_keys=(), was_record=None)

    return mock.patch.object(index, "Due", forgetful)


def any_row_that_waits_is_enough() -> AbstractContextManager[object]:
    """A neighbour is not made due again where a row waits that decides none of its pairs."""
    others = [clause for clause in due._WAITING._where_criteria if "kind" not in str(clause)]
    return mock.patch.object(
        due, "_WAITING", sa.select(DUE.c.program, DUE.c.subject).where(*others).with_for_update()
    )


@contextmanager
def one_mark_for_all_registers() -> Iterator[None]:
    """An upsert moves the mark of the sealing too."""
    upserted, sealed = register.upserted, register.sealed

    def upsert(was: Register, sequence: int, record: bytes, **named: Any) -> Register:
        return was if sequence <= was.sealed_seq else upserted(was, sequence, record, **named)

    def seal(was: Register, sequence: int, *, is_sealed: bool) -> Register:
        return was if sequence <= was.record_seq else sealed(was, sequence, is_sealed=is_sealed)

    with mock.patch.object(register, "upserted", upsert), mock.patch.object(register, "sealed", seal):
        yield


def sealed_without_tombstone() -> AbstractContextManager[object]:
    """The sealing of a person not seen yet leaves nothing."""
    sealed = register.sealed

    def seal(was: Register, sequence: int, *, is_sealed: bool) -> Register:
        return sealed(was, sequence, is_sealed=is_sealed) if was.record_seq else was

    return mock.patch.object(register, "sealed", seal)


def upsert_without_sequence_guard() -> AbstractContextManager[object]:
    """The last to arrive wins."""
    upserted = register.upserted

    def upsert(was: Register, sequence: int, record: bytes, **named: Any) -> Register:
        return upserted(replace(was, record_seq=0), sequence, record, **named)

    return mock.patch.object(register, "upserted", upsert)


_LINKS: ContextVar[set[tuple[str, str]] | None] = ContextVar("links", default=None)


@contextmanager
def evidence_from_decisions() -> Iterator[None]:
    """A household counts those who are linked already, not those whose records are near."""
    write = Resolution._write

    async def knowing_links(self: Resolution, *args: Any) -> Any:
        linked = sa.select(PAIR.c.cws, PAIR.c.calworks).where(PAIR.c.decision == "linked")
        rows = await self.identity.connection.execute(linked)
        token = _LINKS.set({(row.cws, row.calworks) for row in rows})
        try:
            return await write(self, *args)
        finally:
            _LINKS.reset(token)

    def of_links(a: Any, b: Any, households: Any, raw: Any, lines: Any) -> int:
        links = _LINKS.get()
        if links is None:  # the batch
            return evidence(a, b, households, raw, lines)

        def near(x: Any, y: Any) -> float:
            return float(raw(x, y)) if x[0] == y[0] or (x[1], y[1]) in links else float("-inf")

        return evidence(a, b, households, near, lines)

    with (
        mock.patch.object(Resolution, "_write", knowing_links),
        mock.patch.object(decision, "evidence", of_links),
    ):
        yield


def due_is_deleted_by_subject() -> AbstractContextManager[object]:
    """All rows of whoever was decided go, also those that were not read."""

    async def settle(connection: Connection, rows: list[Due]) -> None:
        for row in rows:
            await connection.execute(
                DUE.delete().where(DUE.c.program == row.program, DUE.c.subject == row.subject)
            )

    return mock.patch.object(due, "settle", settle)


@contextmanager
def a_fact_makes_only_its_person_due() -> Iterator[None]:
    """A fact derives the households that its person is in, not those that are met across."""
    affected = decider.affected_households

    async def narrow(identity: Any, coordination: Any, rows: list[Due], changed: Any) -> set[str]:
        found = await affected(
            identity, coordination, [r for r in rows if r.kind not in ("derive", "group")], changed
        )
        persons = {row.subject for row in rows if row.kind == "derive"}
        spells = await coordination.memberships(persons=persons)
        return found | {s.household for s in spells if s.person in persons and s.program == "cws"}

    with mock.patch.object(decider, "affected_households", narrow):
        yield


@contextmanager
def a_caregiver_leads_to_no_child() -> Iterator[None]:
    """Who changes about a caregiver, or in the caregiver's unit, derives nothing for the household of the child."""
    placed = CoordinationRepository.placed

    async def of_children(self: CoordinationRepository, *, children: Any = (), caregivers: Any = ()) -> Any:
        return await placed(self, children=children)

    with mock.patch.object(CoordinationRepository, "placed", of_children):
        yield


def time_brings_nothing() -> AbstractContextManager[object]:
    """No row waits for the day on which a fact changes what should stand."""
    return mock.patch.object(index, "_instants", lambda *_: [])


def closings_before_their_opening_are_ignored() -> AbstractContextManager[object]:
    """What ends something is dropped while what it ends is not known."""
    save = CoordinationRepository.save_facts

    async def knowing(self: CoordinationRepository, facts: Sequence[Fact]) -> None:
        stored = await self.facts(refs={fact.ref for fact in facts})
        begun = {(type(fact.data), fact.ref) for fact in (*stored, *facts)}
        await save(
            self,
            [
                f
                for f in facts
                if (begins := BEGINNINGS.get(type(f.data))) is None or (begins, f.ref) in begun
            ],
        )

    return mock.patch.object(CoordinationRepository, "save_facts", knowing)


def survivors_are_not_decided() -> AbstractContextManager[object]:
    """Whom a merged record counts for keeps the decisions that it had."""
    resolve = Resolution.resolve

    async def of_themselves(self: Resolution, rows: Sequence[Due]) -> Resolved:
        return replace(await resolve(self, rows), survivors=set())

    return mock.patch.object(Resolution, "resolve", of_themselves)


def an_old_survivor_is_forgotten() -> AbstractContextManager[object]:
    """Whom a record counts for no more keeps the decisions that it had."""
    people = index._index_people

    async def of_their_events(identity: Any, events: Any) -> list[Due]:
        told_of = {event.envelope.data.key for event in events}
        return [row for row in await people(identity, events) if row.subject in told_of]

    return mock.patch.object(index, "_index_people", of_their_events)


def what_was_said_of_a_merged_record_is_lost() -> AbstractContextManager[object]:
    """A verdict counts for the record of which it was given, and not for whom that counts."""
    return mock.patch.object(resolution, "one_voice", lambda said, _: one_voice(said, lambda ref: ref))


def a_capped_block_makes_nobody_due() -> AbstractContextManager[object]:
    """Whoever was brought together before the block was capped, or would be since it was opened, is not decided."""
    write = blocks.write

    async def silently(*args: Any) -> list[Due]:
        await write(*args)
        return []

    return mock.patch.object(blocks, "write", silently)


BEGINNINGS: dict[type[Event], type[Event]] = {
    cws.ReferralClosed: cws.ReferralReceived,
    cws.CaseClosed: cws.CaseOpened,
    cws.ChildReturned: cws.ChildRemoved,
    calworks.ApplicationDecided: calworks.ApplicationReceived,
    calworks.ApplicationWithdrawn: calworks.ApplicationReceived,
    calworks.CaseDiscontinued: calworks.CaseApproved,
    calworks.NoncomplianceResolved: calworks.NoncomplianceStarted,
    calworks.SanctionCured: calworks.SanctionImposed,
    calworks.SanctionRescinded: calworks.SanctionImposed,
}

PLANTS: dict[str, tuple[Plant, tuple[int, int]]] = {
    "only the changed person due": (only_the_changed_person_is_due, (16, 53)),
    "members of a changed household not due": (members_are_not_due, (3, 6)),
    "any waiting row is enough": (any_row_that_waits_is_enough, (193, 579)),
    "one mark for all registers": (one_mark_for_all_registers, (122, 211)),
    "sealed without tombstone": (sealed_without_tombstone, (99, 182)),
    "upsert without sequence guard": (upsert_without_sequence_guard, (3, 4)),
    "evidence from decisions": (evidence_from_decisions, (19, 40)),
    "due deleted by person": (due_is_deleted_by_subject, (0, 1)),
    "a fact makes only its person due": (a_fact_makes_only_its_person_due, (4, 9)),
    "a caregiver leads to no child": (a_caregiver_leads_to_no_child, (58, 97)),
    "time brings nothing": (time_brings_nothing, (4, 12)),
    "closings before their opening ignored": (closings_before_their_opening_are_ignored, (19, 20)),
    "cap flag without due": (a_capped_block_makes_nobody_due, (6, 15)),
    "what was said of a merged record is lost": (what_was_said_of_a_merged_record_is_lost, (40, 73)),
}
"""Name -> plant, and the first two seeds that found it when it was last looked for (`search.py` does).

Those that random worlds rarely show are found by single cases: `test_single_cases.py`.
"""


# --- for the races -------------------------------------------------------------------------------------------------

_BEFORE_THE_LOCK: ContextVar[Connection | None] = ContextVar("before_the_lock", default=None)


def _resolving_what_was_seen_before() -> AbstractContextManager[object]:
    """Pairs are decided on what the view in `_BEFORE_THE_LOCK` sees, and written where they should be."""
    resolve = Resolution.resolve

    async def old_resolve(self: Resolution, rows: Any) -> Any:
        split: Any = _Split(_BEFORE_THE_LOCK.get(), self.identity.connection)
        self.identity = replace(self.identity, connection=split)
        self.coordination = replace(self.coordination, connection=split)
        return await resolve(self, rows)

    return mock.patch.object(Resolution, "resolve", old_resolve)


@contextmanager
def reading_before_the_lock() -> Iterator[None]:
    """A decide claims and reads what was visible before it took the lock, as under REPEATABLE READ."""
    transaction, claim = Probed.transaction, due.claim

    @asynccontextmanager
    async def late_lock(self: Probed, **county: Any) -> AsyncIterator[Connection]:
        async with self.reading() as old:
            await old.execute(sa.select(DUE.c.id).limit(1))  # what it sees is fixed here
            token = _BEFORE_THE_LOCK.set(old)
            try:
                async with transaction(self, **county) as connection:
                    yield connection
            finally:
                _BEFORE_THE_LOCK.reset(token)

    async def old_claim(connection: Connection, *args: Any) -> list[Due]:
        return await claim(_BEFORE_THE_LOCK.get() or connection, *args)

    with (
        mock.patch.object(Probed, "transaction", late_lock),
        mock.patch.object(due, "claim", old_claim),
        _resolving_what_was_seen_before(),
    ):
        yield


class _Split:
    """Reads from one connection, writes to another."""

    def __init__(self, old: Any, new: Any) -> None:
        self._old, self._new = old, new
        self.dialect = new.dialect

    async def execute(self, statement: Any, *args: Any) -> Any:
        chosen = self._old if isinstance(statement, sa.Select) else self._new
        return await chosen.execute(statement, *args)


# --- for PostgreSQL ------------------------------------------------------------------------------------------------


def no_household_is_locked() -> AbstractContextManager[object]:
    """Deciders derive the same household side by side."""

    async def nobody(*_: object) -> None:
        return

    return mock.patch.object(locks, "wait_for_households", nobody)


def only_subjects_are_locked() -> AbstractContextManager[object]:
    """Of a row about a household or a unit nobody's pairs are held."""
    touch = decider.whom_they_touch

    async def subjects(
        identity: Any, coordination: Any, rows: Sequence[Due], weigher: Any
    ) -> dict[int | None, set[str]]:
        found = await touch(identity, coordination, rows, weigher)
        return {row.id: found[row.id] if row.kind in decider.PERSONAL else {row.subject} for row in rows}

    return mock.patch.object(decider, "whom_they_touch", subjects)


def no_person_is_locked() -> AbstractContextManager[object]:
    """Deciders decide the same pair side by side."""

    async def all_of_them(_connection: Connection, _county: str, wanted: Any) -> set[Any]:
        return set(wanted)

    return mock.patch.object(locks, "try_persons", all_of_them)


@contextmanager
def reading_before_the_persons_are_locked() -> Iterator[None]:
    """A decide reads what was visible before it locked its persons."""
    ours, again = Decider._ours, Decider.round

    async def late_lock(self: Decider, *args: Any) -> list[Due]:
        old = await _VIEWS.get().enter_async_context(self.database.reading())
        await old.execute(sa.select(DUE.c.id).limit(1))  # what it sees is fixed here
        _BEFORE_THE_LOCK.set(old)
        return await ours(self, *args)

    async def with_views(self: Decider) -> int:
        async with AsyncExitStack() as stack:
            _VIEWS.set(stack)
            return await again(self)

    with (
        mock.patch.object(Decider, "_ours", late_lock),
        _resolving_what_was_seen_before(),
        mock.patch.object(Decider, "round", with_views),
    ):
        yield


_VIEWS: ContextVar[AsyncExitStack] = ContextVar("views")


def repeatable_read() -> AbstractContextManager[object]:
    """A transaction sees what was committed before its first statement, so before its locks."""

    return mock.patch.object(postgres, "_READ_COMMITTED", "BEGIN ISOLATION LEVEL REPEATABLE READ")
