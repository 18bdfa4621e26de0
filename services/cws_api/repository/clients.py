"""Clients; who they are is sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.cws_api import tables as t
from services.cws_api.domain.client import SEALED, Client, ClientNotFound, RecordIdTaken
from services.cws_api.domain.intake import Found
from services.cws_api.domain.referral import CHILD
from services.cws_api.repository.common import Repository
from shared.crypto import Keyring
from shared.database import Connection, insert_into, texts
from shared.events.person import PersonDetails

# Built once: this statement stands in every intake, and building one takes longer than running it.
_FIND = sa.union(  # an OR over two columns would look through the whole county
    sa.select(t.CLIENT.c.ref, t.CLIENT.c.record_id, t.CLIENT.c.sensitivity).where(
        t.CLIENT.c.county == sa.bindparam("county"), t.CLIENT.c.ref.in_(texts("refs"))
    ),
    sa.select(t.CLIENT.c.ref, t.CLIENT.c.record_id, t.CLIENT.c.sensitivity).where(
        t.CLIENT.c.county == sa.bindparam("county"), t.CLIENT.c.record_id.in_(texts("record_ids"))
    ),
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
        )

    async def find(self, refs: Sequence[str], record_ids: Sequence[str] = ()) -> list[Found]:
        """Those of these references and record_ids that are known, sealed ones among them."""
        if not refs and not record_ids:
            return []
        given = {"county": self.county, "refs": list(refs), "record_ids": list(record_ids)}
        rows = (await self.connection.execute(_FIND, given)).all()
        return [Found(ref, record_id, sensitivity == SEALED) for ref, record_id, sensitivity in rows]

    async def get(self, ref: str, *, lock: bool = False) -> Client:
        """A client. Raises ClientNotFound, for a sealed one too."""
        one = self._one(t.CLIENT, ref)
        row = (await self.connection.execute(one.with_for_update() if lock else one)).one_or_none()
        if row is None or row.sensitivity == SEALED:
            raise ClientNotFound
        return self._read(row)

    async def page(self, after: str | None, limit: int) -> list[Client]:
        """Clients by reference, none of them sealed."""
        some = self._some(t.CLIENT, after, limit).where(t.CLIENT.c.sensitivity != SEALED)
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

    async def places(self, ref: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The households of a client, and the roles that he or she has anywhere."""
        member = t.HOUSEHOLD_MEMBER.c
        parts = [
            sa.select(member.household, member.role).where(
                member.county == self.county, member.client == ref, member.until_date.is_(None)
            ),
            *(
                sa.select(sa.null(), table.c.role).where(table.c.county == self.county, table.c.client == ref)
                for table in (t.REFERRAL_PARTICIPANT, t.CASE_PARTICIPANT)
            ),
        ]
        rows = (await self.connection.execute(sa.union_all(*parts))).all()
        households = {household for household, _ in rows if household is not None}
        return tuple(sorted(households)), tuple(sorted({role for _, role in rows}))

    async def is_child(self, ref: str) -> bool:
        """Whether the client is a child somewhere."""
        return CHILD in (await self.places(ref))[1]
