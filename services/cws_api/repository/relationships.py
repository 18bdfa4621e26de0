"""Relationships."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.cws_api import tables as t
from services.cws_api.domain.relationship import Relationship, RelationshipNotFound
from services.cws_api.repository.common import Repository, is_shown
from shared.database import insert_into

_COLUMNS = ("ref", "client", "to", "kind", "same_home", "from_date", "until_date", "version")


class Relationships(Repository):
    """Relationships; hidden with either of the two who is sealed or void."""

    def _shown(self) -> sa.ColumnElement[bool]:
        return sa.and_(
            *(
                sa.exists().where(
                    t.CLIENT.c.county == t.RELATIONSHIP.c.county, t.CLIENT.c.ref == end, is_shown(t.CLIENT)
                )
                for end in (t.RELATIONSHIP.c.client, t.RELATIONSHIP.c.to)
            )
        )

    async def get(self, ref: str, *, lock: bool = False) -> Relationship:
        """A relationship. Raises RelationshipNotFound."""
        one = self._one(t.RELATIONSHIP, ref).where(self._shown())
        rows = await self._rows(one.with_for_update() if lock else one)
        if not rows:
            raise RelationshipNotFound
        return _relationship(rows[0])

    async def page(self, after: str | None, limit: int, *, client: str | None = None) -> list[Relationship]:
        """Relationships by reference, of all or of one client: both what the client is and what others are to it."""
        some = self._some(t.RELATIONSHIP, after, limit).where(self._shown())
        if client is not None:
            some = some.where(sa.or_(t.RELATIONSHIP.c.client == client, t.RELATIONSHIP.c.to == client))
        return [_relationship(row) for row in await self._rows(some)]

    async def standing(self, client: str) -> list[Relationship]:
        """What a client is to others, the oldest first."""
        column = t.RELATIONSHIP.c
        rows = await self._rows(
            self._all(t.RELATIONSHIP)
            .where(column.client == client, column.until_date.is_(None))
            .order_by(column.created_at, column.ref)
        )
        return [_relationship(row) for row in rows]

    async def add(self, one: Relationship, at: datetime) -> None:
        """Store a new relationship."""
        row = self._stamped(
            one,
            at,
            client=one.client,
            to=one.to,
            kind=one.kind,
            same_home=one.same_home,
            from_date=one.from_date,
            until_date=one.until_date,
        )
        await self.connection.execute(insert_into(t.RELATIONSHIP), row)

    async def end(self, ended: Relationship, at: datetime) -> None:
        """Store the version that says when it ended."""
        await self._next_version(t.RELATIONSHIP, ended.ref, at, until_date=ended.until_date)


def _relationship(row: Any) -> Relationship:
    return Relationship(**{name: getattr(row, name) for name in _COLUMNS})
