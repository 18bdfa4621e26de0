"""Clients; who they are is sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.cws_api import tables as t
from services.cws_api.domain.client import SEALED, Client, ClientNotFound, Places, RecordIdTaken
from services.cws_api.domain.intake import Found
from services.cws_api.domain.placement import CAREGIVER
from services.cws_api.domain.referral import CHILD
from services.cws_api.repository.common import Repository, is_shown
from shared.crypto import Keyring
from shared.database import Connection, among, insert_into
from shared.events.person import PersonDetails

# Built once: these statements stand in most calls, and building one takes longer than running it.
_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_KNOWN = sa.select(
    t.CLIENT.c.ref, t.CLIENT.c.record_id, t.CLIENT.c.sensitivity, t.CLIENT.c.merged_into
).where(t.CLIENT.c.county == _COUNTY, t.CLIENT.c.voided_at.is_(None))
_FIND = sa.union(  # an OR over two columns would look through the whole county
    _KNOWN.where(among(t.CLIENT.c.ref, "refs")),
    _KNOWN.where(among(t.CLIENT.c.record_id, "record_ids")),
)

_IN_HOUSEHOLD = sa.and_(
    t.HOUSEHOLD.c.county == t.HOUSEHOLD_MEMBER.c.county, t.HOUSEHOLD.c.ref == t.HOUSEHOLD_MEMBER.c.household
)
_PLACES = sa.union_all(
    sa.select(t.HOUSEHOLD_MEMBER.c.household, t.HOUSEHOLD_MEMBER.c.role, t.HOUSEHOLD.c.protected)
    .join(t.HOUSEHOLD, _IN_HOUSEHOLD)
    .where(
        t.HOUSEHOLD_MEMBER.c.county == _COUNTY,
        among(t.HOUSEHOLD_MEMBER.c.client, "refs"),
        t.HOUSEHOLD_MEMBER.c.until_date.is_(None),
    ),
    *(
        sa.select(sa.null(), table.c.role, sa.false()).where(
            table.c.county == _COUNTY, among(table.c.client, "refs")
        )
        for table in (t.REFERRAL_PARTICIPANT, t.CASE_PARTICIPANT)
    ),
    sa.select(sa.null(), sa.literal_column(f"'{CAREGIVER}'"), sa.false()).where(
        t.RELATIVE_PLACEMENT.c.county == _COUNTY,
        among(t.RELATIVE_PLACEMENT.c.caregiver, "refs"),
        t.RELATIVE_PLACEMENT.c.ended_on.is_(None),
    ),
)

_NAMED = t.CLIENT.alias("named")
_SURVIVOR = (
    sa.select(sa.func.coalesce(_NAMED.c.merged_into, _NAMED.c.ref))
    .where(_NAMED.c.county == _COUNTY, _NAMED.c.ref == sa.bindparam("of"))
    .scalar_subquery()
)
_SAME = sa.union(
    *(
        sa.select(t.CLIENT.c.ref).where(t.CLIENT.c.county == _COUNTY, column == _SURVIVOR)
        for column in (t.CLIENT.c.ref, t.CLIENT.c.merged_into)
    )
)


class Clients(Repository):
    """Clients; `person` is sealed for the county and the reference that it belongs to."""

    def __init__(self, connection: Connection, county: str, ring: Keyring) -> None:
        super().__init__(connection, county)
        self._ring = ring

    def _associated(self, ref: str) -> bytes:
        return f"{self.county}/{ref}".encode()

    def _seal(self, client: Client) -> bytes:
        return self._ring.seal(
            client.details.model_dump_json(exclude_defaults=True).encode(), self._associated(client.ref)
        )

    def _read(self, row: Any) -> Client:
        plain = self._ring.open(row.person, self._associated(row.ref))
        return Client(
            ref=row.ref,
            record_id=row.record_id,
            details=PersonDetails.model_validate_json(plain),
            sensitivity=row.sensitivity,
            address_protected=row.address_protected,
            version=row.version,
            merged_into=row.merged_into,
        )

    async def find(self, refs: Sequence[str], record_ids: Sequence[str] = ()) -> list[Found]:
        """Those of these references and record_ids that are known: sealed and merged ones, none that is void."""
        if not refs and not record_ids:
            return []
        rows = await self._known(refs, record_ids)
        retired = [row.merged_into for row in rows if row.merged_into is not None]
        survivors = {
            row.ref: Found(row.ref, row.record_id, row.sensitivity == SEALED)
            for row in (await self._known(retired, ()) if retired else ())
        }
        return [
            Found(row.ref, row.record_id, row.sensitivity == SEALED, survivors.get(row.merged_into))
            for row in rows
        ]

    async def _known(self, refs: Sequence[str], record_ids: Sequence[str]) -> Sequence[Any]:
        given = {"county": self.county, "refs": list(refs), "record_ids": list(record_ids)}
        rows: Sequence[Any] = (await self.connection.execute(_FIND, given)).all()
        return rows

    async def get(self, ref: str) -> Client:
        """A client, merged or not. Raises ClientNotFound, for a sealed or void one too."""
        return await self._shown(self._one(t.CLIENT, ref))

    async def to_change(self, ref: str) -> Client:
        """A client, locked. Raises ClientNotFound, for a sealed or void one too; ClientIsMerged."""
        client = await self._shown(self._one(t.CLIENT, ref).with_for_update())
        client.check_current()
        return client

    async def _shown(self, one: sa.Select[Any]) -> Client:
        row = (await self.connection.execute(one.where(is_shown(t.CLIENT)))).one_or_none()
        if row is None:
            raise ClientNotFound
        return self._read(row)

    async def page(self, after: str | None, limit: int) -> list[Client]:
        """Clients by reference, none of them sealed or void."""
        some = self._some(t.CLIENT, after, limit).where(is_shown(t.CLIENT))
        return [self._read(row) for row in await self._rows(some)]

    async def add(self, clients: Sequence[Client], at: datetime) -> None:
        """Store new clients. Raises RecordIdTaken if another call was first with a record_id."""
        if not clients:
            return
        rows = [
            self._stamped(
                one,
                at,
                record_id=one.record_id,
                person=self._seal(one),
                sensitivity=one.sensitivity,
                address_protected=one.address_protected,
            )
            for one in clients
        ]
        try:
            await self.connection.execute(insert_into(t.CLIENT), rows)
        except IntegrityError:
            raise RecordIdTaken from None

    async def change(self, client: Client, at: datetime) -> None:
        """Store the next version."""
        await self._next_version(
            t.CLIENT,
            client.ref,
            at,
            person=self._seal(client),
            sensitivity=client.sensitivity,
            address_protected=client.address_protected,
        )

    async def merge(self, merged: Client, at: datetime) -> None:
        """Store the version that says what it was merged into; those merged into it before follow."""
        for ref in await self.same(merged.ref):
            await self._next_version(t.CLIENT, ref, at, merged_into=merged.merged_into)

    async def void(self, ref: str, at: datetime) -> None:
        """Hide a record that was made in error; its record_id is free again."""
        await self._next_version(t.CLIENT, ref, at, voided_at=at, record_id=None)

    async def same(self, ref: str) -> list[str]:
        """Every record of one person: the one that counts, and those merged into it."""
        rows = await self.connection.execute(_SAME, {"county": self.county, "of": ref})
        return [row[0] for row in rows]

    async def places(self, ref: str) -> Places:
        """Where a client is, under each record that was merged into this one too."""
        rows = (await self.connection.execute(_PLACES, self._named(await self.same(ref)))).all()
        return Places(
            households=tuple(sorted({household for household, _, _ in rows if household is not None})),
            roles=tuple(sorted({role for _, role, _ in rows})),
            protected=any(protected for _, _, protected in rows),
        )

    async def is_child(self, ref: str) -> bool:
        """Whether the client is a child somewhere."""
        return CHILD in (await self.places(ref)).roles
