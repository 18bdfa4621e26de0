"""A matcher without a bus: events in, rest, and what stands. Real SQLite, real sealing, a frozen clock."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.matcher import due as dues
from services.matcher.decider import Decider
from services.matcher.delivery.live import Live
from services.matcher.disclosure.policy import county_policy
from services.matcher.identity.scoring import load_model
from services.matcher.index import index, prepare
from services.matcher.tables import ALERT, ENTRY, METADATA, MUTUAL_CASE, PAIR
from shared.clock import FrozenClock
from shared.crypto import CountyKeys, KeyFile
from shared.database import Database
from shared.events import Envelope, Event, calworks, cws
from shared.events.person import PersonDetails
from shared.events.sealing import seal_person

COUNTY = "43"
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
KEYS: dict[str, CountyKeys] = KeyFile(counties={COUNTY: KeyFile.county()}).keys()
UPSERTS = (cws.ClientUpserted, calworks.PersonUpserted)


@dataclass
class Programs:
    """Both programs as a source of events: numbers them per key and seals what identifies."""

    sequences: dict[str, int] = field(default_factory=dict)
    made: int = 0

    def event(self, data: Event, *, person: PersonDetails | None = None, at: datetime = NOW) -> Envelope:
        """The next event of its key."""
        self.made += 1
        event_id = f"ev_{self.made:06d}"
        key = data.key
        self.sequences[key] = self.sequences.get(key, 0) + 1
        if person is not None:
            program = "cws" if isinstance(data, cws.ClientUpserted) else "calworks"
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
        return Envelope(event_id, source, COUNTY, at, at, self.sequences[key], data)


def program_of(envelope: Envelope) -> str:
    """Whose topic the event stands in."""
    return "cws" if envelope.data.NAME.startswith("cws.") else "calworks"


@dataclass
class Matcher:
    """One database, any number of deciders over it."""

    database: Database
    clock: FrozenClock
    decider: Decider

    @classmethod
    async def open(cls, path: Path, clock: FrozenClock | None = None) -> "Matcher":
        """A matcher on a new or existing file."""
        clock = clock or FrozenClock(NOW)
        database = Database(f"sqlite+aiosqlite:///{path}", clock=clock)
        async with database.transaction() as connection:
            await connection.run_sync(METADATA.create_all)
        policies = {COUNTY: county_policy(COUNTY, date(2026, 11, 20))}
        decider = Decider(database, KEYS, policies, load_model(), asyncio.Event(), Live())
        return cls(database, clock, decider)

    async def index(self, *envelopes: Envelope) -> None:
        """One index transaction."""
        readable = [prepare(envelope, program_of(envelope), KEYS) for envelope in envelopes]
        async with self.database.transaction() as connection:
            await index(connection, readable, KEYS, self.clock.now())

    async def rest(self) -> None:
        """Decide until nothing is due."""
        for _ in range(1000):
            if not await self.decider.round():
                return
        raise AssertionError("the matcher does not come to rest")

    async def rows(self, query: sa.Select[Any]) -> Sequence[Any]:
        """Read."""
        async with self.database.reading() as connection:
            return (await connection.execute(query)).all()

    async def standing(self) -> dict[str, Any]:
        """Links, reviews, mutual cases and standing alerts; no ids of rows, versions or numbers."""
        pairs = await self.rows(sa.select(PAIR).order_by(PAIR.c.cws, PAIR.c.calworks))
        cases = await self.rows(sa.select(MUTUAL_CASE).where(MUTUAL_CASE.c.is_open))
        entries = await self.rows(
            sa.select(ENTRY, ALERT.c.type, ALERT.c.mutual_case, ALERT.c.cause)
            .join(ALERT, sa.and_(ALERT.c.county == ENTRY.c.county, ALERT.c.id == ENTRY.c.alert))
            .where(ENTRY.c.state.in_(("open", "acknowledged")))
        )
        return {
            "links": {(p.cws, p.calworks): round(p.weight, 6) for p in pairs if p.decision == "linked"},
            "reviews": {
                (p.cws, p.calworks): (round(p.weight, 6), tuple(sorted(p.reasons)))
                for p in pairs
                if p.decision == "review"
            },
            "cases": {(c.household, c.unit): tuple(c.types) for c in cases},
            "alerts": {
                (e.type, e.mutual_case, e.cause, e.program, e.inbox, e.role): sorted(
                    (i["category"], i["subject"], i["source"], i["rule"]) for i in e.items
                )
                for e in entries
            },
        }

    async def is_at_rest(self) -> bool:
        """Whether nothing is due."""
        async with self.database.reading() as connection:
            return await dues.nothing_is_due(connection, self.clock.now())
