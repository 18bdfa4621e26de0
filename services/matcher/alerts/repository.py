"""Alerts, entries and inbox counters in the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.matcher.alerts.inbox import InboxAddress
from services.matcher.tables import ALERT, ENTRY, INBOX_COUNTER, MUTUAL_CASE
from shared.database import Connection, upsert


@dataclass(frozen=True)
class AlertRepository:
    """Statements over one county's alerts."""

    connection: Connection
    county: str

    async def entries_of(self, mutual_cases: Collection[str]) -> list[Any]:
        """Every entry, standing or not, of these mutual cases, with its alert."""
        if not mutual_cases:
            return []
        theirs = sa.select(ALERT.c.id).where(
            ALERT.c.county == self.county, ALERT.c.mutual_case.in_(mutual_cases)
        )
        rows = await self.connection.execute(_entries().where(self._mine(), ENTRY.c.alert.in_(theirs)))
        return list(rows.all())

    async def inbox(
        self, program: str, inbox: str, *, after: int, limit: int, states: Collection[str] | None = None
    ) -> list[Any]:
        """The entries of an inbox in the order of `seq`."""
        query = _entries().where(
            self._mine(), ENTRY.c.program == program, ENTRY.c.inbox == inbox, ENTRY.c.seq > after
        )
        if states is not None:
            query = query.where(ENTRY.c.state.in_(states))
        return list((await self.connection.execute(query.order_by(ENTRY.c.seq).limit(limit))).all())

    async def entry(self, program: str, inboxes: Collection[str], alert: str) -> Any:
        """The entry of an alert in one of these inboxes; a worker's own before the liaison's."""
        rows = (
            await self.connection.execute(
                _entries().where(
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
        rows = await self.connection.execute(
            sa.select(ENTRY.c.seq, ENTRY.c.alert, ENTRY.c.change)
            .where(
                ENTRY.c.county == self.county,
                ENTRY.c.program == program,
                ENTRY.c.inbox == inbox,
                ENTRY.c.seq > after,
            )
            .order_by(ENTRY.c.seq)
            .limit(limit)
        )
        return list(rows.all())

    async def next_seqs(self, counts: dict[InboxAddress, int]) -> dict[InboxAddress, int]:
        """Lock the counters of inboxes, sorted, and draw numbers: the last one before those drawn."""
        if not counts:
            return {}
        insert, columns = upsert(self.connection, INBOX_COUNTER), INBOX_COUNTER.c
        rows = await self.connection.execute(
            insert.on_conflict_do_update(
                index_elements=[columns.county, columns.program, columns.inbox],
                set_={"last": columns.last + insert.excluded.last},
            ).returning(columns.county, columns.program, columns.inbox, columns.last),
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
                upsert(self.connection, ALERT).on_conflict_do_nothing(),
                [{"county": self.county, **r} for r in rows],
            )

    async def save_entries(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert or replace entries."""
        if not rows:
            return
        insert = upsert(self.connection, ENTRY)
        keys = ("county", "alert", "program", "inbox")
        await self.connection.execute(
            insert.on_conflict_do_update(
                index_elements=[ENTRY.c[name] for name in keys],
                set_={
                    c.name: insert.excluded[c.name] for c in ENTRY.c if c.name not in (*keys, "created_at")
                },
            ),
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


def _entries() -> sa.Select[Any]:
    return (
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
        )
    )
