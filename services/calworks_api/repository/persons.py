"""Persons; who they are is sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.calworks_api import tables as t
from services.calworks_api.domain.intake import Found
from services.calworks_api.domain.person import SEALED, Person, PersonNotFound, RecordIdTaken
from services.calworks_api.domain.unit import ADULTS
from services.calworks_api.repository.common import Repository
from shared.crypto import Keyring
from shared.database import Connection, insert_into, texts
from shared.events.person import PersonDetails

# Built once: this statement stands in every intake, and building one takes longer than running it.
_FIND = sa.union(  # an OR over two columns would look through the whole county
    sa.select(t.PERSON.c.ref, t.PERSON.c.record_id, t.PERSON.c.sensitivity).where(
        t.PERSON.c.county == sa.bindparam("county"), t.PERSON.c.ref.in_(texts("refs"))
    ),
    sa.select(t.PERSON.c.ref, t.PERSON.c.record_id, t.PERSON.c.sensitivity).where(
        t.PERSON.c.county == sa.bindparam("county"), t.PERSON.c.record_id.in_(texts("record_ids"))
    ),
)


class Persons(Repository):
    """Persons; `person` is sealed for the county and the reference that it belongs to."""

    def __init__(self, connection: Connection, county: str, ring: Keyring) -> None:
        super().__init__(connection, county)
        self._ring = ring

    def _associated(self, ref: str) -> bytes:
        return f"{self.county}/{ref}".encode()

    def _seal(self, person: Person) -> bytes:
        return self._ring.seal(
            person.details.model_dump_json(exclude_defaults=True).encode(), self._associated(person.ref)
        )

    def _read(self, row: Any) -> Person:
        plain = self._ring.open(row.person, self._associated(row.ref))
        return Person(
            ref=row.ref,
            record_id=row.record_id,
            details=PersonDetails.model_validate_json(plain),
            sensitivity=row.sensitivity,
            address_protected=row.address_protected,
            wtw_status=row.wtw_status,
            wtw_since=row.wtw_since,
            version=row.version,
        )

    async def find(self, refs: Sequence[str], record_ids: Sequence[str] = ()) -> list[Found]:
        """Those of these references and record_ids that are known, sealed ones among them."""
        if not refs and not record_ids:
            return []
        given = {"county": self.county, "refs": list(refs), "record_ids": list(record_ids)}
        rows = (await self.connection.execute(_FIND, given)).all()
        return [Found(ref, record_id, sensitivity == SEALED) for ref, record_id, sensitivity in rows]

    async def get(self, ref: str, *, lock: bool = False) -> Person:
        """A person. Raises PersonNotFound, for a sealed one too."""
        one = self._one(t.PERSON, ref)
        row = (await self.connection.execute(one.with_for_update() if lock else one)).one_or_none()
        if row is None or row.sensitivity == SEALED:
            raise PersonNotFound
        return self._read(row)

    async def page(self, after: str | None, limit: int) -> list[Person]:
        """Persons by reference, none of them sealed."""
        some = self._some(t.PERSON, after, limit).where(t.PERSON.c.sensitivity != SEALED)
        return [self._read(row) for row in await self._rows(some)]

    async def add(self, persons: Sequence[Person], at: datetime) -> None:
        """Store new persons. Raises RecordIdTaken if another call was first with a record_id."""
        if not persons:
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
            for one in persons
        ]
        try:
            await self.connection.execute(insert_into(t.PERSON), rows)
        except IntegrityError:
            raise RecordIdTaken from None

    async def change(self, person: Person, at: datetime) -> None:
        """Store the next version."""
        await self._next_version(
            t.PERSON,
            person.ref,
            at,
            person=self._seal(person),
            sensitivity=person.sensitivity,
            address_protected=person.address_protected,
        )

    async def change_status(self, person: Person, at: datetime) -> None:
        """Store the next version, which is in another welfare-to-work status."""
        await self._next_version(
            t.PERSON, person.ref, at, wtw_status=person.wtw_status, wtw_since=person.wtw_since
        )

    async def places(self, ref: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The units of a person, and the roles that he or she has anywhere."""
        member = t.UNIT_MEMBER.c
        parts = [
            sa.select(member.unit, member.role).where(member.county == self.county, member.person == ref),
            *(
                sa.select(sa.null(), table.c.role).where(table.c.county == self.county, table.c.person == ref)
                for table in (t.APPLICATION_PERSON, t.CASE_MEMBER)
            ),
        ]
        rows = (await self.connection.execute(sa.union_all(*parts))).all()
        units = {unit for unit, _ in rows if unit is not None}
        return tuple(sorted(units)), tuple(sorted({role for _, role in rows}))

    async def is_adult_member(self, ref: str) -> bool:
        """Whether the person is an adult member of a unit."""
        member = t.UNIT_MEMBER.c
        rows = await self._rows(
            sa.select(member.role).where(member.county == self.county, member.person == ref)
        )
        return any(row.role in ADULTS for row in rows)
