"""Matchers without a bus: events in, rest, and what stands. A real database, real sealing, a clock that tests own.

An `Arena` is some matchers (each its own connections and decider) on one database, SQLite or PostgreSQL, wiped between
worlds. A probe, set for one task, is asked before each of the task's database operations and before its commit: it may
pause it or end it.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from services.matcher import due as dues
from services.matcher import reader
from services.matcher.coordination.fact import CALWORKS, CWS
from services.matcher.decider import BATCH, Decider
from services.matcher.delivery.live import Live
from services.matcher.disclosure.policy import county_policy
from services.matcher.identity.model import load_model
from services.matcher.index import index, prepare
from services.matcher.sweeper import Sweeper
from services.matcher.tables import ALERT, ENTRY, METADATA, MUTUAL_CASE, PAIR, TASK
from services.matcher.work import Work
from shared.bus import CALWORKS_TOPIC, CWS_TOPIC, Message, Record
from shared.clock import FrozenClock
from shared.crypto import CountyKeys, KeyFile
from shared.database import Connection, Database, insert_into
from shared.events import Envelope, Event, calworks, cws
from shared.events.person import PersonDetails
from shared.events.sealing import seal_person
from shared.ids import mint

COUNTY = "43"
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
KEYS: dict[str, CountyKeys] = KeyFile(counties={COUNTY: KeyFile.county()}).keys()
MODEL = load_model("2026_01_hand")  # by whose weights the seeds of the planted bugs were found
POLICY = county_policy(COUNTY, date(2026, 11, 20))
UNCAPPED = 200  # people who may share a blocking key: more than any world has
UPSERTS = (cws.ClientUpserted, calworks.PersonUpserted)

Standing = dict[str, Any]
Probe = Callable[[str], Awaitable[None]]

PROBE: ContextVar[Probe | None] = ContextVar("probe", default=None)
"""Asked by the task in whose context it is set, before each operation: BEGIN, statement or COMMIT."""


@dataclass(frozen=True)
class Told:
    """An event as its program told it: for an upsert with what its sealed field holds."""

    envelope: Envelope
    details: PersonDetails | None = None

    @property
    def program(self) -> str:
        return program_of(self.envelope)

    @property
    def key(self) -> str:
        return self.envelope.data.key

    def record(self) -> Record:
        """The event at its place in the log (the place itself matters to nobody here)."""
        envelope = self.envelope
        headers = tuple((name, value.encode()) for name, value in envelope.headers().items())
        message = Message(self.key.encode(), envelope.data.model_dump_json().encode(), headers)
        return Record(CWS_TOPIC if self.program == CWS else CALWORKS_TOPIC, 0, envelope.sequence, message)


@dataclass
class Programs:
    """Both programs as a source of events: numbers them per key, seals what identifies, remembers what it told."""

    told: list[Told] = field(default_factory=list)
    sequences: dict[str, int] = field(default_factory=dict)

    def event(self, data: Event, *, person: PersonDetails | None = None, at: datetime = NOW) -> Envelope:
        """The next event of its key."""
        event_id = f"ev_{len(self.told) + 1:06d}"
        key = data.key
        self.sequences[key] = self.sequences.get(key, 0) + 1
        if person is not None:
            program = CWS if isinstance(data, cws.ClientUpserted) else CALWORKS
            sealed = seal_person(
                person,
                KEYS[COUNTY].keyring(program),
                event_id=event_id,
                event_type=data.type(),
                county=COUNTY,
                subject=data.subject,
            )
            data = data.model_copy(update={"person": sealed})
        source = cws.SOURCE if data.NAME.startswith("cws") else calworks.SOURCE
        envelope = Envelope(event_id, source, COUNTY, at, at, self.sequences[key], data)
        self.told.append(Told(envelope, person))
        return envelope


def program_of(envelope: Envelope) -> str:
    """Whose topic the event stands in."""
    return CWS if envelope.data.NAME.startswith("cws.") else CALWORKS


class Probed(Database):
    """A matcher's database whose operations ask the probe; it need not survive a power cut."""

    def __init__(self, url: str, clock: FrozenClock) -> None:
        super().__init__(url, clock=clock, pool_size=4)
        if self._file is not None:
            for engine in (self._file.writing, self._file.reading):
                sa.event.listen(engine, "connect", _hurry)

    @asynccontextmanager
    async def transaction(self, *, county: str | None = None) -> AsyncIterator[Connection]:
        """A transaction, whose lock and commit ask as well."""
        await _ask("BEGIN")
        async with super().transaction(county=county) as connection:
            yield Asking(connection)
            await _ask("COMMIT")

    @asynccontextmanager
    async def reading(self, *, county: str | None = None) -> AsyncIterator[Connection]:
        """A view."""
        async with super().reading(county=county) as connection:
            yield Asking(connection)


@dataclass(frozen=True)
class Asking:
    """A connection that asks before each statement."""

    connection: Connection

    @property
    def dialect(self) -> Dialect:
        """Whose SQL is spoken."""
        return self.connection.dialect

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        """Ask, then run it."""
        await _ask("statement")
        return await self.connection.execute(statement, parameters)

    async def run_sync(self, fn: Callable[..., Any], *arg: Any) -> Any:
        """Ask, then call it."""
        await _ask("statement")
        return await self.connection.run_sync(fn, *arg)


def _hurry(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


async def _ask(operation: str) -> None:
    if (probe := PROBE.get()) is not None:
        await probe(operation)


@contextmanager
def probed(probe: Probe) -> Iterator[None]:
    """Ask `probe` in this task, and in those that it starts here."""
    token = PROBE.set(probe)
    try:
        yield
    finally:
        PROBE.reset(token)


@dataclass
class Matcher:
    """One matcher process: its connections, its decider and its sweeper."""

    database: Database
    clock: FrozenClock
    decider: Decider
    sweeper: Sweeper = field(init=False)

    def __post_init__(self) -> None:
        self.sweeper = Sweeper(self.database, [COUNTY], mint("m"), UNCAPPED, self.decider.indexed)

    @classmethod
    async def open(cls, url: str, clock: FrozenClock | None = None) -> Self:
        """A matcher on a new or existing database."""
        clock = clock or FrozenClock(NOW)
        database = Probed(url, clock)
        async with database.transaction() as connection:
            await connection.run_sync(METADATA.create_all)
        decider = Decider(database, KEYS, {COUNTY: POLICY}, MODEL, asyncio.Event(), Live())
        return cls(database, clock, decider)

    def work(self) -> Work:
        """A transaction on behalf of a caller."""
        return Work(self.database, KEYS[COUNTY], COUNTY, self.decider.indexed, self.decider.live)

    async def index(self, *envelopes: Envelope) -> None:
        """One index transaction."""
        readable = [prepare(envelope, program_of(envelope), KEYS) for envelope in envelopes]
        async with self.database.transaction() as connection:
            await index(connection, readable, KEYS, self.clock.now())

    async def take(self, records: Sequence[Record]) -> None:
        """One transaction of the reader."""
        async with self.database.transaction() as connection:
            await reader.take(connection, records, KEYS, self.clock.now())

    async def round(self, limit: int = BATCH) -> int:
        """One decide transaction over at most `limit` rows."""
        self.decider.batch = limit
        return await self.decider.round()

    async def sweep(self) -> int:
        """One transaction over the blocks that were touched, if nobody else holds the lease."""
        return await self.sweeper.round()

    async def rest(self, limit: int = BATCH) -> None:
        """Decide until nothing is due."""
        for _ in range(2000):
            if not await self.round(limit):
                return
        raise AssertionError("the matcher does not come to rest")

    async def rows(self, query: sa.Select[Any]) -> list[Any]:
        """Read."""
        async with self.database.reading() as connection:
            return list((await connection.execute(query)).all())

    async def standing(self) -> Standing:
        """Links, reviews, mutual cases, standing alerts and tasks; no ids of rows, versions or numbers."""
        pairs = await self.rows(sa.select(PAIR))
        cases = await self.rows(sa.select(MUTUAL_CASE).where(MUTUAL_CASE.c.is_open))
        entries = await self.rows(
            sa.select(ENTRY, ALERT.c.type, ALERT.c.mutual_case, ALERT.c.cause, ALERT.c.legal_due)
            .join(ALERT, sa.and_(ALERT.c.county == ENTRY.c.county, ALERT.c.id == ENTRY.c.alert))
            .where(ENTRY.c.state.in_(("open", "acknowledged")), ALERT.c.type != "A26")
        )
        told = {(e.program, e.cause) for e in entries if e.type == "A02"}
        entries = [e for e in entries if e.type != "A02"]
        tasks = await self.rows(sa.select(TASK))
        return {
            "links": {(p.cws, p.calworks): _explained(p) for p in pairs if p.decision == "linked"},
            "reviews": {
                (p.cws, p.calworks): (*_explained(p), tuple(p.reasons))
                for p in pairs
                if p.decision == "review"
            },
            "cases": {(c.household, c.unit): tuple(c.types) for c in cases},
            "alerts": {
                (e.type, e.mutual_case, e.cause, e.program, e.inbox, e.role): (
                    e.legal_due,
                    tuple(
                        (
                            i["category"],
                            i["subject"],
                            i["source"],
                            i["rule"],
                            i["release"],
                            tuple(i["fields"]),
                        )
                        for i in e.items
                    ),
                )
                for e in entries
            },
            "tasks": {(t.program, t.inbox, t.intake) for t in tasks},
            "looks": told,
        }

    async def is_at_rest(self) -> bool:
        """Whether nothing is due."""
        async with self.database.reading() as connection:
            return await dues.nothing_is_due(connection, self.clock.now())


def _explained(pair: Any) -> tuple[float, tuple[tuple[Any, ...], ...]]:
    return pair.weight, tuple(tuple(part) for part in pair.because)


Kept = dict[sa.Table, list[dict[str, Any]]]
"""What is in a database."""


@dataclass
class Arena:
    """Some matchers on one database and one clock."""

    url: str
    matchers: list[Matcher]
    clock: FrozenClock

    @classmethod
    async def open(cls, url: str, size: int = 3) -> Self:
        """`size` matchers on an empty database."""
        clock = FrozenClock(NOW)
        return cls(url, [await Matcher.open(url, clock) for _ in range(size)], clock)

    @property
    def is_sqlite(self) -> bool:
        """Whether one writer at a time is all that the database knows."""
        return self.matchers[0].database.is_sqlite

    async def keep(self) -> Kept:
        """What is in the database, to come back to."""
        async with self.matchers[0].database.reading() as connection:
            return {
                table: [row._asdict() for row in await connection.execute(sa.select(table))]
                for table in METADATA.sorted_tables
            }

    async def restore(self, kept: Kept) -> None:
        """The database as it was; connections and compiled statements stay. Nothing may be under way."""
        async with self.matchers[0].database.transaction() as connection:
            for table in reversed(METADATA.sorted_tables):
                await connection.execute(table.delete())
            for table, rows in kept.items():
                if rows:
                    await connection.execute(insert_into(table), rows)

    async def wipe(self, cap: int = UNCAPPED) -> None:
        """An empty database again, and NOW; `cap`: how many people may share a blocking key."""
        await self.restore({})
        self.clock.set(NOW)
        for matcher in self.matchers:
            matcher.sweeper.cap = cap

    async def sweep(self) -> int:
        """What whichever matcher holds the lease has looked at and changed."""
        return sum([await matcher.sweep() for matcher in self.matchers])

    async def close(self) -> None:
        """Close every connection."""
        for matcher in self.matchers:
            await matcher.database.close()


def differences(found: Standing, wanted: Standing) -> str:
    """What the matcher has and the batch does not, and the other way round; empty when they are equal."""
    lines = []
    for name in wanted:
        one, other = _items(found[name]), _items(wanted[name])
        lines += [f"{name}: stands, and should not: {item}" for item in sorted(one - other, key=repr)]
        lines += [f"{name}: should stand, and does not: {item}" for item in sorted(other - one, key=repr)]
    return "\n".join(lines)


def _items(part: Any) -> set[Any]:
    return set(part.items()) if isinstance(part, dict) else set(part)


def records(told: Iterable[Told]) -> list[Record]:
    """Events as the reader finds them."""
    return [one.record() for one in told]
