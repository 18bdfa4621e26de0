"""Reviews, claims and verdicts in the database, of one county. A pair is asked for by what it is called outside."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.matcher.identity.resolution import Ends
from services.matcher.tables import PAIR, REVIEW_CLAIM, VERDICT
from shared.database import Connection, among, insert_into, upsert
from shared.records import OF_COUNTY, OF_REF

_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_OLDEST_FIRST = (
    sa.select(PAIR)
    .where(
        PAIR.c.county == _COUNTY,
        PAIR.c.decision == "review",
        PAIR.c.decided_at >= sa.bindparam("since"),
        sa.or_(PAIR.c.decided_at > sa.bindparam("since"), PAIR.c.id > sa.bindparam("after")),
    )
    .order_by(PAIR.c.decided_at, PAIR.c.id)
    .limit(sa.bindparam("limit"))
)
_PAIRS = sa.select(PAIR).where(PAIR.c.county == _COUNTY, among(PAIR.c.id, "ids"))
_PAIR = sa.select(PAIR).where(PAIR.c.county == _COUNTY, PAIR.c.id == sa.bindparam("id"))
_PAIR_TO_WRITE = _PAIR.with_for_update()
_OF_PAIR = (
    REVIEW_CLAIM.c.county == _COUNTY,
    REVIEW_CLAIM.c.cws == sa.bindparam("cws"),
    REVIEW_CLAIM.c.calworks == sa.bindparam("calworks"),
)
_CLAIMS = sa.select(REVIEW_CLAIM).where(REVIEW_CLAIM.c.county == _COUNTY, among(REVIEW_CLAIM.c.cws, "cws"))
_GIVE_UP = REVIEW_CLAIM.delete().where(*_OF_PAIR)
_NEWEST_FIRST = (
    sa.select(VERDICT)
    .where(
        VERDICT.c.county == _COUNTY,
        sa.or_(
            VERDICT.c.at < sa.bindparam("at"),
            sa.and_(VERDICT.c.at == sa.bindparam("at"), VERDICT.c.id < sa.bindparam("id")),
        ),
    )
    .order_by(VERDICT.c.at.desc(), VERDICT.c.id.desc())
    .limit(sa.bindparam("limit"))
)
_VERDICT = sa.select(VERDICT).where(VERDICT.c.county == _COUNTY, VERDICT.c.id == sa.bindparam("id"))
_VERDICT_TO_WRITE = _VERDICT.with_for_update()
_UNDO = (
    VERDICT.update()
    .where(VERDICT.c.county == OF_COUNTY, VERDICT.c.id == OF_REF)
    .values(version=VERDICT.c.version + 1)
)


@dataclass(frozen=True)
class VerdictRepository:
    """Statements over one county's reviews and verdicts."""

    connection: Connection
    county: str

    async def waiting(self, since: datetime, after: str, limit: int) -> Sequence[Any]:
        """Pairs in review, the oldest decision first: those after the one decided then and called that."""
        asked = {"county": self.county, "since": since, "after": after, "limit": limit}
        return (await self.connection.execute(_OLDEST_FIRST, asked)).all()

    async def called(self, idents: Collection[str]) -> Sequence[Any]:
        """The rows of the pairs that are called so."""
        if not idents:
            return []
        return (await self.connection.execute(_PAIRS, {"county": self.county, "ids": sorted(idents)})).all()

    async def pair(self, ident: str, *, lock: bool = False) -> Any:
        """The row of a pair, or None; locked, nobody else claims or judges it meanwhile."""
        statement = _PAIR_TO_WRITE if lock else _PAIR
        return (await self.connection.execute(statement, {"county": self.county, "id": ident})).one_or_none()

    async def claims(self, ends: Collection[Ends], now: datetime) -> dict[Ends, Any]:
        """The claims of these pairs that have not run out."""
        if not ends:
            return {}
        asked = {"county": self.county, "cws": sorted({cws for cws, _ in ends})}
        rows = await self.connection.execute(_CLAIMS, asked)
        return {(row.cws, row.calworks): row for row in rows if row.until > now}

    async def claim(self, ends: Ends, worker: str, until: datetime) -> None:
        """Give a pair to a worker until that time."""
        await self.connection.execute(
            upsert(self.connection, REVIEW_CLAIM, replace=("worker", "until")),
            {"county": self.county, "cws": ends[0], "calworks": ends[1], "worker": worker, "until": until},
        )

    async def give_up(self, ends: Ends) -> None:
        """End the claim of a pair."""
        asked = {"county": self.county, "cws": ends[0], "calworks": ends[1]}
        await self.connection.execute(_GIVE_UP, asked)

    async def add(self, row: dict[str, Any]) -> None:
        """Store a verdict."""
        await self.connection.execute(insert_into(VERDICT), {"county": self.county, "version": 1, **row})

    async def verdict(self, ident: str, *, lock: bool = False) -> Any:
        """A verdict, or None."""
        statement = _VERDICT_TO_WRITE if lock else _VERDICT
        asked = {"county": self.county, "id": ident}
        return (await self.connection.execute(statement, asked)).one_or_none()

    async def newest(self, at: datetime, ident: str, limit: int) -> Sequence[Any]:
        """Verdicts before that one, the newest first."""
        asked = {"county": self.county, "at": at, "id": ident, "limit": limit}
        return (await self.connection.execute(_NEWEST_FIRST, asked)).all()

    async def undo(self, ident: str, values: dict[str, Any]) -> None:
        """Write who took a verdict back, when and why."""
        await self.connection.execute(_UNDO, {"of_county": self.county, "of_ref": ident, **values})
