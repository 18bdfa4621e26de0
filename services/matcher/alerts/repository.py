"""Alerts, entries and inbox counters in the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.matcher.alerts.inbox import InboxAddress
from services.matcher.tables import ALERT, ENTRY, INBOX_COUNTER, MUTUAL_CASE
from shared.database import Connection, among, upsert

_ENTRIES = (
    sa.select(
        ENTRY,
        ALERT.c.type,
        ALERT.c.mutual_case,
        ALERT.c.cause,
        ALERT.c.legal_due,
        MUTUAL_CASE.c.household,
    )
    .join(ALERT, sa.and_(ALERT.c.county == ENTRY.c.county, ALERT.c.id == ENTRY.c.alert))
    .join(
        MUTUAL_CASE,
        sa.and_(MUTUAL_CASE.c.county == ALERT.c.county, MUTUAL_CASE.c.id == ALERT.c.mutual_case),
        isouter=True,  # a doubtful match is of none
    )
)
# Entries are locked in this one order, then counters of inboxes in theirs: so nobody waits for each other.
_LOCKED = _ENTRIES.order_by(ENTRY.c.alert, ENTRY.c.program, ENTRY.c.inbox).with_for_update(of=ENTRY)
_ENTRIES_OF = _LOCKED.where(
    ENTRY.c.county == sa.bindparam("county"),
    ENTRY.c.alert.in_(
        sa.select(ALERT.c.id).where(
            ALERT.c.county == sa.bindparam("county"), among(ALERT.c.mutual_case, "cases")
        )
    ),
)
_CHANGES = (
    sa.select(ENTRY.c.seq, ENTRY.c.alert, ENTRY.c.change)
    .where(
        ENTRY.c.county == sa.bindparam("county"),
        ENTRY.c.program == sa.bindparam("program"),
        ENTRY.c.inbox == sa.bindparam("inbox"),
        ENTRY.c.seq > sa.bindparam("after"),
    )
    .order_by(ENTRY.c.seq)
    .limit(sa.bindparam("limit"))
)
_CHANGING = tuple(c.name for c in ENTRY.c if not c.primary_key and c.name != "created_at")


@dataclass(frozen=True)
class AlertRepository:
    """Statements over one county's alerts."""

    connection: Connection
    county: str

    async def entries_of(self, mutual_cases: Collection[str]) -> list[Any]:
        """Every entry, standing or not, of these mutual cases, with its alert; locked."""
        if not mutual_cases:
            return []
        rows = await self.connection.execute(
            _ENTRIES_OF, {"county": self.county, "cases": list(mutual_cases)}
        )
        return list(rows.all())

    async def inbox(
        self, program: str, inbox: str, *, after: int, limit: int, states: Collection[str] | None = None
    ) -> list[Any]:
        """The entries of an inbox in the order of `seq`; locked."""
        mine = (self._mine(), ENTRY.c.program == program, ENTRY.c.inbox == inbox)
        chosen = sa.select(ENTRY.c.alert).where(*mine, ENTRY.c.seq > after)
        if states is not None:
            chosen = chosen.where(ENTRY.c.state.in_(states))
        chosen = chosen.order_by(ENTRY.c.seq).limit(limit)
        rows = (await self.connection.execute(_LOCKED.where(*mine, ENTRY.c.alert.in_(chosen)))).all()
        return sorted(rows, key=lambda row: row.seq)

    async def entry(self, program: str, inboxes: Collection[str], alert: str) -> Any:
        """The entry of an alert in one of these inboxes, locked; a worker's own before the liaison's."""
        rows = (
            await self.connection.execute(
                _LOCKED.where(
                    self._mine(),
                    ENTRY.c.program == program,
                    ENTRY.c.inbox.in_(inboxes),
                    ENTRY.c.alert == alert,
                )
            )
        ).all()
        order = list(inboxes)
        return min(rows, key=lambda row: order.index(row.inbox), default=None)

    async def changes(self, program: str, inbox: str, *, after: int, limit: int) -> list[Any]:
        """What changed in an inbox after a `seq`: ids and kinds alone."""
        asked = {"county": self.county, "program": program, "inbox": inbox, "after": after, "limit": limit}
        rows = await self.connection.execute(_CHANGES, asked)
        return list(rows.all())

    async def next_seqs(self, counts: dict[InboxAddress, int]) -> dict[InboxAddress, int]:
        """Lock the counters of inboxes, sorted, and draw numbers: the last one before those drawn."""
        if not counts:
            return {}
        drawing = upsert(
            self.connection, INBOX_COUNTER, add=("last",), returning=("county", "program", "inbox", "last")
        )
        rows = await self.connection.execute(
            drawing,
            [
                {"county": a.county, "program": a.program, "inbox": a.inbox, "last": n}
                for a, n in sorted(counts.items())
            ],
        )
        drawn = {InboxAddress(county, program, inbox): last for county, program, inbox, last in rows}
        return {address: last - counts[address] for address, last in drawn.items()}

    async def save_alerts(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert alerts that are not there yet."""
        if rows:
            await self.connection.execute(
                upsert(self.connection, ALERT), [{"county": self.county, **r} for r in rows]
            )

    async def save_entries(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert or replace entries."""
        if not rows:
            return
        await self.connection.execute(
            upsert(self.connection, ENTRY, replace=_CHANGING),
            [{"county": self.county, **row} for row in rows],
        )

    async def mark(self, rows: Sequence[Any], **values: object) -> None:
        """Set columns of some entries."""
        for row in rows:
            await self.connection.execute(
                ENTRY.update()
                .where(
                    ENTRY.c.county == self.county,
                    ENTRY.c.alert == row.alert,
                    ENTRY.c.program == row.program,
                    ENTRY.c.inbox == row.inbox,
                )
                .values(**values)
            )

    def _mine(self) -> sa.ColumnElement[bool]:
        return ENTRY.c.county == self.county
