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
from shared.database import Connection, among, insert_into
from shared.events.person import PersonDetails

_SURVIVOR = t.PERSON.alias("survivor")
_KNOWN = (
    sa.select(
        t.PERSON.c.ref,
        t.PERSON.c.record_id,
        t.PERSON.c.sensitivity,
        t.PERSON.c.voided_at,
        t.PERSON.c.merged_into,
        _SURVIVOR.c.record_id.label("survivor_record_id"),
    )
    .outerjoin(
        _SURVIVOR,
        sa.and_(_SURVIVOR.c.county == t.PERSON.c.county, _SURVIVOR.c.ref == t.PERSON.c.merged_into),
    )
    .where(t.PERSON.c.county == sa.bindparam("county"))
)
# Built once: this statement stands in every intake, and building one takes longer than running it.
_FIND = sa.union(  # an OR over two columns would look through the whole county
    _KNOWN.where(among(t.PERSON.c.ref, "refs")),
    _KNOWN.where(among(t.PERSON.c.record_id, "record_ids")),
)


class Persons(Repository):
    """Persons; `person` and `county_id` are sealed for the county and the reference that they belong to."""

    def __init__(self, connection: Connection, county: str, ring: Keyring) -> None:
        super().__init__(connection, county)
        self._ring = ring

    def _associated(self, ref: str) -> bytes:
        return f"{self.county}/{ref}".encode()

    def _seal(self, person: Person) -> bytes:
        return self._ring.seal(
            person.details.model_dump_json(exclude_defaults=True).encode(), self._associated(person.ref)
        )

    def _seal_county_id(self, person: Person) -> bytes | None:
        if person.county_id is None:
            return None
        return self._ring.seal(person.county_id.encode(), self._associated(f"{person.ref}/county_id"))

    def _read(self, row: Any) -> Person:
        plain = self._ring.open(row.person, self._associated(row.ref))
        county_id = None
        if row.county_id is not None:
            county_id = self._ring.open(row.county_id, self._associated(f"{row.ref}/county_id")).decode()
        return Person(
            ref=row.ref,
            record_id=row.record_id,
            details=PersonDetails.model_validate_json(plain),
            sensitivity=row.sensitivity,
            address_protected=row.address_protected,
            wtw_status=row.wtw_status,
            wtw_since=row.wtw_since,
            county_id=county_id,
            merged_into=row.merged_into,
            version=row.version,
        )

    async def find(self, refs: Sequence[str], record_ids: Sequence[str] = ()) -> list[Found]:
        """Those of these references and record_ids that are known, sealed and void ones among them."""
        if not refs and not record_ids:
            return []
        given = {"county": self.county, "refs": list(refs), "record_ids": list(record_ids)}
        rows = (await self.connection.execute(_FIND, given)).all()
        return [
            Found(
                ref=row.ref,
                record_id=row.record_id,
                is_hidden=row.sensitivity == SEALED or row.voided_at is not None,
                person=row.merged_into or row.ref,
                person_record_id=row.survivor_record_id if row.merged_into else row.record_id,
            )
            for row in rows
        ]

    async def get(self, ref: str, *, lock: bool = False) -> Person:
        """A person. Raises PersonNotFound, for one who is sealed or void too."""
        one = self._one(t.PERSON, ref)
        row = (await self.connection.execute(one.with_for_update() if lock else one)).one_or_none()
        if row is None or row.sensitivity == SEALED or row.voided_at is not None:
            raise PersonNotFound
        return self._read(row)

    async def both(self, one: str, other: str) -> dict[str, Person]:
        """Those of two who are known and neither sealed nor void, locked in the order of their references."""
        some = _visible(self._all(t.PERSON)).where(t.PERSON.c.ref.in_((one, other)))
        rows = await self._rows(some.order_by(t.PERSON.c.ref).with_for_update())
        return {row.ref: self._read(row) for row in rows}

    async def merged_into(self, ref: str) -> list[Person]:
        """Those whose records were merged into this one, locked."""
        some = _visible(self._all(t.PERSON)).where(t.PERSON.c.merged_into == ref)
        return [self._read(row) for row in await self._rows(some.order_by(t.PERSON.c.ref).with_for_update())]

    async def page(self, after: str | None, limit: int) -> list[Person]:
        """Persons by reference, none of them sealed or void."""
        some = self._some(t.PERSON, after, limit)
        return [self._read(row) for row in await self._rows(_visible(some))]

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
                county_id=self._seal_county_id(one),
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
            county_id=self._seal_county_id(person),
        )

    async def merge(self, retired: Person, at: datetime) -> None:
        """Store the version that counts for its survivor; the records merged into it before follow."""
        await self._next_version(t.PERSON, retired.ref, at, merged_into=retired.merged_into)
        person = t.PERSON.c
        await self.connection.execute(
            t.PERSON.update()
            .where(person.county == self.county, person.merged_into == retired.ref)
            .values(merged_into=retired.merged_into, version=person.version + 1, changed_at=at)
        )

    async def void(self, ref: str, at: datetime) -> None:
        """Hide a record that was entered in error; its record_id is free again."""
        await self._next_version(t.PERSON, ref, at, voided_at=at, record_id=None)

    async def change_status(self, person: Person, at: datetime) -> None:
        """Store the next version, which is in another welfare-to-work status."""
        await self._next_version(
            t.PERSON, person.ref, at, wtw_status=person.wtw_status, wtw_since=person.wtw_since
        )

    async def places(self, ref: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The units of a person, and the roles that he or she has anywhere, under any of the references."""
        member, records = t.UNIT_MEMBER.c, self._records_of(ref)
        parts = [
            sa.select(member.unit, member.role).where(
                member.county == self.county, member.person.in_(records)
            ),
            *(
                sa.select(sa.null(), table.c.role).where(
                    table.c.county == self.county, table.c.person.in_(records)
                )
                for table in (t.APPLICATION_PERSON, t.CASE_MEMBER)
            ),
        ]
        rows = (await self.connection.execute(sa.union_all(*parts))).all()
        units = {unit for unit, _ in rows if unit is not None}
        return tuple(sorted(units)), tuple(sorted({role for _, role in rows}))

    async def is_adult_member(self, ref: str) -> bool:
        """Whether the person is an adult member of a unit, under any of his or her references."""
        member = t.UNIT_MEMBER.c
        rows = await self._rows(
            sa.select(member.role).where(
                member.county == self.county, member.person.in_(self._records_of(ref))
            )
        )
        return any(row.role in ADULTS for row in rows)

    async def is_aided(self, ref: str) -> bool:
        """Whether the person is a member of an active case."""
        member, case = t.CASE_MEMBER.c, t.CASE.c
        rows = await self._rows(
            sa.select(member.case)
            .join(t.CASE, sa.and_(case.county == member.county, case.ref == member.case))
            .where(member.county == self.county, member.person == ref, case.status == "active")
            .limit(1)
        )
        return bool(rows)


def _visible(some: sa.Select[Any]) -> sa.Select[Any]:
    """Those of some persons who are neither sealed nor void."""
    return some.where(t.PERSON.c.sensitivity != SEALED, t.PERSON.c.voided_at.is_(None))
